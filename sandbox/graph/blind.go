package graph

import "slices"

// exactTerms is the number of log-probabilities up to which sums of coarsened ones
// are exact, with much to spare.
const exactTerms = 64

// blindTo reports whether r's objective cannot notice, by its form, when some of the
// log-probabilities of a pair move together: it takes them into sums and differences
// only, in which the move cancels before anything else is done. Then it computes the
// same, bit for bit, wherever such sums are exact. It may be blind without this
// being seen.
func (p *Plan) blindTo(together ...Op) bool {
	moves := make([]int, len(p.code)) // of each value, for a move by 1
	terms := make([]int, len(p.code)) // log-probabilities that a value is the sum of; 0 if it is none
	for i := range p.code {
		in := &p.code[i]
		a, b := in.args[0], in.args[1]
		switch in.op {
		case PolicyChosen, PolicyRejected, RefChosen, RefRejected:
			terms[i] = 1
			if slices.Contains(together, in.op) {
				moves[i] = 1
			}
			continue
		case Neg:
			moves[i], terms[i] = -moves[a], terms[a]
			continue
		case Add, Sub:
			if terms[a] > 0 && terms[b] > 0 && terms[a]+terms[b] <= exactTerms {
				terms[i] = terms[a] + terms[b]
				moves[i] = moves[a] + moves[b]
				if in.op == Sub {
					moves[i] = moves[a] - moves[b]
				}
				continue
			}
		}
		for _, arg := range in.args[:in.op.Arity()] {
			if moves[arg] != 0 {
				return false
			}
		}
	}
	return moves[p.output] == 0
}
