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
