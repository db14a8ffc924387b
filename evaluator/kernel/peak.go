package kernel

import "time"

// MeasurePeak runs so many trials of at least this length.
const (
	peakTrials = 200
	peakTrial  = 200 * time.Microsecond
)

// MeasurePeak returns the rate of fused multiply-adds that one core sustains in
// registers with the vectors of this tier, GFLOP/s (two per multiply-add): the
// best of many short trials, 40 ms together, so that a busy machine does not
// spoil it. It is the ceiling that kernel benchmarks are compared with.
func MeasurePeak() float64 {
	best := 0.0
	for range peakTrials {
		flops, start := 0.0, time.Now()
		for time.Since(start) < peakTrial {
			flops += active().spin(1000)
		}
		best = max(best, flops/float64(time.Since(start)))
	}
	return best
}
