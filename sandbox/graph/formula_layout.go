package graph

import (
	"math"
	"slices"
)

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
		text, level := w.term(t)
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
			s += w.plus
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
