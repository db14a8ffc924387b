package graph

import (
	"math"
	"slices"
	"strconv"
)

// notation is how the pieces of a formula look.
type notation struct {
	leaves   map[Op]string
	margin   [3]string // margin, log-ratio chosen, rejected
	names    []string  // of sub-expressions; after the last the first again, with an index
	index    func(s string) string
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
}

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
	bound   map[*form]string // names of sub-expressions
	order   []*form          // the same, in order of use
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
	w.measure(out)
	w.lines(out)
	slices.SortStableFunc(w.order, func(f, g *form) int { return w.heights[g] - w.heights[f] })
	for i, f := range w.order {
		w.bound[f] = w.nameOf(i)
	}
	w.params = nil
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
		name := w.names[n%len(w.names)]
		if n >= len(w.names) {
			name += w.index(strconv.Itoa(n / len(w.names)))
		}
		if w.taken[name] {
			continue
		}
		if i--; i < 0 {
			return name
		}
	}
}

// measure counts how often every form is an argument, up to sign, and how deep
// its arguments nest.
func (w *writer) measure(f *form) int {
	u, _ := w.unsigned(f)
	if h, ok := w.heights[u]; ok {
		return h
	}
	h := 0
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
	if w.uses[u] < 2 || u.weight(namedWeight) < namedWeight {
		return w.form(f)
	}
	name, ok := w.bound[u]
	if !ok {
		name = w.names[0] // until write orders them
		w.bound[u] = name
		w.order = append(w.order, u)
	}
	if negative {
		return w.minus + name, sumLevel
	}
	return name, atomLevel
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

// piece is a written summand without its sign.
type piece struct {
	text     string
	negative bool
	level    int
}

// form writes f and returns how tightly it binds.
func (w *writer) form(f *form) (string, int) {
	pieces := w.logProbabilities(f)
	for _, t := range withoutLogProbabilities(f) {
		text, level := w.monomial(math.Abs(t.coefficient), t.mono)
		pieces = append(pieces, piece{text, t.coefficient < 0, level})
	}
	if i := slices.IndexFunc(pieces, func(p piece) bool { return !p.negative }); i > 0 {
		first := pieces[i]
		pieces = slices.Insert(slices.Delete(pieces, i, i+1), 0, first)
	}
	if f.constant != 0 || len(pieces) == 0 {
		c := piece{w.number(math.Abs(f.constant)), f.constant < 0, atomLevel}
		if len(pieces) > 0 && pieces[0].negative && !c.negative {
			pieces = slices.Insert(pieces, 0, c)
		} else {
			pieces = append(pieces, c)
		}
	}
	if len(pieces) == 1 && !pieces[0].negative {
		return pieces[0].text, pieces[0].level
	}
	s := ""
	for i, p := range pieces {
		switch {
		case i == 0 && p.negative:
			s = w.minus
		case p.negative:
			s += " " + w.minus + " "
		case i > 0:
			s += " + "
		}
		s += p.text
	}
	return s, sumLevel
}

// logProbabilities writes the log-probabilities of f, as margin or log-ratios
// where they make one.
func (w *writer) logProbabilities(f *form) []piece {
	c := map[Op]float64{}
	for _, t := range f.terms {
		if x, _ := t.mono.only(); t.mono.isLogProbability() {
			c[x.op] = t.coefficient
		}
	}
	var pieces []piece
	put := func(coefficient float64, symbol string) {
		if coefficient != 0 {
			text, level := w.factors(math.Abs(coefficient), []operand{{symbol, symbol}}, nil)
			pieces = append(pieces, piece{text, coefficient < 0, level})
		}
	}
	chosen, rejected := c[PolicyChosen], c[PolicyRejected]
	ratios := c[RefChosen] == -chosen && c[RefRejected] == -rejected
	switch {
	case ratios && chosen == -rejected:
		put(chosen, w.margin[0])
	case ratios:
		put(chosen, w.margin[1])
		put(rejected, w.margin[2])
	default:
		for _, op := range [...]Op{PolicyChosen, PolicyRejected, RefChosen, RefRejected} {
			put(c[op], w.leaves[op])
		}
	}
	return pieces
}

// monomial writes c·m for a positive c.
func (w *writer) monomial(c float64, m *mono) (string, int) {
	factors := slices.Clone(m.factors)
	slices.SortStableFunc(factors, func(x, y factor) int { return x.atom.rank() - y.atom.rank() })
	var above, below []operand
	for _, x := range factors {
		if x.power < 0 {
			below = append(below, w.powerOf(x.atom, -x.power))
		} else {
			above = append(above, w.powerOf(x.atom, x.power))
		}
	}
	return w.factors(c, above, below)
}

// factors writes a product; a coefficient of a half, a third and so on is
// written below.
func (w *writer) factors(c float64, above, below []operand) (string, int) {
	number := func(x float64) []operand { return []operand{{w.number(x), w.number(x)}} }
	if k := 1 / c; k == math.Trunc(k) && k >= 2 && k <= 9 && k != 5 {
		below = append(number(k), below...)
	} else if c != 1 || len(above)+len(below) == 0 {
		above = append(number(c), above...)
	}
	if len(above) == 0 {
		above = number(1)
	}
	if len(below) > 0 {
		return w.fraction(above, below), productLevel
	}
	if len(above) == 1 {
		return above[0].text, atomLevel
	}
	return w.product(texts(above)), productLevel
}

func texts(operands []operand) []string {
	s := make([]string, len(operands))
	for i, o := range operands {
		s[i] = o.text
	}
	return s
}

// rank orders the factors of a product: parameters, beta, progress, what is made
// of those, lengths, log-probabilities, sigmoids and masks, sums, other
// functions, logarithms of sigmoids.
func (x *atom) rank() int {
	switch {
	case x.op == Param:
		return 0
	case x.op == Beta:
		return 1
	case x.op == Progress:
		return 2
	case x.isLogProbability():
		return 5
	case x.op == Invalid && x.args[0].weight(2) < 2:
		return 3
	case x.op == ChosenLen || x.op == RejectedLen:
		return 4
	case x.op == Sigmoid || x.op == Greater || x.op == Less:
		return 6
	case x.op == Invalid:
		return 7
	case x.op == LogSigmoid:
		return 9
	}
	return 8
}

// powerOf writes a factor.
func (w *writer) powerOf(x *atom, k float64) operand {
	alone, level := w.atom(x)
	if k == 0.5 {
		s := w.call(Sqrt, []string{alone})
		return operand{s, s}
	}
	s := alone
	if level < atomLevel || k != 1 && x.op == LogSigmoid {
		s = w.paren(s)
	}
	if k != 1 {
		s = w.power(s, k)
		alone = s
	}
	return operand{s, alone}
}

// atom writes x and returns how tightly it binds.
func (w *writer) atom(x *atom) (string, int) {
	switch {
	case x.op == Invalid:
		return w.argument(x.args[0])
	case x.op == Param:
		if !slices.Contains(w.params, x) {
			w.params = append(w.params, x)
		}
		return w.param(x.name), atomLevel
	case x.op.Leaf():
		return w.leaves[x.op], atomLevel
	}
	args := make([]string, len(x.args))
	for i, arg := range x.args {
		args[i], _ = w.argument(arg)
	}
	switch x.op {
	case Greater, Less:
		return w.mask(w.compare(x.op, args[0], args[1])), atomLevel
	case Where:
		args[0] = w.condition(x.args[0], args[0])
	}
	return w.call(x.op, args), atomLevel
}

// condition writes the mask f, which reads written as a number, as a condition.
func (w *writer) condition(f *form, written string) string {
	if x, ok := f.call(); ok && (x.op == Greater || x.op == Less) {
		a, _ := w.argument(x.args[0])
		b, _ := w.argument(x.args[1])
		return w.compare(x.op, a, b)
	}
	return w.compare(Invalid, written, "0")
}
