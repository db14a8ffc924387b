package task

import (
	"math/rand/v2"

	"github.com/objdisco/discover/evaluator/kernel"
)

// Pair is two completions of a query, the preferred one first.
type Pair struct {
	Query            Query
	Chosen, Rejected []Token
}

// DrawPairs returns n labelled pairs: each has the beginning of a random review
// of the corpus and two samples from a policy, a table with a row of conditional
// probabilities for each context of the language.
func (w *World) DrawPairs(r *rand.Rand, policy kernel.Matrix, n int) []Pair {
	pairs := make([]Pair, n)
	for i := range pairs {
		q := w.queries[r.IntN(len(w.queries))]
		first, second := w.sample(r, policy, q), w.sample(r, policy, q)
		pairs[i] = Pair{Query: q, Chosen: first, Rejected: second}
		if w.prefersSecond(r, q, first, second) {
			pairs[i].Chosen, pairs[i].Rejected = second, first
		}
	}
	return pairs
}

// prefersSecond draws a Bradley–Terry label.
func (w *World) prefersSecond(r *rand.Rand, q Query, first, second []Token) bool {
	difference := w.Language.Score(q, first) - w.Language.Score(q, second)
	logit := w.Kappa * w.Scale * float64(difference)
	logit += w.Style * float64(w.styleWords(first)-w.styleWords(second))
	prefers := r.Float64() >= sigmoid(logit)
	flip := r.Float64() < w.Flip
	return prefers != flip
}

// styleWords counts the words that are style.
func (w *World) styleWords(tokens []Token) int {
	n := 0
	for _, t := range tokens {
		if t == w.Language.Style {
			n++
		}
	}
	return n
}

// sample draws a completion. It ends with the end token unless it is cut.
func (w *World) sample(r *rand.Rand, policy kernel.Matrix, q Query) []Token {
	l := w.Language
	completion := make([]Token, 0, w.NewTokens)
	before, last := q.Before, q.Last
	for len(completion) < w.NewTokens {
		t := pickToken(r, policy.Row(l.Context(q.Genre, before, last))[:l.Vocab()])
		completion = append(completion, t)
		if t == l.End() {
			break
		}
		before, last = last, t
	}
	return completion
}

// pickToken draws from a row of probabilities.
func pickToken(r *rand.Rand, p []float32) Token {
	u := r.Float64()
	for t, w := range p {
		if u -= float64(w); u < 0 {
			return Token(t)
		}
	}
	return Token(len(p) - 1)
}

// Steps returns the context and the token of every step of a completion.
func (l *Language) Steps(q Query, completion []Token) (contexts []int32, tokens []Token) {
	before, last := q.Before, q.Last
	contexts = make([]int32, len(completion))
	for i, t := range completion {
		contexts[i] = int32(l.Context(q.Genre, before, last))
		before, last = last, t
	}
	return contexts, completion
}
