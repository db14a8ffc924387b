package train

import (
	"context"

	"github.com/objdisco/discover/sandbox/graph"
)

// Side is one of the runs of Together. Its loop, model and runner are its alone.
type Side struct {
	Loop   *Loop
	Model  Updater
	Runner *graph.Runner
	Beta   float64
}

// Together is Run for each of several sides on the same data, a step of all before the
// next, so that they can share what they read. logProbs does what Model.LogProbs does, for
// those sides that have not blown up: it stores in logp[k] those of sides[active[k]], and
// keeps neither slice. The reports are those of Run. The only error is the context's.
func Together(ctx context.Context, sides []Side, data Data, logProbs func(step int, active []int, logp [][]float64)) ([]Report, error) {
	reports, active := make([]Report, len(sides)), make([]int, len(sides))
	for k, s := range sides {
		s.Loop.begin(s.Beta, data)
		active[k] = k
	}
	logp := make([][]float64, len(sides))
	for i, pairs := range data.Order {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for k, side := range active {
			loop := sides[side].Loop
			loop.fill(&data.Pairs, pairs)
			logp[k] = loop.logp
		}
		logProbs(data.First+i, active, logp[:len(active)])
		on := active[:0]
		for _, side := range active {
			s := sides[side]
			if s.Loop.update(s.Model, s.Runner, data.First+i) {
				on = append(on, side)
				reports[side].Steps = i + 1
			} else {
				reports[side] = Report{i, true}
			}
		}
		active = on
	}
	return reports, nil
}
