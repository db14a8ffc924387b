package export

import (
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// writeBack writes the reverse pass of a loss with batch statistics: from the last
// level to the first, in each the values per pair and then the statistics.
func (w *goWriter) writeBack(top int) {
	w.chooseShared()
	w.line("weight := 1 / float64(n) // of a pair in the mean")
	for i := range w.nodes {
		if n := &w.nodes[i]; w.shared[i] && !n.op.Leaf() {
			if n.perPair {
				w.line("%s := make([]float64, n)", w.adjointName(i))
			} else {
				w.line("%s := 0.0", w.adjointName(i))
			}
		}
	}
	weight := expr{text: "weight", prec: atom}
	if n := &w.nodes[w.output]; n.looped() {
		w.parts[w.output] = []expr{weight}
	} else {
		w.line("for i := range n {")
		w.contribute(w.output, weight)
		w.line("}")
	}
	for level := top; level >= 0; level-- {
		outside := w.out.String()
		w.out.Reset()
		w.back(func(n *node) bool { return n.level == level && n.looped() })
		inside := w.out.String()
		w.out.Reset()
		w.out.WriteString(outside)
		if inside != "" {
			w.line("for i := range n {\n%s}", inside)
		}
		w.back(func(n *node) bool { return n.level == level && !n.looped() })
	}
}

// chooseShared decides which adjoints are summed up in a variable from the start: those
// to which other loops than their own add, or whole slices are added.
func (w *goWriter) chooseShared() {
	for i := range w.nodes {
		n := &w.nodes[i]
		if !n.grad {
			continue
		}
		w.shared[i] = w.shared[i] || n.op.Leaf() || n.op == graph.Sort || n.op.BatchStatistic() && !w.fused
		for _, a := range n.args {
			m := &w.nodes[a]
			if m.grad && (n.op.BatchStatistic() || n.looped() != m.looped() || n.level != m.level) {
				w.shared[a] = true
			}
		}
	}
}

// back writes the reverse pass through the differentiable nodes that want picks.
func (w *goWriter) back(want func(*node) bool) {
	for i := len(w.nodes) - 1; i >= 0; i-- {
		if n := &w.nodes[i]; n.grad && !n.op.Leaf() && want(n) {
			w.pull(i)
		}
	}
}

// pull writes what the adjoint of node i adds to those of its operands.
func (w *goWriter) pull(i int) {
	if w.nodes[i].op.BatchStatistic() {
		w.pullStatistic(i)
		return
	}
	if n := &w.nodes[i]; (n.op == graph.Neg || n.op == graph.AddConst) && !w.shared[i] {
		for _, part := range w.parts[i] {
			part.negative = part.negative != (n.op == graph.Neg)
			w.contribute(n.args[0], part)
		}
		return
	}
	uses := 0
	w.eachSlope(i, func(_ int, slope string) { uses += strings.Count(slope, "{g}") })
	g := w.adjoint(i, uses)
	w.eachSlope(i, func(operand int, slope string) { w.contribute(operand, w.slope(slope, i, g)) })
}

// maxAdjoint bounds the length of an adjoint that gets no variable.
const maxAdjoint = 40

// adjoint returns the adjoint of node i, which is used so often, in a variable if it is
// long or used again.
func (w *goWriter) adjoint(i, uses int) expr {
	if w.shared[i] {
		if w.nodes[i].perPair {
			return expr{text: w.adjointName(i) + "[i]", prec: atom}
		}
		return expr{text: w.adjointName(i), prec: atom}
	}
	parts := w.parts[i]
	total := parts[0]
	long := len(total.text) > maxAdjoint
	for _, part := range parts[1:] {
		if long = long || len(total.text)+len(part.text) > maxGoInline; !long {
			total = plus(total, part)
		}
	}
	if !long && len(total.text) <= maxAdjoint && (uses < 2 || total.prec == atom) {
		return total
	}
	name := w.adjointName(i)
	if !long {
		w.line("%s := %s", name, total)
		return expr{text: name, prec: atom}
	}
	w.line("%s := %s", name, parts[0])
	for _, part := range parts[1:] {
		w.add(name, part)
	}
	return expr{text: name, prec: atom}
}

// add writes that a part is added to a variable.
func (w *goWriter) add(variable string, part expr) {
	if part.negative {
		w.line("%s -= %s", variable, part.neg())
	} else {
		w.line("%s += %s", variable, part)
	}
}

// contribute adds a part to the adjoint of node i, inside a loop if the node has a
// value per pair.
func (w *goWriter) contribute(i int, part expr) {
	n := &w.nodes[i]
	switch {
	case n.op.Leaf():
		w.add(w.adjointSlice(i)+"[i]", part)
	case w.shared[i] && n.perPair:
		w.add(w.adjointName(i)+"[i]", part)
	case w.shared[i]:
		w.add(w.adjointName(i), part)
	default:
		w.parts[i] = append(w.parts[i], part)
	}
}

func (w *goWriter) adjointName(i int) string {
	if w.adjoints[i] == "" {
		w.adjoints[i] = unique("d_"+w.base[i], w.spell, w.taken)
		w.taken[w.adjoints[i]] = true
	}
	return w.adjoints[i]
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

// pullStatistic writes the reverse pass through a batch statistic or an ordering.
func (w *goWriter) pullStatistic(i int) {
	n := &w.nodes[i]
	x, dx, dv := w.slice(n.args[0]), w.adjointSlice(n.args[0]), w.adjointName(i)
	switch n.op {
	case graph.Mean:
		w.use("addTo")
		w.line("addTo(%s, %s/float64(n))", dx, dv)
	case graph.Sum:
		w.use("addTo")
		w.line("addTo(%s, %s)", dx, dv)
	case graph.Var:
		w.use("varianceSlope")
		w.line("varianceSlope(%s, %s, %s)", x, dv, dx)
	case graph.Std:
		w.use("stdSlope")
		w.line("stdSlope(%s, %s, %s, %s)", x, w.name(i), dv, dx)
	case graph.BatchMax, graph.BatchMin:
		w.use("shareExtreme")
		w.line("shareExtreme(%s, %s, %s, %s)", x, w.name(i), dv, dx)
	case graph.Sort:
		w.line("for i, j := range %sOrder {\n%s[j] += %s[i]\n}", w.name(i), dx, dv)
	}
}
