package kernel

import "testing"

func TestMeasurePeakIsPlausible(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		// A core does between one operation in ten nanoseconds and 64 lanes·2 at 10 GHz.
		if rate := MeasurePeak(); rate < 0.1 || rate > 1280 {
			t.Errorf("%g GFLOP/s", rate)
		}
	})
}

// A product takes its share of the peak and no more.
func TestMeasureProductIsPlausible(t *testing.T) {
	for _, p := range Products {
		if rate := p.Measure(3); rate < 0.01 || rate > 1280 {
			t.Errorf("%s: %g GFLOP/s", p.Use, rate)
		}
	}
}
