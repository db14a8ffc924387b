package graph

import "strings"

// Formula returns the loss of a pair as one line of text, simplified:
//
//	−log σ(β·h)
//	relu(1 − β·h)
//	σ(β·h/tau)·exp(−β·h) − σ(−β·h/tau)·log σ(β·h) where tau = 0.05
//
// h is the margin, h₊ and h₋ the log-ratios of the chosen and the rejected
// completion, π(y₊) and π_ref(y₊) the probabilities of the chosen completion
// under policy and reference, |y₊| its length, β beta and t progress; σ is the
// sigmoid and [a > b] is 1 where the comparison holds, else 0. mean, std and
// the like are over the micro-batch. Sub-expressions that recur have names,
// given after "where" together with the values of parameters.
//
// Simplification is algebra over the real numbers: it merges terms and factors,
// folds constants, and writes softplus, log(1+exp), 1/(1+exp), 1−σ, reciprocals
// and clamps in one way each. A formula of more than 20,000 terms is not written
// out. The graph must be valid.
func Formula(g *Graph) string {
	lines := write(g, plainText)
	s := lines[0].value
	var where []string
	for _, l := range lines[1:] {
		where = append(where, l.name+" = "+l.value)
	}
	if len(where) > 0 {
		s += " where " + strings.Join(where, ", ")
	}
	return s
}

// LaTeX returns the formula as equations in math mode, without delimiters: the
// loss ℓ first, then those of its named sub-expressions and parameters. Choices
// are written with the cases environment of amsmath.
func LaTeX(g *Graph) []string {
	var equations []string
	for i, l := range write(g, latex) {
		if i == 0 {
			l.name = `\ell`
		}
		equations = append(equations, l.name+" = "+l.value)
	}
	return equations
}
