package kernel

import "time"

// peakSpin is how long one trial of MeasurePeak runs its loop.
const peakSpin = 2 * time.Millisecond

// MeasurePeak returns the rate of fused multiply-adds that one core sustains in
// registers with the vectors of this tier, GFLOP/s (two per multiply-add): the
// best of some short trials, about 20 ms together. It is the ceiling that
// kernel benchmarks are compared with.
func MeasurePeak() float64 {
	best := 0.0
	for range 10 {
		iterations, flops := 1000, 0.0
		start := time.Now()
		for time.Since(start) < peakSpin {
			flops += active().spin(iterations)
		}
		best = max(best, flops/float64(time.Since(start)))
	}
	return best
}
