package kernel

import (
	"math"
	"time"
)

// measureTrial is how long one trial of a measurement lasts.
const measureTrial = 200 * time.Microsecond

// fastest makes trials of repeated calls and returns the nanoseconds of one call
// in the fastest trial: it asks what the code can do, not how busy the machine is.
func fastest(trials int, call func()) float64 {
	best := math.Inf(1)
	for range trials {
		start, calls := time.Now(), 0
		for time.Since(start) < measureTrial {
			call()
			calls++
		}
		best = min(best, float64(time.Since(start))/float64(calls))
	}
	return best
}

// peakTrials is how many trials MeasurePeak makes.
const peakTrials = 200

// MeasurePeak returns the rate of fused multiply-adds that one core sustains in
// registers with the vectors of this tier, GFLOP/s (two per multiply-add): the
// best of many short trials, 40 ms together, so that a busy machine does not
// spoil it. It is the ceiling that the products are compared with.
func MeasurePeak() float64 {
	const n = 1000
	flops := active().spin(n)
	return flops / fastest(peakTrials, func() { active().spin(n) })
}

// Product is a matrix product C = A·B with A M×K and B K×N.
type Product struct {
	Use        string `json:"use"`
	M          int    `json:"m"`
	N          int    `json:"n"`
	K          int    `json:"k"`
	Transposed bool   `json:"transposed"` // A lies in memory as K rows of M
}

// Products are those in which the text tasks spend their time: with the usual
// number of distinct contexts of a step, and a step back of the exact evaluation.
var Products = []Product{
	{Use: "logits", M: 1077, N: 53, K: 64},
	{Use: "gradient of hidden units", M: 1077, N: 64, K: 53},
	{Use: "gradient of weights", M: 64, N: 53, K: 1077, Transposed: true},
	{Use: "dynamic programme", M: 52, N: 24, K: 55},
}

// Measure returns the rate of the product in trials of .2 ms, GFLOP/s.
func (p Product) Measure(trials int) float64 {
	a := Dense(p.M, p.K, ramp(p.M*p.K))
	if p.Transposed {
		a = Dense(p.K, p.M, a.Data).T()
	}
	b, c := Dense(p.K, p.N, ramp(p.K*p.N)), Dense(p.M, p.N, make([]float32, p.M*p.N))
	return 2 * float64(p.M*p.N*p.K) / fastest(trials, func() { Gemm(c, a, b) })
}

// ramp returns n values between −1 and 1.
func ramp(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%201)/100 - 1
	}
	return x
}
