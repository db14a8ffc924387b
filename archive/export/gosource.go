package export

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"go/token"
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
		"Statistics": p.statistics(), "Progress": p.has(graph.Progress), "Lengths": p.has(graph.ChosenLen) || p.has(graph.RejectedLen),
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
type goParam struct{ Field, Name, Value string }

// goWriter writes the body of the generated Loss. Without batch statistics it is one
// loop over the pairs in which every value is a variable; with them every value per
// pair is a slice, and there is a loop for each level.
type goWriter struct {
	*program
	names    []string
	params   []goParam
	fused    bool
	declared []bool // the adjoint of the node
	used     map[string]bool
	out      strings.Builder
}

func newGoWriter(p *program) *goWriter {
	w := &goWriter{program: p, fused: !p.statistics(), declared: make([]bool, len(p.nodes)), used: map[string]bool{}}
	reserved := []string{"b", "p", "n", "i", "j", "loss", "gradChosen", "gradRejected", "math", "slices", "cmp", "make", "len", "float64", "range"}
	for t := token.BREAK; t <= token.VAR; t++ {
		reserved = append(reserved, t.String())
	}
	for name := range goHelpers {
		reserved = append(reserved, name)
	}
	w.names, _ = p.name(camel, reserved)
	fields := map[string]bool{}
	for _, param := range p.params {
		field := unique(param.Name, func(base string, n int) string { return capital(camel(base, n)) }, fields)
		fields[field] = true
		w.params = append(w.params, goParam{field, param.Name, decimal(param.Value)})
	}
	return w
}

func (w *goWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.out, format+"\n", args...)
}

// body writes everything between the making of the results and the return.
func (w *goWriter) body() string {
	if w.fused {
		w.writeFused()
	} else {
		w.writeLevels()
	}
	return w.out.String()
}

func (w *goWriter) writeFused() {
	w.block(0)
	w.line("for i := range n {")
	for i, n := range w.nodes {
		if n.op.PerPairLeaf() {
			w.line("%s := b.%s[i]", w.names[i], goFields[n.op])
		} else if n.perPair {
			w.line("%s := %s", w.names[i], w.forward(i))
		}
	}
	w.line("loss[i] = %s", w.value(w.output))
	if w.nodes[w.output].grad {
		w.line("\n// From the mean loss back to the log-probabilities.")
		w.adjoint(w.output, "1 / float64(n)")
		w.back(func(n *node) bool { return n.perPair })
	}
	w.line("}")
}

func (w *goWriter) writeLevels() {
	top := w.levels()
	for level := range top + 1 {
		w.block(level)
		w.loop(level)
	}
	w.line("copy(loss, %s)", w.slice(w.output))
	if !w.nodes[w.output].grad {
		return
	}
	w.line("\n// From the mean loss back to the log-probabilities.")
	w.declareAdjoints()
	w.line("for i := range n {")
	w.adjoint(w.output, "1 / float64(n)")
	w.line("}")
	for level := top; level >= 0; level-- {
		if w.any(func(n *node) bool { return n.level == level && n.looped() && n.grad }) {
			w.line("for i := range n {")
			w.back(func(n *node) bool { return n.level == level && n.looped() })
			w.line("}")
		}
		w.back(func(n *node) bool { return n.level == level && !n.looped() })
	}
}

// levels returns the highest level.
func (w *goWriter) levels() int {
	top := 0
	for _, n := range w.nodes {
		top = max(top, n.level)
	}
	return top
}

// looped reports whether the node is computed pair by pair.
func (n *node) looped() bool { return n.perPair && n.op != graph.Sort && !n.op.Leaf() }

func (w *goWriter) any(want func(*node) bool) bool {
	return slices.ContainsFunc(w.nodes, func(n node) bool { return want(&n) })
}

// block writes the scalars and orderings of a level.
func (w *goWriter) block(level int) {
	for i, n := range w.nodes {
		if n.level != level || n.looped() || n.op.PerPairLeaf() || n.op == graph.Const {
			continue
		}
		switch {
		case n.op == graph.Param:
			at := slices.IndexFunc(w.params, func(p goParam) bool { return p.Name == n.param })
			w.line("%s := p.%s", w.names[i], w.params[at].Field)
		case n.op.Leaf():
			w.line("%s := b.%s", w.names[i], goFields[n.op])
		case n.op == graph.Sort:
			w.use("ascending")
			w.line("%sOrder := ascending(%s)", w.names[i], w.slice(n.args[0]))
			w.line("%s := make([]float64, n)", w.names[i])
			w.line("for i, j := range %sOrder {\n%s[i] = %s[j]\n}", w.names[i], w.names[i], w.slice(n.args[0]))
		case n.op.Reduces():
			w.line("%s := %s", w.names[i], w.reduction(n.op, w.slice(n.args[0])))
		default:
			w.line("%s := %s", w.names[i], w.forward(i))
		}
	}
}

// loop writes the values per pair of a level.
func (w *goWriter) loop(level int) {
	var at []int
	for i, n := range w.nodes {
		if n.level == level && n.looped() {
			at = append(at, i)
			w.line("%s := make([]float64, n)", w.names[i])
		}
	}
	if len(at) == 0 {
		return
	}
	w.line("for i := range n {")
	for _, i := range at {
		w.line("%s[i] = %s", w.names[i], w.forward(i))
	}
	w.line("}")
}

// back writes the reverse pass through the differentiable nodes that want picks.
func (w *goWriter) back(want func(*node) bool) {
	for i := len(w.nodes) - 1; i >= 0; i-- {
		if n := &w.nodes[i]; n.grad && !n.op.Leaf() && want(n) {
			w.pull(i)
		}
	}
}

// declareAdjoints makes room for every adjoint but those that are results.
func (w *goWriter) declareAdjoints() {
	for i, n := range w.nodes {
		w.declared[i] = true
		if !n.grad || n.op.Leaf() {
			continue
		}
		if n.perPair {
			w.line("%s := make([]float64, n)", w.adjointName(i))
		} else {
			w.line("%s := 0.0", w.adjointName(i))
		}
	}
}

func (w *goWriter) adjointName(i int) string { return "d" + capital(w.names[i]) }

// adjoint adds an expression to the adjoint of node i, inside a loop if the node has
// a value per pair.
func (w *goWriter) adjoint(i int, expression string) {
	n := &w.nodes[i]
	switch {
	case !n.grad:
	case n.op.Leaf():
		w.line("%s[i] += %s", w.adjointSlice(i), expression)
	case n.perPair && !w.fused:
		w.line("%s[i] += %s", w.adjointName(i), expression)
	case w.declared[i]:
		w.line("%s += %s", w.adjointName(i), expression)
	default:
		w.declared[i] = true
		w.line("%s := %s", w.adjointName(i), expression)
	}
}

// adjointSlice names the slice of adjoints of a node with a value per pair.
func (w *goWriter) adjointSlice(i int) string {
	switch w.nodes[i].op {
	case graph.PolicyChosen:
		return "gradChosen"
	case graph.PolicyRejected:
		return "gradRejected"
	}
	return w.adjointName(i)
}

// adjointValue reads the adjoint of node i.
func (w *goWriter) adjointValue(i int) string {
	if w.nodes[i].perPair && !w.fused {
		return w.adjointName(i) + "[i]"
	}
	return w.adjointName(i)
}

// value reads the value of node i, inside a loop if it has one per pair.
func (w *goWriter) value(i int) string {
	switch n := &w.nodes[i]; {
	case n.op == graph.Const:
		return goLiteral(n.k[0])
	case !n.perPair || w.fused:
		return w.names[i]
	}
	return w.slice(i) + "[i]"
}

// slice names the values of node i, which has one per pair.
func (w *goWriter) slice(i int) string {
	if n := &w.nodes[i]; n.op.Leaf() {
		return "b." + goFields[n.op]
	}
	return w.names[i]
}

func (w *goWriter) use(helper string) { w.used[helper] = true }

func goLiteral(x float64) string {
	switch {
	case math.IsNaN(x):
		return "math.NaN()"
	case math.IsInf(x, 0):
		return fmt.Sprintf("math.Inf(%d)", int(math.Copysign(1, x)))
	case x == 0 && math.Signbit(x):
		return "math.Copysign(0, -1)"
	}
	return decimal(x)
}
