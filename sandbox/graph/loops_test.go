package graph

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drawn returns n numbers, infinities and NaN among them.
func drawn(rng *rand.Rand, n int) []float64 {
	v := []float64{math.Inf(1), math.NaN(), 0, -1e300}[:min(n-1, 4)]
	for len(v) < n {
		v = append(v, rng.NormFloat64())
	}
	return v
}

// sameBits tells 0 from −0 and takes any NaN for any other.
var sameBits = cmp.Comparer(func(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
})

// Loops must agree with the tables bit for bit, values and adjoints.
func TestUnaryLoopsAgreeWithTheTable(t *testing.T) {
	const n = 9
	rng := rand.New(rand.NewPCG(6, 6))
	for op, f := range unaries {
		if f == nil {
			continue
		}
		op := Op(op)
		x, y, g, k := drawn(rng, n), make([]float64, n), drawn(rng, n), []float64{-rng.Float64(), rng.Float64()}
		adj, decays, want, wantAdj := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		if op.decays() {
			decayLoop(op, x, decays, y)
			pullDecay(op, x, decays, g, adj)
		} else {
			unaryLoop(op, k, x, y)
			if f.slope != nil {
				pullUnary(op, k, x, y, g, adj)
			}
		}
		for i := range want {
			want[i] = f.value(x[i], k)
			if f.slope != nil {
				wantAdj[i] += g[i] * f.slope(x[i], want[i], k)
			}
		}
		if diff := cmp.Diff([][]float64{want, wantAdj}, [][]float64{y, adj}, sameBits); diff != "" {
			t.Errorf("%s: %s", op, diff)
		}
	}
}

func TestBinaryLoopsAgreeWithTheTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for op, f := range binaries {
		if f == nil {
			continue
		}
		for _, size := range [][2]int{{9, 9}, {9, 1}, {1, 9}, {1, 1}} {
			a, b, n := drawn(rng, size[0]), drawn(rng, size[1]), max(size[0], size[1])
			y, g := make([]float64, n), drawn(rng, n)
			adjA, adjB := make([]float64, len(a)), make([]float64, len(b))
			want, wantA, wantB := make([]float64, n), make([]float64, len(a)), make([]float64, len(b))
			binaryLoop(Op(op), a, b, y)
			if f.slope != nil {
				pullBinary(Op(op), a, b, y, g, adjA, adjB)
			}
			sa, sb := stride(a), stride(b)
			for i := range want {
				want[i] = f.value(a[i*sa], b[i*sb])
				if f.slope != nil {
					da, db := f.slope(a[i*sa], b[i*sb], want[i])
					wantA[i*sa] += g[i] * da
					wantB[i*sb] += g[i] * db
				}
			}
			if diff := cmp.Diff([][]float64{want, wantA, wantB}, [][]float64{y, adjA, adjB}, sameBits); diff != "" {
				t.Errorf("%s of %v operands: %s", Op(op), size, diff)
			}
		}
	}
}
