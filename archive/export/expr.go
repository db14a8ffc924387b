package export

import (
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// Precedences of operators, in Python and in Go. Go has no power.
const (
	comparison = iota
	sum
	product
	sign
	power
	atom
)

// expr is a piece of code: its text, how tightly the outermost operator binds, and
// whether the value is the negative of what the text says. Signs are kept apart so
// that 1 − x is not written as −x + 1; moving them about changes no rounding.
type expr struct {
	text     string
	prec     int
	negative bool
}

func (e expr) neg() expr {
	e.negative = !e.negative
	return e
}

// signed returns e with the sign in its text.
func (e expr) signed() expr {
	if !e.negative {
		return e
	}
	return expr{text: "-" + e.size(product), prec: max(product, min(e.prec, sign))}
}

// in returns e as an operand that must bind at least as strongly as prec.
func (e expr) in(prec int) string { return e.signed().size(prec) }

// String returns e as it stands alone.
func (e expr) String() string { return e.signed().text }

// size returns e without its sign as an operand.
func (e expr) size(prec int) string {
	if e.prec < prec {
		return "(" + e.text + ")"
	}
	return e.text
}

func plus(a, b expr) expr {
	switch {
	case a.negative && b.negative:
		return plus(a.neg(), b.neg()).neg()
	case a.negative:
		a, b = b, a
	}
	if b.negative {
		return expr{text: a.size(sum) + " - " + b.size(product), prec: sum}
	}
	return expr{text: a.size(sum) + " + " + b.size(sum), prec: sum}
}

func times(a, b expr) expr {
	right := b.size(product)
	if b.prec == product && strings.Contains(b.text, " / ") {
		right = "(" + b.text + ")"
	}
	return expr{text: a.size(product) + " * " + right, prec: product, negative: a.negative != b.negative}
}

func over(a, b expr) expr {
	return expr{text: a.size(product) + " / " + b.size(sign), prec: product, negative: a.negative != b.negative}
}

// arithmeticOf renders the operations that are the same in Python and in Go, and
// reports whether the node is one.
func arithmeticOf(n *node, arg func(j int) expr, number func(x float64) expr) (expr, bool) {
	switch n.op {
	case graph.Add:
		return plus(arg(0), arg(1)), true
	case graph.Sub:
		return plus(arg(0), arg(1).neg()), true
	case graph.Mul:
		return times(arg(0), arg(1)), true
	case graph.Div:
		return over(arg(0), arg(1)), true
	case graph.AddConst:
		return plus(arg(0), number(n.k[0])), true
	case graph.Scale:
		return times(number(n.k[0]), arg(0)), true
	case graph.Neg:
		return arg(0).neg(), true
	case graph.Reciprocal:
		return over(number(1), arg(0)), true
	}
	return expr{}, false
}
