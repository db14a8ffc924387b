package graph

import "slices"

// scratch is memory for looking at an objective, kept from look to look.
type scratch struct {
	pairs  []float64
	result Result
}

// look runs r on b. The next look overwrites the result.
func (r *Runner) look(b *Batch, microBatch int) *Result {
	r.run(b, microBatch, &r.scratch.result, 1/float64(b.Len()), nil)
	return &r.scratch.result
}

// batch returns a batch of n pairs, with any values, in the memory of the last one.
func (s *scratch) batch(n int) *Batch {
	s.pairs = slices.Grow(s.pairs[:0], batchColumns*n)
	return batchIn(s.pairs[:batchColumns*n], n)
}

// copyOf returns a copy of b in the memory of the last batch.
func (s *scratch) copyOf(b *Batch) *Batch {
	out := s.batch(b.Len())
	out.Beta, out.Progress = b.Beta, b.Progress
	to := out.columns()
	for i, from := range b.columns() {
		copy(*to[i], *from)
	}
	return out
}
