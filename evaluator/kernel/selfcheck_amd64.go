//go:build !purego

package kernel

import (
	"math"
	"slices"
)

// tiersAgree reports whether the AVX-512 code gives the results of the AVX2 code
// bit for bit, any NaN being equal to any other, on samples with every kind of
// tail and of special value. It takes a millisecond and a half.
func tiersAgree() bool {
	for _, n := range []int{3, 16, 21, 30, 37, 47, 53, 61, 69} {
		for _, special := range []bool{false, true} {
			x := sampleInput(n, special)
			if !slices.EqualFunc(sampleResults(tierAVX2, n, x), sampleResults(tierAVX512, n, x), sameBits) {
				return false
			}
		}
	}
	return true
}

// sameBits reports whether two values are the same or both NaN.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || (a != a && b != b)
}

// sampleRows is the number of rows of a sample's matrices.
const sampleRows = 11

// sampleInput returns four matrices of n columns with values of both signs and,
// if asked, special values among them.
func sampleInput(n int, special bool) []float32 {
	specials := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0,
		float32(math.Copysign(0, -1)), 0x1p-149, -0x1p-130, 89, -104, math.MaxFloat32}
	x := make([]float32, 4*sampleRows*n)
	state := uint32(n)
	for i := range x {
		state = state*1664525 + 1013904223
		x[i] = float32(int32(state)) / (1 << 29)
		if special && state>>24 < 16 {
			x[i] = specials[int(state>>8)%len(specials)]
		}
	}
	return x
}

// sampler collects the results of the kernels of a tier.
type sampler struct {
	tier
	results []float32
}

// keep appends the values that f leaves in a copy of initial.
func (s *sampler) keep(initial []float32, f func(x []float32)) {
	x := slices.Clone(initial)
	f(x)
	s.results = append(s.results, x...)
}

// sampleResults returns the results of every kernel of a tier on four matrices
// of n columns.
func sampleResults(t tier, n int, x []float32) []float32 {
	s := &sampler{tier: t}
	size := sampleRows * n
	a, b, c, d := x[:size], x[size:2*size], x[2*size:3*size], x[3*size:]
	s.elementwise(a, b, c, d)
	s.matrices(Dense(sampleRows, n, a), Dense(sampleRows, n, b), Dense(sampleRows, n, c), x)
	return s.results
}

// elementwise samples the kernels over slices.
func (s *sampler) elementwise(a, b, c, d []float32) {
	s.keep(a, func(x []float32) { s.exp(x, x) })
	s.keep(a, func(x []float32) { s.log(x, x) })
	s.keep(a, func(x []float32) { s.tanh(x, x) })
	s.keep(a, func(x []float32) { s.tanhBackward(x, b) })
	s.keep(a, func(x []float32) { s.add(x, x, b) })
	s.keep(a, func(x []float32) { s.sub(x, x, b) })
	s.keep(a, func(x []float32) { s.axpy(x, b[0], c) })
	s.keep(a, func(x []float32) { s.scale(x, b[0]) })
	s.keep(a, func(x []float32) {
		f := adamFactors{gradScale: 0.5, keep1: 0.9, take1: 0.1, keep2: 0.99, take2: 0.01, rate: 0.1, root: 2, epsilon: 1e-8}
		s.keep(b, func(m []float32) {
			s.keep(c, func(v []float32) { s.adamStep(x, d, m, v, &f) })
		})
	})
	sum := s.dot(a, b)
	s.results = append(s.results, float32(sum), float32(sum-float64(float32(sum))))
}

// matrices samples the kernels over matrices; all is their common memory.
func (s *sampler) matrices(a, b, c Matrix, all []float32) {
	n := a.Cols
	like := func(x []float32) Matrix { return Dense(sampleRows, n, x) }
	s.keep(a.Data, func(x []float32) { s.rowDots(x[:sampleRows], b, c) })
	s.keep(a.Data, func(x []float32) { s.softmaxBackward(like(x), b, c.Data[:sampleRows]) })
	s.keep(a.Data, func(x []float32) {
		s.keep(c.Data, func(lse []float32) { s.logSoftmax(like(x), like(x), lse[:sampleRows]) })
	})
	index := func(step int32) Index {
		rows := make([]int32, sampleRows)
		for i := range rows {
			rows[i] = int32(i) * step % sampleRows
		}
		return NewIndex(rows)
	}
	s.keep(a.Data, func(x []float32) {
		s.gatherTanh(like(x), Lookup{a, index(3)}, Lookup{b, index(5)}, Lookup{c, index(0)})
	})
	s.keep(a.Data, func(x []float32) { s.scatterAdd(Lookup{like(x), index(2)}, b) })
	s.keep(a.Data, func(x []float32) { s.scatterAdd(Lookup{like(x), index(0)}, b) })

	// More terms than one slice, from overlapping rows of both strides.
	const terms = gemmDepth + 3
	wide := Matrix{Rows: terms, Cols: n, RowStride: (len(all) - n) / terms, ColStride: 1, Data: all}
	tall := Matrix{Rows: sampleRows, Cols: terms, RowStride: 1, ColStride: (len(all) - sampleRows) / terms, Data: all}
	s.keep(a.Data, func(x []float32) { s.gemm(like(x), tall, wide, nil, 0) })
	s.keep(a.Data, func(x []float32) { s.gemm(like(x), tall, wide, x, n) })
	s.keep(a.Data, func(x []float32) { s.gemm(like(x), tall, wide, b.Data[:n], 0) })
}
