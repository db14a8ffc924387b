package graph

import "slices"

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
