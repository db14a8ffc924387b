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
	rng, loops := rand.New(rand.NewPCG(6, 6)), 0
	for op, f := range unaries {
		x, y, g, k := drawn(rng, n), make([]float64, n), drawn(rng, n), []float64{rng.NormFloat64()}
		if f == nil || !unaryLoop(Op(op), k, x, y) {
			continue
		}
		loops++
		adj, want, wantAdj := make([]float64, n), make([]float64, n), make([]float64, n)
		if !pullUnaryLoop(Op(op), k, g, adj) {
			t.Errorf("%s has no loop for its adjoint", Op(op))
		}
		for i := range want {
			want[i] = f.value(x[i], k)
			wantAdj[i] += g[i] * f.slope(x[i], want[i], k)
		}
		if diff := cmp.Diff([][]float64{want, wantAdj}, [][]float64{y, adj}, sameBits); diff != "" {
			t.Errorf("%s: %s", Op(op), diff)
		}
	}
	if loops == 0 {
		t.Error("no loops")
	}
}

func TestBinaryLoopsAgreeWithTheTable(t *testing.T) {
	rng, loops := rand.New(rand.NewPCG(7, 7)), 0
	for op, f := range binaries {
		for _, size := range [][2]int{{9, 9}, {9, 1}, {1, 9}, {1, 1}} {
			a, b, n := drawn(rng, size[0]), drawn(rng, size[1]), max(size[0], size[1])
			y, g := make([]float64, n), drawn(rng, n)
			if f == nil || !binaryLoop(Op(op), a, b, y) {
				continue
			}
			loops++
			adjA, adjB := make([]float64, len(a)), make([]float64, len(b))
			if !pullBinaryLoop(Op(op), a, b, g, adjA, adjB) {
				t.Errorf("%s has no loop for its adjoints", Op(op))
			}
			want, wantA, wantB := make([]float64, n), make([]float64, len(a)), make([]float64, len(b))
			sa, sb := stride(a), stride(b)
			for i := range want {
				want[i] = f.value(a[i*sa], b[i*sb])
				da, db := f.slope(a[i*sa], b[i*sb], want[i])
				wantA[i*sa] += g[i] * da
				wantB[i*sb] += g[i] * db
			}
			if diff := cmp.Diff([][]float64{want, wantA, wantB}, [][]float64{y, adjA, adjB}, sameBits); diff != "" {
				t.Errorf("%s of %v operands: %s", Op(op), size, diff)
			}
		}
	}
	if loops == 0 {
		t.Error("no loops")
	}
}
