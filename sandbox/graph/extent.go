package graph

import "iter"

// extent is how many values an instruction has.
type extent uint8

const (
	perRun        extent = iota // one: beta, progress, constants and what is made of them
	perMicroBatch               // one for each micro-batch: statistics and what is made of them
	perPair
)

// extentOf returns how many values in has, given whether that is one per pair, and
// whether they must be computed micro-batch by micro-batch: so must a statistic, and
// what combines the values of pairs with one of their micro-batch. All else is done
// element by element, however the pairs are grouped.
func (c *compiler) extentOf(in instruction, pairs bool) (e extent, split bool) {
	statistic := in.op.BatchStatistic()
	shared := statistic
	for _, a := range in.args[:in.op.Arity()] {
		shared = shared || c.plan.code[a].extent == perMicroBatch
	}
	switch {
	case pairs:
		return perPair, shared
	case shared:
		return perMicroBatch, statistic
	}
	return perRun, false
}

// size returns how many values in has in a forward pass.
func (r *Runner) size(in *instruction) int {
	switch in.extent {
	case perPair:
		return r.pairs
	case perMicroBatch:
		return (r.pairs + r.microBatch - 1) / r.microBatch
	}
	return 1
}

// span is the pairs lo to hi of a forward pass, which are one micro-batch of it, or
// all.
type span struct {
	all           bool
	batch, lo, hi int
}

// of returns the part of values that belongs to s.
func (s span) of(values []float64, e extent) []float64 {
	switch {
	case s.all, e == perRun:
		return values
	case e == perPair:
		return values[s.lo:s.hi]
	}
	return values[s.batch : s.batch+1]
}

// parts are the spans for which in must be computed one after the other.
func (r *Runner) parts(in *instruction) iter.Seq[span] {
	return func(yield func(span) bool) {
		if !in.split || r.pairs <= r.microBatch {
			yield(span{all: true})
			return
		}
		for s := (span{hi: r.microBatch}); s.lo < r.pairs; s = (span{batch: s.batch + 1, lo: s.hi, hi: s.hi + r.microBatch}) {
			s.hi = min(s.hi, r.pairs)
			if !yield(s) {
				return
			}
		}
	}
}

// lastBatch is the last micro-batch of a forward pass.
func (r *Runner) lastBatch() span {
	batch := (r.pairs - 1) / r.microBatch
	return span{batch: batch, lo: batch * r.microBatch, hi: r.pairs}
}

// value returns the part s of the values of instruction i.
func (r *Runner) value(i int, s span) []float64 {
	if s.all {
		return r.values[i]
	}
	return s.of(r.values[i], r.plan.code[i].extent)
}

// adjoint returns the part s of the adjoints of instruction i, nil if it has none.
func (r *Runner) adjoint(i int, s span) []float64 {
	in := &r.plan.code[i]
	if !in.grad {
		return nil
	}
	return s.of(r.adjoints[i][:r.size(in)], in.extent)
}
