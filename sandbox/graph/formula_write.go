package graph

import (
	"math"
	"slices"
)

// notation is how the pieces of a formula look.
type notation struct {
	leaves   map[Op]string
	margin   [3]string                           // margin, log-ratio chosen, rejected
	names    []string                            // of sub-expressions; after the last the first again, with an index
	name     func(base string, index int) string // no index where it is 0
	plus     string                              // between summands, and so is minus
	minus    string
	number   func(x float64) string
	param    func(name string) string
	paren    func(s string) string
	product  func(factors []string) string
	fraction func(above, below []operand) string
	power    func(base string, k float64) string
	compare  func(op Op, a, b string) string
	mask     func(comparison string) string
	call     func(op Op, args []string) string
	omitted  func(operations int) string // in place of a formula that is too large
	wide     func(term string) bool      // whether a term does not fit into a line; nil where any does
}

// maxTerms is the number of terms, in all sums of a formula together, up to which
// it is written out. The text grows with them, and the time faster.
const maxTerms = 20_000

// operand is a factor as it stands in a product, and as it stands alone.
type operand struct{ text, alone string }

// line is a name and what it stands for; the loss has no name.
type line struct{ name, value string }

// binding strength of what is written
const (
	sumLevel = iota
	productLevel
	atomLevel
)

// writer writes one formula.
type writer struct {
	notation
	algebra *algebra
	uses    map[*form]int
	heights map[*form]int
	terms   int              // of all forms, each once
	bound   map[*form]string // names of sub-expressions
	order   []*form          // the same, in order of use
	settled bool             // no more get a name
	params  []*atom
	taken   map[string]bool // names of parameters
}

// write returns the loss and the definitions that it needs, each before those
// it uses. It writes twice: what needs a name shows the first time.
func write(g *Graph, n notation) []line {
	w := &writer{notation: n, algebra: newAlgebra(), uses: map[*form]int{}, heights: map[*form]int{}, bound: map[*form]string{}, taken: map[string]bool{}}
	for _, p := range g.Params() {
		w.taken[p.Name] = true
	}
	out := w.algebra.normalForm(g)
	if w.measure(out); w.terms > maxTerms {
		return []line{{"", n.omitted(g.size())}}
	}
	w.lines(out)
	slices.SortStableFunc(w.order, func(f, g *form) int { return w.heights[g] - w.heights[f] })
	for i, f := range w.order {
		w.bound[f] = w.nameOf(i)
	}
	w.params, w.settled = nil, true
	return w.lines(out)
}

// lines writes the loss and the definitions in order.
func (w *writer) lines(out *form) []line {
	s, _ := w.form(out)
	lines := []line{{"", s}}
	for i := 0; i < len(w.order); i++ {
		s, _ := w.form(w.order[i])
		lines = append(lines, line{w.bound[w.order[i]], s})
	}
	for _, p := range w.params {
		lines = append(lines, line{w.param(p.name), w.number(p.k)})
	}
	return lines
}

// nameOf returns the i-th name that is not a parameter's.
func (w *writer) nameOf(i int) string {
	for n := 0; ; n++ {
		base, index := w.names[n%len(w.names)], n/len(w.names)
		if w.taken[plainText.name(base, index)] {
			continue
		}
		if i--; i < 0 {
			return w.name(base, index)
		}
	}
}

// measure counts how often every form is an argument, up to sign, how deep its
// arguments nest, and the terms of all. It gives up when these are too many.
func (w *writer) measure(f *form) int {
	if w.terms > maxTerms {
		return 0
	}
	u, _ := w.unsigned(f)
	if h, ok := w.heights[u]; ok {
		return h
	}
	h := 0
	w.terms += len(f.terms)
	for _, t := range f.terms {
		for _, x := range t.mono.factors {
			for _, arg := range x.atom.args {
				v, _ := w.unsigned(arg)
				w.uses[v]++
				h = max(h, 1+w.measure(arg))
			}
		}
	}
	w.heights[u] = h
	return h
}

// unsigned returns f or −f, whichever has a positive leading term, and whether
// it is −f.
func (w *writer) unsigned(f *form) (*form, bool) {
	if len(f.terms) > 0 && f.leading().coefficient < 0 {
		return w.algebra.neg(f), true
	}
	return f, false
}

// namedWeight is the weight from which a form that is used twice gets a name.
const namedWeight = 4

// argument writes f, by its name if it has one.
func (w *writer) argument(f *form) (string, int) {
	u, negative := w.unsigned(f)
	if w.uses[u] > 1 && u.weight(namedWeight) == namedWeight {
		w.bind(u)
	}
	name, ok := w.bound[u]
	if !ok {
		return w.form(f)
	}
	if negative {
		return w.minus + name, sumLevel
	}
	return name, atomLevel
}

// bind gives f a name, if it has none.
func (w *writer) bind(f *form) {
	if _, ok := w.bound[f]; !ok && !w.settled {
		w.bound[f] = w.names[0] // until write orders them
		w.order = append(w.order, f)
	}
}

// wideWeight is the weight from which an argument may get a name because its term
// does not fit into a line.
const wideWeight = 3

// term writes a summand without its sign. One that is too wide has its largest
// arguments named.
func (w *writer) term(t term) (string, int) {
	for {
		text, level := w.monomial(math.Abs(t.coefficient), t.mono)
		if w.settled || w.wide == nil || !w.wide(text) {
			return text, level
		}
		largest := w.largestArgument(t.mono)
		if largest == nil {
			return text, level
		}
		w.bind(largest)
	}
}

// largestArgument returns the argument in m that takes up most room of those that may
// get a name and have none, up to its sign; nil if there is none.
func (w *writer) largestArgument(m *mono) (largest *form) {
	size := 0
	for _, x := range m.factors {
		for _, arg := range x.atom.args {
			u, _ := w.unsigned(arg)
			if _, named := w.bound[u]; named || u.weight(wideWeight) < wideWeight {
				continue
			}
			if s, _ := w.form(u); len(s) > size {
				largest, size = u, len(s)
			}
		}
	}
	return largest
}

// weight is the number of symbols and functions in f, but no more than limit.
func (f *form) weight(limit int) int {
	n := 0
	for _, t := range withoutLogProbabilities(f) {
		for _, x := range t.mono.factors {
			if x.atom.op != Invalid {
				n++
			}
			for _, arg := range x.atom.args {
				if n < limit {
					n += arg.weight(limit - n)
				}
			}
		}
	}
	if len(f.terms) > 0 && f.terms[0].mono.isLogProbability() {
		n++
	}
	return min(n, limit)
}

func withoutLogProbabilities(f *form) []term {
	return slices.DeleteFunc(slices.Clone(f.terms), func(t term) bool { return t.mono.isLogProbability() })
}
