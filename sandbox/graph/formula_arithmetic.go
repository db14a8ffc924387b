package graph

import (
	"math"
	"slices"
)

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
	e := a.exp(exponent)
	if x, ok := e.number(); ok {
		c *= x
	} else {
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
