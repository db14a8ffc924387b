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
