package export

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"go/token"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/objdisco/discover/sandbox/graph"
)

//go:embed go.tmpl
var goText string

var goTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("go").Parse(goText))
})

// goFields are the fields of Batch that hold the inputs.
var goFields = map[graph.Op]string{
	graph.PolicyChosen: "PolicyChosen", graph.PolicyRejected: "PolicyRejected",
	graph.RefChosen: "RefChosen", graph.RefRejected: "RefRejected",
	graph.ChosenLen: "ChosenLen", graph.RejectedLen: "RejectedLen",
	graph.Beta: "Beta", graph.Progress: "Progress",
}

// goFiles writes an objective as a Go package.
func goFiles(o Objective) ([]file, error) {
	p, err := compile(o.Graph)
	if err != nil {
		return nil, err
	}
	about, err := o.description()
	if err != nil {
		return nil, err
	}
	w := newGoWriter(p)
	body := w.body()
	name := o.stem()
	var out bytes.Buffer
	err = goTemplate().Execute(&out, map[string]any{
		"Package": name, "Title": o.title(), "About": about, "Code": block(o.Candidate.Code),
		"Params": w.params, "Body": body, "Helpers": w.helpers(), "Math": strings.Contains(body+w.helpers(), "math."),
		"Slices":     strings.Contains(w.helpers(), "slices."),
		"Statistics": p.statistics(), "Pairs": o.pairsPerBatch(), "Progress": p.has(graph.Progress), "Lengths": p.has(graph.ChosenLen) || p.has(graph.RejectedLen),
	})
	if err != nil {
		return nil, err
	}
	source, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("generated Go: %w", err)
	}
	return []file{{name + "/" + "loss.go", source}}, nil
}

// goParam is a field of the generated Params.
type goParam struct{ Field, Name, Value, Role string }

// goWriter writes the body of the generated Loss. Without batch statistics it is one
// loop over the pairs; with them there is a loop for each level, and what later loops
// need is kept in slices. What is used once and short stands where it is used.
type goWriter struct {
	*program
	*namer
	params   []goParam
	fused    bool
	variable []bool // nodes that have a variable
	kept     []bool // nodes with a value per pair that are kept in a slice
	values   []expr // of the nodes, as they are written where they are used
	parts    [][]expr
	shared   []bool // nodes whose adjoint is summed up over several loops
	adjoints []string
	used     map[string]bool
	out      strings.Builder
}

// maxGoInline bounds the length of an expression that gets no variable of its own; Go
// has indices where Python has none, and deeper indentation.
const maxGoInline = 48

func newGoWriter(p *program) *goWriter {
	w := &goWriter{
		program: p, fused: !p.statistics(), variable: make([]bool, len(p.nodes)), kept: make([]bool, len(p.nodes)),
		values: make([]expr, len(p.nodes)), parts: make([][]expr, len(p.nodes)), shared: make([]bool, len(p.nodes)),
		adjoints: make([]string, len(p.nodes)), used: map[string]bool{},
	}
	reserved := []string{"b", "p", "n", "i", "j", "weight", "loss", "gradChosen", "gradRejected", "math", "slices", "cmp", "make", "len", "float64", "range"}
	for t := token.BREAK; t <= token.VAR; t++ {
		reserved = append(reserved, t.String())
	}
	for name := range goHelpers {
		reserved = append(reserved, name)
	}
	w.namer = newNamer(p, camel, reserved)
	fields := map[string]bool{}
	for _, param := range p.documented() {
		field := unique(param.Param, func(base string, n int) string { return capital(camel(base, n)) }, fields)
		fields[field] = true
		w.params = append(w.params, goParam{field, param.Param, param.Value, param.Role})
	}
	w.chooseVariables()
	w.chooseSlices()
	return w
}

func (w *goWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.out, format+"\n", args...)
}

// looped reports whether the node is computed pair by pair.
func (n *node) looped() bool { return n.perPair && n.op != graph.Sort && !n.op.Leaf() }

// chooseVariables decides which nodes have a variable: the terms of the field, what is
// referred to more than once, and what is long or the operand of a statistic.
func (w *goWriter) chooseVariables() {
	references, whole := w.references()
	for i := range w.nodes {
		n := &w.nodes[i]
		w.values[i] = w.expression(i)
		switch {
		case n.op == graph.Const:
			continue
		case n.op.PerPairLeaf():
			w.variable[i] = w.fused && references[i] > 1
		case n.op.Leaf() || n.op.BatchStatistic():
			w.variable[i] = true
		default:
			w.variable[i] = w.known[i] || references[i] > 1 && !slight(n.op) || whole[i] || len(w.values[i].text) > maxGoInline && i != w.output
		}
		if w.variable[i] {
			w.values[i] = expr{text: camel(w.base[i], 2), prec: atom} // about as long as it will be
		}
	}
}

// references counts how often the text of each node would appear, in the losses and in
// the gradients, and marks the operands of statistics, of which there must be a slice.
func (w *goWriter) references() (count []int, whole []bool) {
	count, whole = w.appearances(), make([]bool, len(w.nodes))
	for i := range w.nodes {
		n := &w.nodes[i]
		if n.op.BatchStatistic() {
			whole[n.args[0]] = true
			continue
		}
		w.eachSlope(i, func(_ int, slope string) {
			count[i] += strings.Count(slope, "{v}")
			for k, letter := range []string{"x", "y", "z"} {
				if k < len(n.args) {
					count[n.args[k]] += strings.Count(slope, "{"+letter+"}") + strings.Count(slope, "{-"+letter+"}")
				}
			}
		})
	}
	return count, whole
}

// eachSlope calls f for every operand of node i that has a gradient.
func (w *goWriter) eachSlope(i int, f func(operand int, slope string)) {
	n := &w.nodes[i]
	if !n.grad || n.op.Leaf() || n.op.BatchStatistic() {
		return
	}
	for j, slope := range goRules[n.op].slopes {
		if slope != "" && w.nodes[n.args[j]].grad {
			f(n.args[j], slope)
		}
	}
}

// chooseSlices decides which variables per pair must outlive the loop they are made in.
func (w *goWriter) chooseSlices() {
	_, whole := w.references()
	elsewhere := -1
	places := make([]map[int]bool, len(w.nodes)) // the loops that refer to each node
	for i := range places {
		places[i] = map[int]bool{}
	}
	places[w.output][w.nodes[w.output].level] = true
	for i := len(w.nodes) - 1; i >= 0; i-- {
		n := &w.nodes[i]
		w.eachSlope(i, func(_ int, slope string) {
			if strings.Contains(slope, "{v}") {
				places[i][elsewhere] = true
			}
			for k, letter := range []string{"x}", "y}", "z}"} {
				if k < len(n.args) && strings.Contains(slope, letter) {
					places[n.args[k]][elsewhere] = true
				}
			}
		})
		for _, a := range n.args {
			switch {
			case !n.looped():
				places[a][elsewhere] = true
			case w.variable[i]:
				places[a][n.level] = true
			default:
				maps.Copy(places[a], places[i])
			}
		}
		delete(places[i], n.level)
		w.kept[i] = n.perPair && w.variable[i] && !w.fused && (n.op == graph.Sort || whole[i] || len(places[i]) > 0)
	}
}

// body writes everything between the making of the results and the return.
func (w *goWriter) body() string {
	top := 0
	for _, n := range w.nodes {
		top = max(top, n.level)
	}
	for level := range top + 1 {
		w.block(level)
		w.loop(level, level == top)
	}
	if n := &w.nodes[w.output]; !n.looped() && !w.fused {
		w.line("copy(loss, %s)", w.slice(w.output))
	}
	if w.nodes[w.output].grad && !w.fused {
		w.line("\n// From the mean loss back to the log-probabilities.")
		w.writeBack(top)
	}
	return w.out.String()
}

// block writes the scalars and orderings of a level.
func (w *goWriter) block(level int) {
	for i := range w.nodes {
		n := &w.nodes[i]
		if n.level != level || n.looped() || n.op.PerPairLeaf() {
			continue
		}
		w.values[i] = w.expression(i)
		if !w.variable[i] {
			continue
		}
		switch name := w.name(i); {
		case n.op == graph.Param:
			at := slices.IndexFunc(w.params, func(p goParam) bool { return p.Name == n.param })
			w.line("%s := p.%s", name, w.params[at].Field)
		case n.op.Leaf():
			w.line("%s := b.%s", name, goFields[n.op])
		case n.op == graph.Sort:
			w.use("ascending")
			w.line("%sOrder := ascending(%s)", name, w.slice(n.args[0]))
			w.line("%s := make([]float64, n)", name)
			w.line("for i, j := range %sOrder {\n%s[i] = %s[j]\n}", name, name, w.slice(n.args[0]))
		case n.op.Reduces():
			w.line("%s := %s", name, w.reduction(n.op, w.slice(n.args[0])))
		default:
			w.line("%s := %s", name, w.values[i])
		}
		w.values[i] = w.variableOf(i)
	}
}

// loop writes the values per pair of a level, and in the last one the losses.
func (w *goWriter) loop(level int, last bool) {
	var body strings.Builder
	outside := w.out.String()
	w.out.Reset()
	for i := range w.nodes {
		n := &w.nodes[i]
		if n.level != level || !n.perPair || n.op == graph.Sort {
			continue
		}
		w.values[i] = w.expression(i)
		if !w.variable[i] {
			continue
		}
		if w.kept[i] {
			fmt.Fprintf(&body, "%s := make([]float64, n)\n", w.name(i))
			w.line("%s[i] = %s", w.name(i), w.values[i])
		} else {
			w.line("%s := %s", w.name(i), w.values[i])
		}
		w.values[i] = w.variableOf(i)
	}
	if last && (w.nodes[w.output].looped() || w.fused) {
		w.line("loss[i] = %s", w.values[w.output])
		if w.fused && w.nodes[w.output].grad {
			w.line("\n// From the mean loss back to the log-probabilities.")
			w.contribute(w.output, expr{text: "weight", prec: atom})
			w.back(func(n *node) bool { return n.perPair })
			outside += "weight := 1 / float64(n) // of a pair in the mean\n"
		}
	}
	inside := w.out.String()
	w.out.Reset()
	w.out.WriteString(outside + body.String())
	if inside != "" {
		w.line("for i := range n {\n%s}", inside)
	}
}

// variableOf is how node i, which has a variable, is referred to.
func (w *goWriter) variableOf(i int) expr {
	if n := &w.nodes[i]; n.perPair && !w.fused && (w.kept[i] || n.op == graph.Sort) {
		return expr{text: w.name(i) + "[i]", prec: atom}
	}
	return expr{text: w.name(i), prec: atom}
}

// slice names the values of node i, which has one per pair.
func (w *goWriter) slice(i int) string {
	if n := &w.nodes[i]; n.op.Leaf() {
		return "b." + goFields[n.op]
	}
	return w.name(i)
}

func (w *goWriter) use(helper string) { w.used[helper] = true }

func goNumber(x float64) expr {
	switch size := math.Abs(x); {
	case math.IsNaN(x):
		return expr{text: "math.NaN()", prec: atom}
	case math.IsInf(x, 0):
		return expr{text: "math.Inf(1)", prec: atom, negative: x < 0}
	case size == 0 && math.Signbit(x):
		return expr{text: "math.Copysign(0, -1)", prec: atom}
	default:
		return expr{text: decimal(size), prec: atom, negative: x < 0}
	}
}
