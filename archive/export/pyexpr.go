package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// expression renders node i with its operands in place.
func (w *pyWriter) expression(i int) expr {
	n := &w.nodes[i]
	arg := func(j int) expr { return w.exprs[n.args[j]] }
	if e, ok := arithmeticOf(n, arg, pyNumber); ok {
		return e
	}
	compare := func(sign, other string) expr { return w.compare(i, arg(0).in(sum)+sign+other) }
	switch n.op {
	case graph.Const:
		return pyNumber(n.k[0])
	case graph.PowConst:
		return expr{text: arg(0).in(atom) + " ** " + pyNumber(n.k[0]).in(atom), prec: power}
	case graph.Greater:
		return compare(" > ", arg(1).in(sum))
	case graph.Less:
		return compare(" < ", arg(1).in(sum))
	case graph.GreaterConst:
		return compare(" > ", pyNumber(n.k[0]).String())
	case graph.LessConst:
		return compare(" < ", pyNumber(n.k[0]).String())
	case graph.Where:
		return expr{text: fmt.Sprintf(w.where, w.condition(n.args[0]), w.operand(n.args[1]), w.operand(n.args[2])), prec: atom}
	}
	if n.op.Leaf() {
		return expr{text: w.name(i), prec: atom}
	}
	return w.call(n)
}

// call renders a function of the library.
func (w *pyWriter) call(n *node) expr {
	text, negative := strings.CutPrefix(w.calls[n.op], "-")
	pairs := []string{}
	for j, letter := range []string{"{x}", "{y}"} {
		if j < len(n.args) {
			operand := w.operand(n.args[j])
			if strings.HasPrefix(text, letter) {
				operand = w.exprs[n.args[j]].in(atom) // a method
			}
			pairs = append(pairs, letter, operand, "{-"+letter[1:], w.exprs[n.args[j]].neg().String())
		}
	}
	for j, letter := range []string{"{k}", "{l}"} {
		if j < len(n.k) {
			pairs = append(pairs, letter, decimal(n.k[j]))
		}
	}
	return expr{text: strings.NewReplacer(pairs...).Replace(text), prec: atom, negative: negative}
}

// operand renders node i as an argument of a function.
func (w *pyWriter) operand(i int) string {
	if w.tensors && w.nodes[i].op == graph.Const {
		return "number(" + w.exprs[i].String() + ")"
	}
	return w.exprs[i].String()
}

// compare renders a comparison: as such when only choices use it, else as numbers.
func (w *pyWriter) compare(i int, text string) expr {
	if w.onlyChooses(i) {
		return expr{text: text, prec: comparison}
	}
	return expr{text: fmt.Sprintf(w.mask, text), prec: atom}
}

// condition renders node i as what decides a choice.
func (w *pyWriter) condition(i int) string {
	switch w.nodes[i].op {
	case graph.Greater, graph.Less, graph.GreaterConst, graph.LessConst:
		if w.onlyChooses(i) {
			return w.exprs[i].String()
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

func pyNumber(x float64) expr {
	size := math.Abs(x)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return expr{text: "float(" + strconv.Quote(strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(size, 'g', -1, 64), "+"))) + ")", prec: atom, negative: x < 0}
	}
	return expr{text: decimal(size), prec: atom, negative: math.Signbit(x)}
}
