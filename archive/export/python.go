package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// dialect is how a Python library spells the element-wise functions and batch
// statistics. In the texts {x} and {y} are operands, {-x} is the negative of one, {k}
// and {l} are constants.
type dialect struct {
	calls map[graph.Op]string
	// tensors tells that functions take tensors only, not Python's numbers.
	tensors bool
	mask    string // a comparison as numbers 0 and 1
	where   string
}

// pyArguments names the inputs as arguments of the generated function.
var pyArguments = map[graph.Op]string{
	graph.PolicyChosen: "policy_chosen_logps", graph.PolicyRejected: "policy_rejected_logps",
	graph.RefChosen: "reference_chosen_logps", graph.RefRejected: "reference_rejected_logps",
	graph.ChosenLen: "chosen_len", graph.RejectedLen: "rejected_len", graph.Beta: "beta", graph.Progress: "progress",
}

// pyReserved are names that a generated file uses itself.
var pyReserved = []string{
	"loss", "torch", "F", "nn", "jax", "jnp", "math", "json", "sys", "pathlib", "number", "float", "tuple", "max", "min", "len",
	"relu", "sigmoid", "log_sigmoid", "softplus", "erf", "stop_gradient", "batch_std", "batch_var", "std", "var", "self_test", "main", "clamp", "tolerance",
}

// maxInline bounds the length of an expression that gets no name of its own.
const maxInline = 64

// pyWriter writes the statements of the loss. What is used once and short stands
// where it is used; the rest, and what has a name in the field, becomes a variable.
type pyWriter struct {
	*program
	*namer
	dialect
	uses  []int // how often the text of a node would appear
	exprs []expr
	lines []string
}

func newPyWriter(p *program, d dialect) *pyWriter {
	w := &pyWriter{program: p, dialect: d, exprs: make([]expr, len(p.nodes)), uses: p.appearances()}
	spell := func(base string, n int) string {
		for op, argument := range pyArguments {
			if base == nouns[op] && n == 1 {
				return argument
			}
		}
		return snake(base, n)
	}
	w.namer = newNamer(p, spell, slices.Concat(pythonKeywords, pyReserved))
	return w
}

// slight reports operations that add so little to the text of their operand that
// they are written again rather than named.
func slight(op graph.Op) bool { return op == graph.Neg || op == graph.AddConst || op == graph.Scale }

// appearances counts how often each node would be written if nothing but slight
// operations were written twice.
func (p *program) appearances() []int {
	out := make([]int, len(p.nodes))
	out[p.output] = 1
	for i := p.output; i >= 0; i-- {
		for _, a := range p.nodes[i].args {
			if slight(p.nodes[i].op) {
				out[a] += out[i]
			} else {
				out[a]++
			}
		}
	}
	return out
}

// keywords returns the objective's parameters.
func (w *pyWriter) keywords() []parameter {
	out, at := w.documented(), 0
	for i, n := range w.nodes {
		if n.op == graph.Param {
			out[at].Name = w.name(i)
			at++
		}
	}
	return out
}

// maxLine bounds the length of a statement, which stands indented by four.
const maxLine = 96

// body returns the lines of the function, the last statement of which returns the
// losses.
func (w *pyWriter) body() []string {
	w.convertScalars()
	for i := range w.nodes {
		n := &w.nodes[i]
		e := w.fitted(i)
		w.exprs[i] = e
		if !n.op.Leaf() && i != w.output && (w.known[i] || w.uses[i] > 1 && !slight(n.op) || len(e.text) > maxInline) {
			w.assign(i)
		}
	}
	w.lines = append(w.lines, breakPython("return "+w.exprs[w.output].String())...)
	return w.lines
}

// assign makes a variable of node i.
func (w *pyWriter) assign(i int) {
	w.lines = append(w.lines, breakPython(w.name(i)+" = "+w.exprs[i].String())...)
	w.exprs[i] = expr{text: w.name(i), prec: atom}
}

// fitted renders node i, making variables of long operands until the statement that
// may come of it fits into a line.
func (w *pyWriter) fitted(i int) expr {
	for {
		e := w.expression(i)
		longest := -1
		for _, a := range w.nodes[i].args {
			if w.exprs[a].prec < atom || strings.ContainsRune(w.exprs[a].text, '(') {
				if longest < 0 || len(w.exprs[a].text) > len(w.exprs[longest].text) {
					longest = a
				}
			}
		}
		if len(e.text)+len(w.base[i])+len(" = _2") <= maxLine || longest < 0 || w.nodes[longest].op.Leaf() {
			return e
		}
		w.assign(longest)
	}
}

// breakPython breaks a statement that is too long between operands, inside brackets,
// where Python lets lines end.
func breakPython(statement string) []string {
	var lines []string
	for len(statement) > maxLine {
		at, depth := -1, 0
		for i := 0; i < maxLine-2; i++ {
			switch statement[i] {
			case '(', '[':
				depth++
			case ')', ']':
				depth--
			case ' ':
				if depth > 0 || len(lines) > 0 {
					at = i
				}
			}
		}
		if at <= 0 || strings.TrimSpace(statement[:at]) == "" {
			break
		}
		lines = append(lines, statement[:at])
		statement = "    " + statement[at+1:]
	}
	return append(lines, statement)
}

// convertScalars writes the statements that make tensors of scalar inputs which a
// function takes.
func (w *pyWriter) convertScalars() {
	if !w.tensors {
		return
	}
	taken := make([]bool, len(w.nodes))
	for i := len(w.nodes) - 1; i >= 0; i-- {
		n := &w.nodes[i]
		for _, a := range n.args {
			if w.number(a) && (taken[i] && w.number(i) || !arithmetic(n.op)) {
				taken[a] = true
			}
		}
	}
	for i, n := range w.nodes {
		if taken[i] && n.op.Leaf() && n.op != graph.Const {
			w.lines = append(w.lines, fmt.Sprintf("%s = number(%s)", w.name(i), w.name(i)))
		}
	}
}

// number reports whether node i is a number of Python's own unless converted: a
// scalar made without batch statistics.
func (w *pyWriter) number(i int) bool { return !w.nodes[i].perPair && w.nodes[i].level == 0 }

// arithmetic reports whether Python's own numbers have the operation.
func arithmetic(op graph.Op) bool {
	switch op {
	case graph.Add, graph.Sub, graph.Mul, graph.Div, graph.AddConst, graph.Scale, graph.Neg, graph.Reciprocal:
		return true
	}
	return false
}

// docstring makes lines safe inside a docstring.
func docstring(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.NewReplacer(`\`, `\\`, `"""`, `\"\"\"`).Replace(line)
	}
	return out
}
