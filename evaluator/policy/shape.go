package policy

import (
	"math/rand/v2"

	"github.com/objdisco/discover/evaluator/kernel"
)

// Shape gives the sizes of an NGram: logits = tanh(L[last] + B[before] +
// G[genre])·W + b, where the last token of the vocabulary ends a text and has no
// successor.
type Shape struct {
	Genres int `json:"genres"`
	Vocab  int `json:"vocab"`
	Hidden int `json:"hidden"`
}

// Len returns the number of parameters.
func (s Shape) Len() int { return (2*s.Vocab+s.Genres)*s.Hidden + s.Hidden*s.Vocab + s.Vocab }

// Contexts returns the number of contexts: a genre and two words other than the
// end. They are ordered by genre, then by the last word, then by the one before.
func (s Shape) Contexts() int { return s.Genres * (s.Vocab - 1) * (s.Vocab - 1) }

// weights are views into a flat vector of parameters or of their gradient.
type weights struct {
	last, before, genre kernel.Matrix // rows of embeddings
	out                 kernel.Matrix // hidden × vocab
	bias                []float32
}

// view splits flat, which has s.Len() elements.
func (s Shape) view(flat []float32) weights {
	take := func(rows, cols int) kernel.Matrix {
		m := kernel.Dense(rows, cols, flat[:rows*cols])
		flat = flat[rows*cols:]
		return m
	}
	w := weights{
		last:   take(s.Vocab, s.Hidden),
		before: take(s.Vocab, s.Hidden),
		genre:  take(s.Genres, s.Hidden),
		out:    take(s.Hidden, s.Vocab),
	}
	w.bias = flat
	return w
}

// Random returns parameters drawn from N(0, scale²), the biases 0.
func (s Shape) Random(r *rand.Rand, scale float64) []float32 {
	flat := make([]float32, s.Len())
	for i := range flat[:s.Len()-s.Vocab] {
		flat[i] = float32(scale * r.NormFloat64())
	}
	return flat
}
