package task

import (
	"sync"

	"github.com/objdisco/discover/evaluator/kernel"
)

// Exact computes the expected reward and the KL divergence of a policy by
// dynamic programming backwards in time. The state is a context and a score; the
// value of a state is the expected reward of the final score, and of a context
// also the expected sum of KL over the positions still to come and their number.
// Position t is live if the text has not ended before it.
//
// An Exact is immutable and safe for concurrent use.
type Exact struct {
	language *Language
	queries  []WeightedQuery
	steps    int
	scores   int       // number of scores
	terminal []float32 // reward of each score
	shifted  [][]int32 // shifted[previous·vocab+token][score] is the score after the token
	scratch  sync.Pool
}

// Table holds what Exact reads of a policy: for each context of the language the
// probability of each token, then the KL divergence to the reference in that
// context, then 1.
type Table struct {
	kernel.Matrix
	vocab int
}

// tablePadding rounds the columns of a table up.
const tablePadding = 8

// NewTable returns a table for the policies of l.
func NewTable(l *Language) Table {
	cols := l.Vocab() + 2
	stride := (cols + tablePadding - 1) / tablePadding * tablePadding
	t := Table{vocab: l.Vocab(), Matrix: kernel.Dense(l.Contexts(), stride, make([]float32, l.Contexts()*stride))}
	t.Cols = cols
	for i := range t.Rows {
		t.Row(i)[t.vocab+1] = 1
	}
	return t
}

// Probabilities returns the columns of the probabilities, sharing memory.
func (t Table) Probabilities() kernel.Matrix {
	m := t.Matrix
	m.Cols = t.vocab
	return m
}

// SetKL stores the KL divergence in each context, nats.
func (t Table) SetKL(kl []float32) {
	for i, x := range kl {
		t.Data[i*t.RowStride+t.vocab] = x
	}
}

// NewExact prepares the evaluation of policies that complete the queries with
// steps tokens, of which reward gives the worth by final score.
func NewExact(l *Language, queries []WeightedQuery, steps int, reward func(score int) float64) *Exact {
	e := &Exact{language: l, queries: queries, steps: steps, scores: 2*l.Limit + 1}
	for s := range e.scores {
		e.terminal = append(e.terminal, float32(reward(s-l.Limit)))
	}
	for previous := range l.Vocab() {
		for token := range l.Vocab() {
			next := make([]int32, e.scores)
			for s := range next {
				next[s] = int32(l.step(s-l.Limit, Token(previous), Token(token)) + l.Limit)
			}
			e.shifted = append(e.shifted, next)
		}
	}
	e.scratch.New = func() any { return e.newValues() }
	return e
}

// Evaluate returns the expected reward, and the expected sum of KL over live
// positions divided by their expected number.
func (e *Exact) Evaluate(t Table) (reward, klPerToken float64) {
	v := e.scratch.Get().(*values)
	defer e.scratch.Put(v)
	v.reset(e)
	for range e.steps {
		v.back(e, t)
	}
	var kl, live float64
	for _, q := range e.queries {
		row := v.now.Row(e.language.Context(q.Genre, q.Before, q.Last))
		reward += q.Weight * float64(row[e.language.Limit])
		kl += q.Weight * float64(row[e.scores])
		live += q.Weight * float64(row[e.scores+1])
	}
	return reward, kl / live
}

// values is the scratch of an evaluation: a row per context with the value at
// each score, the KL to come and the positions to come.
type values struct {
	now, next kernel.Matrix
	after     kernel.Matrix // a row per token: values after it; then what KL and the position itself add
}

func (e *Exact) newValues() *values {
	cols := e.scores + 2
	stride := (cols + tablePadding - 1) / tablePadding * tablePadding
	rows := func(n int) kernel.Matrix { return kernel.Dense(n, stride, make([]float32, n*stride)) }
	return &values{now: rows(e.language.Contexts()), next: rows(e.language.Contexts()), after: rows(e.language.Vocab() + 2)}
}

// reset sets the values after the last step, and those of the end token.
func (v *values) reset(e *Exact) {
	clear(v.now.Data)
	for i := range v.now.Rows {
		copy(v.now.Row(i), e.terminal)
	}
	clear(v.after.Data)
	copy(v.after.Row(int(e.language.End())), e.terminal)
	v.after.Row(e.language.Vocab())[e.scores] = 1
	v.after.Row(e.language.Vocab() + 1)[e.scores+1] = 1
}

// back goes one step back in time.
func (v *values) back(e *Exact, t Table) {
	v.now, v.next = v.next, v.now
	words := e.language.Vocab() - 1
	for genre := range e.language.Genres {
		for last := range words {
			for token := range words {
				from := v.next.Row((genre*words+token)*words + last)
				to := v.after.Row(token)
				next := e.shifted[last*e.language.Vocab()+token]
				for s, n := range next {
					to[s] = from[n]
				}
				to[e.scores], to[e.scores+1] = from[e.scores], from[e.scores+1]
			}
			block := (genre*words + last) * words
			kernel.Gemm(rows(v.now, block, words), rows(t.Matrix, block, words), v.after)
		}
	}
}

// rows returns n rows of m from the given one.
func rows(m kernel.Matrix, from, n int) kernel.Matrix {
	m.Data = m.Data[from*m.RowStride:]
	m.Rows = n
	return m
}
