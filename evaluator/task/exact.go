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
	asked    []span // of each genre: a range that has the words its queries end with
	steps    int
	scores   int       // number of scores
	terminal []float32 // reward of each score
	scratch  sync.Pool // of *values
}

// span is a range of words, the last excluded.
type span struct{ first, last int }

// include extends the range to a word.
func (w *span) include(word int) {
	if w.first == w.last {
		*w = span{word, word + 1}
	}
	w.first, w.last = min(w.first, word), max(w.last, word+1)
}

// Table holds what Exact reads of a policy: for each context of the language the
// probability of each token, then the KL divergence to the reference in that
// context, then 1.
type Table struct {
	kernel.Matrix
	vocab int
}

// padded rounds a number of columns up to whole vectors.
func padded(cols int) int { return (cols + 7) / 8 * 8 }

// NewTable returns a table for the policies of l.
func NewTable(l *Language) Table {
	cols := l.Vocab() + 2
	stride := padded(cols)
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
	e.asked = make([]span, l.Genres)
	for _, q := range queries {
		e.asked[q.Genre].include(int(q.Last))
	}
	for s := range e.scores {
		e.terminal = append(e.terminal, float32(reward(s-l.Limit)))
	}
	e.scratch.New = func() any { return &values{e.newValues(), e.newValues()} }
	return e
}

// Evaluate returns the expected reward, and the expected sum of KL over live
// positions divided by their expected number.
func (e *Exact) Evaluate(t Table) (reward, klPerToken float64) {
	v := e.scratch.Get().(*values)
	defer e.scratch.Put(v)
	var kl, live float64
	for genre, asked := range e.asked {
		if asked.first == asked.last {
			continue
		}
		e.solve(v, t, genre)
		for _, q := range e.queries {
			if q.Genre != genre {
				continue
			}
			row := e.after(v.now, int(q.Before)).Row(int(q.Last))
			reward += q.Weight * float64(row[e.language.Limit])
			kl += q.Weight * float64(row[e.scores])
			live += q.Weight * float64(row[e.scores+1])
		}
	}
	return reward, kl / live
}

// values holds what is expected in each context of a genre, now and one step
// later in time.
//
// For each word before, and then each word last, there is a row: the value at
// each score before last was said, the KL to come and the positions to come. The rows
// after a word are, in this order, those of all tokens that may follow it, and
// two more, so that a step back in time is a product of the table, which has a
// column for each, with these rows as they lie in memory.
type values struct{ now, next []float32 }

// extraRows are those of the KL and of the position itself.
const extraRows = 2

// cols returns the number of columns of values.
func (e *Exact) cols() int { return padded(e.scores + 2) }

// rows returns the number of rows of values after a word.
func (e *Exact) rows() int { return e.language.Vocab() + extraRows }

// newValues returns memory for the values of a genre. The rows that never change
// are set: those of the end token, of the KL and of the position itself.
func (e *Exact) newValues() []float32 {
	words, end := e.language.Vocab()-1, int(e.language.End())
	v := make([]float32, words*e.rows()*e.cols())
	for before := range words {
		after := e.after(v, before)
		copy(after.Row(end), e.terminal)
		e.shift(after.Row(end), Token(before), e.language.End())
		after.Row(end + 1)[e.scores] = 1
		after.Row(end + 2)[e.scores+1] = 1
	}
	return v
}

// after returns the rows of what follows a word.
func (e *Exact) after(v []float32, word int) kernel.Matrix {
	n := e.rows() * e.cols()
	return kernel.Dense(e.rows(), e.cols(), v[word*n:][:n])
}

// solve computes the values of a genre before the first step, at scores that
// count the last word of the query.
func (e *Exact) solve(v *values, t Table, genre int) {
	words := e.language.Vocab() - 1
	for before := range words {
		after := e.after(v.now, before)
		for last := range words {
			row := after.Row(last)
			clear(row)
			copy(row, e.terminal)
			e.shift(row, Token(before), Token(last))
		}
	}
	for time := e.steps - 1; time >= 0; time-- {
		v.now, v.next = v.next, v.now
		last, before := e.needed(genre, time)
		for word := last.first; word < last.last; word++ {
			e.back(v, t, genre, word, before)
			if time > 0 {
				e.shiftAll(v.now, word, before)
			}
		}
	}
}

// needed returns the words that may be last, and before it, at a time in steps: all,
// but at 0 the last word is a query's, and at 1 the one before it.
func (e *Exact) needed(genre, time int) (last, before span) {
	all, asked := span{0, e.language.Vocab() - 1}, e.asked[genre]
	switch time {
	case 0:
		return asked, all
	case 1:
		return all, asked
	}
	return all, all
}

// back computes the values in contexts with a last word, and one of a range of words
// before it, from those one step later, at scores that count the last word.
func (e *Exact) back(v *values, t Table, genre, last int, before span) {
	words := e.language.Vocab() - 1
	policy := t.Matrix
	policy.Rows, policy.Data = before.last-before.first, t.Data[((genre*words+last)*words+before.first)*t.RowStride:]
	now := kernel.Matrix{
		Rows: policy.Rows, Cols: e.cols(), RowStride: e.rows() * e.cols(), ColStride: 1,
		Data: v.now[(before.first*e.rows()+last)*e.cols():],
	}
	kernel.Gemm(now, policy, e.after(v.next, last))
}

// shiftAll shifts the values in contexts with a last word, and one of a range of words
// before it.
func (e *Exact) shiftAll(v []float32, last int, before span) {
	polarity := int(e.language.Polarity[last])
	if polarity == 0 {
		return
	}
	context := e.rows() * e.cols()
	for word := before.first; word < before.last; word++ {
		row := v[word*context+last*e.cols():][:e.scores]
		move(row, int(e.language.Factor[word])*polarity)
	}
}

// shift turns the values at scores that count a token into those at scores
// before it: they are read on the way back from after the token to before it.
func (e *Exact) shift(row []float32, previous, token Token) {
	move(row[:e.scores], int(e.language.Factor[previous])*int(e.language.Polarity[token]))
}

// move moves the values of a row to indices that are lower by that much, or higher if it
// is negative; what moves in at an end is the value that was there. Rows are short: a loop
// is faster than a call of copy.
func move(row []float32, by int) {
	last := len(row) - 1
	switch n := min(max(by, -by), last); {
	case by > 0:
		from, to := row[n:], row[:len(row)-n]
		for i := range to {
			to[i] = from[i]
		}
		fill(row[len(to):last], row[last])
	case by < 0:
		from, to := row[:len(row)-n], row[n:]
		for i := len(from) - 1; i >= 0; i-- {
			to[i] = from[i]
		}
		fill(row[1:n], row[0])
	}
}

// fill sets all of x to y.
func fill(x []float32, y float32) {
	for i := range x {
		x[i] = y
	}
}
