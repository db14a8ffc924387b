package graph

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// A form is a value in normal form: a constant plus multiples of monomials. A
// monomial is a product of powers of atoms. An atom is a leaf, a function of
// forms, or a group: a sum that is a factor of a product. Equal values built in
// different orders become the same form, and each exists once, so forms,
// monomials and atoms are compared by pointer.
type (
	form struct {
		constant float64
		terms    []term // by mono.id, no coefficient 0
		id       int
	}
	term struct {
		coefficient float64
		mono        *mono
	}
	mono struct {
		factors []factor // by atom.id, no power 0
		id      int
	}
	factor struct {
		atom  *atom
		power float64
	}
	atom struct {
		op   Op      // Invalid for a group
		name string  // of a Param
		k    float64 // value of a Param
		args []*form
		id   int
	}
)

// algebra creates forms.
type algebra struct {
	forms map[string]*form
	monos map[string]*mono
	atoms map[string]*atom
}

func newAlgebra() *algebra {
	return &algebra{forms: map[string]*form{}, monos: map[string]*mono{}, atoms: map[string]*atom{}}
}

func appendNumber(key []byte, x float64) []byte {
	return append(strconv.AppendUint(key, math.Float64bits(x+0), 16), ' ')
}

func (a *algebra) atom(op Op, name string, k float64, args ...*form) *atom {
	key := append([]byte(op.String()+" "+name+" "), '(')
	for _, f := range args {
		key = append(strconv.AppendInt(key, int64(f.id), 10), ' ')
	}
	if x, ok := a.atoms[string(key)]; ok {
		return x
	}
	x := &atom{op: op, name: name, k: k, args: args, id: len(a.atoms)}
	a.atoms[string(key)] = x
	return x
}

// product returns the monomial of factors, which it merges and sorts.
func (a *algebra) product(factors []factor) *mono {
	slices.SortStableFunc(factors, func(x, y factor) int { return cmp.Compare(x.atom.id, y.atom.id) })
	var merged []factor
	for _, f := range factors {
		if n := len(merged); n > 0 && merged[n-1].atom == f.atom {
			merged[n-1].power += f.power
		} else {
			merged = append(merged, f)
		}
	}
	merged = slices.DeleteFunc(merged, func(f factor) bool { return f.power == 0 })
	var key []byte
	for _, f := range merged {
		key = appendNumber(append(strconv.AppendInt(key, int64(f.atom.id), 10), '^'), f.power)
	}
	if m, ok := a.monos[string(key)]; ok {
		return m
	}
	m := &mono{factors: merged, id: len(a.monos)}
	a.monos[string(key)] = m
	return m
}

// sum returns the form of constant and terms, which it merges and sorts.
func (a *algebra) sum(constant float64, terms []term) *form {
	slices.SortStableFunc(terms, func(x, y term) int { return cmp.Compare(x.mono.id, y.mono.id) })
	var merged []term
	for _, t := range terms {
		if len(t.mono.factors) == 0 {
			constant += t.coefficient
		} else if n := len(merged); n > 0 && merged[n-1].mono == t.mono {
			merged[n-1].coefficient += t.coefficient
		} else {
			merged = append(merged, t)
		}
	}
	merged = slices.DeleteFunc(merged, func(t term) bool { return t.coefficient == 0 })
	key := appendNumber(nil, constant)
	for _, t := range merged {
		key = appendNumber(append(strconv.AppendInt(key, int64(t.mono.id), 10), '*'), t.coefficient)
	}
	if f, ok := a.forms[string(key)]; ok {
		return f
	}
	f := &form{constant: constant, terms: merged, id: len(a.forms)}
	a.forms[string(key)] = f
	return f
}

func (a *algebra) number(x float64) *form { return a.sum(x, nil) }

// number returns the value of a form without terms.
func (f *form) number() (float64, bool) { return f.constant, len(f.terms) == 0 }

// single returns the only term of f, when it has no constant either.
func (f *form) single() (term, bool) {
	if f.constant != 0 || len(f.terms) != 1 {
		return term{}, false
	}
	return f.terms[0], true
}

// call returns the atom that f consists of.
func (f *form) call() (*atom, bool) {
	t, ok := f.single()
	if !ok || t.coefficient != 1 {
		return nil, false
	}
	return t.mono.only()
}

// only returns the only factor of m, when its power is 1.
func (m *mono) only() (*atom, bool) {
	if len(m.factors) != 1 || m.factors[0].power != 1 {
		return nil, false
	}
	return m.factors[0].atom, true
}

func (a *algebra) value(x *atom) *form {
	return a.sum(0, []term{{1, a.product([]factor{{x, 1}})}})
}

func (a *algebra) apply(op Op, args ...*form) *form { return a.value(a.atom(op, "", 0, args...)) }

func (a *algebra) scale(f *form, c float64) *form {
	terms := make([]term, len(f.terms))
	for i, t := range f.terms {
		terms[i] = term{t.coefficient * c, t.mono}
	}
	return a.sum(f.constant*c, terms)
}

func (a *algebra) neg(f *form) *form { return a.scale(f, -1) }

// add returns f + c·g.
func (a *algebra) add(f, g *form, c float64) *form {
	terms := slices.Clone(f.terms)
	for _, t := range g.terms {
		terms = append(terms, term{t.coefficient * c, t.mono})
	}
	return a.flipSigmoids(a.sum(f.constant+c*g.constant, a.collect(terms)))
}

// factored returns f as a coefficient and factors; a sum becomes a group, less
// a common coefficient.
func (a *algebra) factored(f *form) (float64, []factor) {
	if t, ok := f.single(); ok {
		return t.coefficient, slices.Clone(t.mono.factors)
	}
	c := f.common()
	terms := make([]term, len(f.terms))
	for i, t := range f.terms {
		terms[i] = term{t.coefficient / c, t.mono}
	}
	return c, []factor{{a.atom(Invalid, "", 0, a.sum(f.constant/c, terms)), 1}}
}

// common returns the number that divides f into a nicer sum: the magnitude of
// its coefficients where they agree, negative if the sum would start with a
// minus.
func (f *form) common() float64 {
	negative := f.constant <= 0
	for _, t := range f.terms {
		negative = negative && t.coefficient < 0
	}
	c := math.Abs(f.terms[0].coefficient)
	for _, t := range f.terms {
		if math.Abs(t.coefficient) != c {
			c = 1
		}
	}
	if f.constant != 0 && math.Abs(f.constant) != c {
		c = 1
	}
	if negative || f.constant == 0 && f.leading().coefficient < 0 {
		return -c
	}
	return c
}

// leading returns the term that should be positive where the sign is free: among
// log-probabilities that of the chosen completion, else the first.
func (f *form) leading() term {
	first := f.terms[0]
	for _, t := range f.terms[1:] {
		if t.mono.isLogProbability() && first.mono.isLogProbability() && t.mono.factors[0].atom.op < first.mono.factors[0].atom.op {
			first = t
		}
	}
	return first
}

func (a *algebra) mul(f, g *form) *form {
	if x, ok := f.number(); ok {
		return a.scale(g, x)
	}
	if x, ok := g.number(); ok {
		return a.scale(f, x)
	}
	c, factors := a.factored(f)
	d, more := a.factored(g)
	return a.of(c*d, append(factors, more...))
}

// of returns the form c·factors, with exponentials multiplied out, 1/(1+exp)
// written as a sigmoid and even powers freed of abs.
func (a *algebra) of(c float64, factors []factor) *form {
	exponent := a.number(0)
	var rest []factor
	for _, x := range factors {
		if x.atom.op == Exp {
			exponent = a.add(exponent, x.atom.args[0], x.power)
		} else if u, ok := onePlusExp(x.atom.group()); ok && x.power < 0 {
			sigmoid := a.atom(Sigmoid, "", 0, a.neg(u))
			rest = append(rest, factor{sigmoid, -x.power})
		} else if x.atom.op == Abs && math.Mod(x.power, 2) == 0 {
			d, more := a.factored(a.power(x.atom.args[0], x.power))
			c, rest = c*d, append(rest, more...)
		} else {
			rest = append(rest, x)
		}
	}
	if e := a.exp(exponent); len(e.terms) > 0 {
		d, more := a.factored(e)
		c, rest = c*d, append(rest, more...)
	}
	m := a.product(rest)
	if x, ok := m.only(); ok && x.op == Invalid {
		return a.scale(x.args[0], c) // a group alone needs no parentheses
	}
	return a.sum(0, []term{{c, m}})
}

// power returns f to the power k.
func (a *algebra) power(f *form, k float64) *form {
	if x, ok := f.number(); ok {
		if y := math.Pow(x, k); !math.IsNaN(y) && !math.IsInf(y, 0) {
			return a.number(y)
		}
	}
	if k == 1 {
		return f
	}
	if k != math.Trunc(k) {
		return a.rootOf(f, k)
	}
	if len(f.terms) == 0 {
		return a.of(1, []factor{{a.atom(Invalid, "", 0, f), k}})
	}
	c, factors := a.factored(f)
	for i := range factors {
		factors[i].power *= k
	}
	return a.of(math.Pow(c, k), factors)
}

// rootOf returns f to a power that is not whole, of which only an atom's can be
// merged with others.
func (a *algebra) rootOf(f *form, k float64) *form {
	x, ok := f.call()
	if !ok {
		x = a.atom(Invalid, "", 0, f)
	}
	return a.of(1, []factor{{x, k}})
}

// group returns the sum in a group, nil of any other atom.
func (x *atom) group() *form {
	if x.op != Invalid {
		return nil
	}
	return x.args[0]
}

// onePlusExp returns u where f is 1 + exp(u).
func onePlusExp(f *form) (*form, bool) {
	if f == nil || f.constant != 1 || len(f.terms) != 1 || f.terms[0].coefficient != 1 {
		return nil, false
	}
	x, ok := f.terms[0].mono.only()
	if !ok || x.op != Exp {
		return nil, false
	}
	return x.args[0], true
}

// flipSigmoids rewrites c − c·σ(u) as c·σ(−u), also for several sigmoids that
// use up the constant together.
func (a *algebra) flipSigmoids(f *form) *form {
	used := 0.0
	flips := func(t term) bool {
		x, ok := t.mono.only()
		return ok && x.op == Sigmoid && t.coefficient*f.constant < 0
	}
	for _, t := range f.terms {
		if flips(t) {
			used += t.coefficient
		}
	}
	if f.constant == 0 || used != -f.constant {
		return f
	}
	var terms []term
	for _, t := range f.terms {
		if flips(t) {
			x, _ := t.mono.only()
			flipped := a.apply(Sigmoid, a.neg(x.args[0]))
			t = term{-t.coefficient, flipped.terms[0].mono}
		}
		terms = append(terms, t)
	}
	return a.sum(0, terms)
}

// collect merges terms that are the same multiple of different sums of
// log-probabilities, as in β·h₊ − β·h₋.
func (a *algebra) collect(terms []term) []term {
	type bucket struct {
		rest []factor
		sum  *form
	}
	buckets := map[*mono]*bucket{}
	var order []*mono
	var out []term
	for _, t := range terms {
		rest, logp := a.splitLogProbability(t.mono)
		if logp == nil || len(rest) == 0 {
			out = append(out, t)
			continue
		}
		m := a.product(rest)
		b := buckets[m]
		if b == nil {
			b = &bucket{rest: rest, sum: a.number(0)}
			buckets[m] = b
			order = append(order, m)
		}
		b.sum = a.sum(0, append(slices.Clone(b.sum.terms), a.scale(logp, t.coefficient).terms...))
	}
	for _, m := range order {
		b := buckets[m]
		if len(b.sum.terms) > 0 {
			c, factors := a.factored(b.sum)
			out = append(out, term{c, a.product(append(factors, b.rest...))})
		}
	}
	return out
}

// splitLogProbability splits m into its only factor that is a sum of
// log-probabilities and the rest.
func (a *algebra) splitLogProbability(m *mono) (rest []factor, logp *form) {
	for _, f := range m.factors {
		if f.power == 1 && logp == nil && f.atom.isLogProbability() {
			logp = a.value(f.atom)
			if f.atom.op == Invalid {
				logp = f.atom.args[0]
			}
		} else {
			rest = append(rest, f)
		}
	}
	return rest, logp
}

// isLogProbability reports whether x is a log-probability or a sum of such.
func (x *atom) isLogProbability() bool {
	switch x.op {
	case PolicyChosen, PolicyRejected, RefChosen, RefRejected:
		return true
	case Invalid:
		return x.args[0].constant == 0 && len(x.args[0].terms) > 0 && !slices.ContainsFunc(x.args[0].terms, func(t term) bool {
			y, ok := t.mono.only()
			return !ok || y.op == Invalid || !y.isLogProbability()
		})
	}
	return false
}

func (m *mono) isLogProbability() bool {
	x, ok := m.only()
	return ok && x.op != Invalid && x.isLogProbability()
}
