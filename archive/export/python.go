package export

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// dialect is how a Python library spells the element-wise functions and batch
// statistics. In the texts {x} and {y} are operands, {k} and {l} constants.
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
	"relu", "sigmoid", "log_sigmoid", "softplus", "erf", "stop_gradient", "batch_std", "batch_var", "std", "var", "self_test", "main",
}

// Precedences of Python's operators.
const (
	comparison = iota
	sum
	product
	sign
	power
	atom
)

// pyExpr is a piece of Python and the precedence of its outermost operator.
type pyExpr struct {
	text string
	prec int
}

// in returns e as an operand that must bind at least as strongly as prec.
func (e pyExpr) in(prec int) string {
	if e.prec < prec {
		return "(" + e.text + ")"
	}
	return e.text
}

// maxInline bounds the length of an expression that gets no name of its own.
const maxInline = 64

// pyWriter writes the statements of the loss. What is used once and short stands
// where it is used; the rest, and what has a name in the field, becomes a variable.
type pyWriter struct {
	*program
	dialect
	names []string
	known []bool
	exprs []pyExpr
	lines []string
}

func newPyWriter(p *program, d dialect) *pyWriter {
	w := &pyWriter{program: p, dialect: d, exprs: make([]pyExpr, len(p.nodes))}
	spell := func(base string, n int) string {
		for op, argument := range pyArguments {
			if base == nouns[op] && n == 1 {
				return argument
			}
		}
		return snake(base, n)
	}
	w.names, w.known = p.name(spell, slices.Concat(pythonKeywords, pyReserved))
	return w
}

// pyParam is a keyword argument of the generated function.
type pyParam struct{ Name, Value string }

// arguments returns the objective's parameters as keyword arguments.
func (w *pyWriter) arguments() []pyParam {
	var out []pyParam
	for i, n := range w.nodes {
		if n.op == graph.Param {
			out = append(out, pyParam{w.names[i], decimal(n.k[0])})
		}
	}
	return out
}

// body returns the statements of the function, the last of which returns the losses.
func (w *pyWriter) body() []string {
	w.convertScalars()
	for i, n := range w.nodes {
		e := w.expression(i)
		if !n.op.Leaf() && i != w.output && (w.known[i] || n.uses > 1 || len(e.text) > maxInline) {
			w.lines = append(w.lines, w.names[i]+" = "+e.text)
			e = pyExpr{w.names[i], atom}
		}
		w.exprs[i] = e
	}
	return append(w.lines, "return "+w.exprs[w.output].text)
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
			w.lines = append(w.lines, fmt.Sprintf("%s = number(%s)", w.names[i], w.names[i]))
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

// expression renders node i with its operands in place.
func (w *pyWriter) expression(i int) pyExpr {
	n := &w.nodes[i]
	arg := func(j int) pyExpr { return w.exprs[n.args[j]] }
	switch n.op {
	case graph.Const:
		return pyNumber(n.k[0])
	case graph.Add:
		return pyExpr{arg(0).in(sum) + " + " + arg(1).in(sum), sum}
	case graph.Sub:
		return pyExpr{arg(0).in(sum) + " - " + arg(1).in(product), sum}
	case graph.Mul:
		return pyExpr{arg(0).in(product) + " * " + arg(1).in(product), product}
	case graph.Div:
		return pyExpr{arg(0).in(product) + " / " + arg(1).in(sign), product}
	case graph.AddConst:
		if n.k[0] < 0 {
			return pyExpr{arg(0).in(sum) + " - " + decimal(-n.k[0]), sum}
		}
		return pyExpr{arg(0).in(sum) + " + " + decimal(n.k[0]), sum}
	case graph.Scale:
		return pyExpr{decimal(n.k[0]) + " * " + arg(0).in(product), product}
	case graph.Neg:
		return pyExpr{"-" + arg(0).in(power), sign}
	case graph.Reciprocal:
		return pyExpr{"1.0 / " + arg(0).in(sign), product}
	case graph.PowConst:
		return pyExpr{arg(0).in(atom) + " ** " + pyNumber(n.k[0]).in(atom), power}
	case graph.Greater:
		return w.compare(i, arg(0).in(sum)+" > "+arg(1).in(sum))
	case graph.Less:
		return w.compare(i, arg(0).in(sum)+" < "+arg(1).in(sum))
	case graph.GreaterConst:
		return w.compare(i, arg(0).in(sum)+" > "+decimal(n.k[0]))
	case graph.LessConst:
		return w.compare(i, arg(0).in(sum)+" < "+decimal(n.k[0]))
	case graph.Where:
		return pyExpr{fmt.Sprintf(w.where, w.condition(n.args[0]), w.operand(n.args[1]), w.operand(n.args[2])), atom}
	}
	if n.op.Leaf() {
		return pyExpr{w.names[i], atom}
	}
	return w.call(n)
}

// call renders a function of the library.
func (w *pyWriter) call(n *node) pyExpr {
	text := w.calls[n.op]
	pairs := []string{}
	for j, letter := range []string{"{x}", "{y}"} {
		if j < len(n.args) {
			operand := w.operand(n.args[j])
			if strings.HasPrefix(text, letter) {
				operand = w.exprs[n.args[j]].in(atom) // a method
			}
			pairs = append(pairs, letter, operand)
		}
	}
	for j, letter := range []string{"{k}", "{l}"} {
		if j < len(n.k) {
			pairs = append(pairs, letter, decimal(n.k[j]))
		}
	}
	return pyExpr{strings.NewReplacer(pairs...).Replace(text), atom}
}

// operand renders node i as an argument of a function.
func (w *pyWriter) operand(i int) string {
	if w.tensors && w.nodes[i].op == graph.Const {
		return "number(" + w.exprs[i].text + ")"
	}
	return w.exprs[i].text
}

// compare renders a comparison: as such when only choices use it, else as numbers.
func (w *pyWriter) compare(i int, text string) pyExpr {
	if w.onlyChooses(i) {
		return pyExpr{text, comparison}
	}
	return pyExpr{fmt.Sprintf(w.mask, text), atom}
}

// condition renders node i as what decides a choice.
func (w *pyWriter) condition(i int) string {
	switch w.nodes[i].op {
	case graph.Greater, graph.Less, graph.GreaterConst, graph.LessConst:
		if w.onlyChooses(i) {
			return w.exprs[i].text
		}
	case graph.Const:
		return w.operand(i) + " != 0"
	}
	return w.exprs[i].in(sum) + " != 0"
}

// onlyChooses reports whether node i is used as the mask of choices and nothing else.
func (w *pyWriter) onlyChooses(i int) bool {
	for _, n := range w.nodes {
		for j, a := range n.args {
			if a == i && !(n.op == graph.Where && j == 0) {
				return false
			}
		}
	}
	return true
}

// needsNumber reports whether the statements call number.
func (w *pyWriter) needsNumber() bool {
	return strings.Contains(strings.Join(w.lines, "\n")+w.exprs[w.output].text, "number(")
}

func pyNumber(x float64) pyExpr {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return pyExpr{"float(" + strconv.Quote(strings.ToLower(strconv.FormatFloat(x, 'g', -1, 64))) + ")", atom}
	case math.Signbit(x):
		return pyExpr{decimal(x), sign}
	}
	return pyExpr{decimal(x), atom}
}

// docstring makes lines safe inside a docstring.
func docstring(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.NewReplacer(`\`, `\\`, `"""`, `\"\"\"`).Replace(line)
	}
	return out
}
