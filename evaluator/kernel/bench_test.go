package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// benchFastest reports the nanoseconds of one call per the given number of
// operations, as unit, in the fastest trial.
func benchFastest(b *testing.B, operations float64, unit string, call func()) {
	best := math.Inf(1)
	for b.Loop() {
		best = min(best, fastest(1, call))
	}
	b.ReportMetric(best/operations, unit)
	b.ReportMetric(0, "ns/op") // of a trial
}

// BenchmarkGemm reports GFLOP/s and the share of the measured peak in the shapes
// that occur.
func BenchmarkGemm(b *testing.B) {
	peak := MeasurePeak()
	for _, p := range Products {
		b.Run(fmt.Sprintf("%dx%dx%d", p.M, p.N, p.K), func(b *testing.B) {
			rate := 0.0
			for b.Loop() {
				rate = max(rate, p.Measure(1))
			}
			b.ReportMetric(rate, "GFLOP/s")
			b.ReportMetric(100*rate/peak, "%peak")
			b.ReportMetric(0, "ns/op") // of a trial
		})
	}
}

// BenchmarkElements reports nanoseconds per element of the other kernels, on
// 1,500 contexts of 53 words or 64 hidden units.
func BenchmarkElements(b *testing.B) {
	for _, n := range []int{53, 64} {
		rng := rand.New(rand.NewPCG(3, 4))
		const rows = 1500
		set := calls(rows, n, func(n int) []float32 { return random(rng, n) }, rowsOf(rows))
		for _, name := range []string{"Exp", "Log", "Tanh", "TanhBackward", "Add", "Axpy", "LogSoftmax",
			"SoftmaxBackward", "Dot", "RowDots", "AddColumnSums", "GatherTanh", "ScatterAdd", "Adam"} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				benchFastest(b, float64(rows*n), "ns/element", set[name])
			})
		}
	}
}

func BenchmarkPeak(b *testing.B) {
	rate := 0.0
	for b.Loop() {
		rate = max(rate, MeasurePeak())
	}
	b.ReportMetric(rate, "GFLOP/s")
}
