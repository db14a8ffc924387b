package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// fastest runs call in short batches and returns the nanoseconds of one call in
// the fastest batch. Like MeasurePeak it asks what the code can do, not how busy
// the machine is.
func fastest(b *testing.B, call func()) float64 {
	best := math.Inf(1)
	for b.Loop() {
		start, calls := time.Now(), 0
		for time.Since(start) < 200*time.Microsecond {
			call()
			calls++
		}
		best = min(best, float64(time.Since(start).Nanoseconds())/float64(calls))
	}
	return best
}

// BenchmarkGemm reports GFLOP/s and the share of the measured peak in the shapes
// of the policy: forward, the two products of backward, and a step of the
// dynamic programme.
func BenchmarkGemm(b *testing.B) {
	peak := MeasurePeak()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct {
		m, n, k, stride int
		transposed      bool
	}{
		{m: 1500, n: 53, k: 64, stride: 53}, {m: 1500, n: 53, k: 64, stride: 56}, {m: 1500, n: 56, k: 64, stride: 56},
		{m: 1500, n: 64, k: 64, stride: 64}, {m: 1500, n: 64, k: 53, stride: 64},
		{m: 64, n: 53, k: 1500, stride: 53, transposed: true}, {m: 64, n: 53, k: 4000, stride: 53, transposed: true},
		{m: 17, n: 53, k: 53, stride: 53, transposed: true},
	} {
		name := fmt.Sprintf("%dx%dx%d", s.m, s.n, s.k)
		if s.stride != s.n {
			name += fmt.Sprintf("/stride%d", s.stride)
		}
		x := Dense(s.m, s.k, random(rng, s.m*s.k))
		if s.transposed {
			x = Dense(s.k, s.m, x.Data).T()
		}
		y := Matrix{Rows: s.k, Cols: s.n, RowStride: s.stride, ColStride: 1, Data: random(rng, s.k*s.stride)}
		z := Matrix{Rows: s.m, Cols: s.n, RowStride: s.stride, ColStride: 1, Data: make([]float32, s.m*s.stride)}
		b.Run(name, func(b *testing.B) {
			rate := 2 * float64(s.m*s.n*s.k) / fastest(b, func() { Gemm(z, x, y) })
			b.ReportMetric(rate, "GFLOP/s")
			b.ReportMetric(100*rate/peak, "%peak")
			b.ReportMetric(0, "ns/op") // of a batch
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
		for _, name := range []string{"Exp", "Log", "Tanh", "TanhBackward", "Add", "MulAdd", "Axpy", "LogSoftmax",
			"SoftmaxBackward", "Dot", "RowDots", "ColumnSums", "GatherTanh", "ScatterAdd", "Adam"} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportMetric(fastest(b, set[name])/float64(rows*n), "ns/element")
				b.ReportMetric(0, "ns/op") // of a batch
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
