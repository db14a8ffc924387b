package policy

import (
	"context"
	"math/rand/v2"
)

// Fit is how a reference is fitted to texts: Adam on the mean cross-entropy of
// random batches, at step t with the rate Rate·(1 − t/Steps) + LastRate.
type Fit struct {
	Steps     int     `json:"steps"`
	Batch     int     `json:"batch"` // texts of a step
	InitScale float64 `json:"init_scale"`
	Rate      float64 `json:"rate"`
	LastRate  float64 `json:"last_rate"`
}

// Run returns the parameters of a model of shape s fitted to the texts. The only
// error is the context's.
func (f Fit) Run(ctx context.Context, r *rand.Rand, s Shape, texts []Sequence) ([]float32, error) {
	m, compiler := NewNGram(s), NewCompiler(s)
	m.Reset(s.Random(r, f.InitScale))
	logp, derivatives := make([]float64, f.Batch), make([]float64, f.Batch)
	batch := make([]Sequence, f.Batch)
	for step := range f.Steps {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for i := range batch {
			batch[i] = texts[r.IntN(len(texts))]
		}
		b := compiler.Compile(batch)
		for i := range derivatives {
			derivatives[i] = -1 / float64(b.Steps())
		}
		m.LogProbs(b, logp)
		m.Backward(derivatives)
		m.Update(f.Rate*(1-float64(step)/float64(f.Steps))+f.LastRate, 0)
	}
	return m.Params(), nil
}
