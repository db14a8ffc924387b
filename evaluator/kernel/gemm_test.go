package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// random returns n standard normal values.
func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// at returns element (i, j).
func at(m Matrix, i, j int) float64 {
	return float64(m.Data[i*m.RowStride+j*m.ColStride])
}

// product returns element (i, j) of A·B and the sum of the absolute values of its terms.
func product(a, b Matrix, i, j int) (sum, size float64) {
	for p := range a.Cols {
		term := at(a, i, p) * at(b, p, j)
		sum, size = sum+term, size+math.Abs(term)
	}
	return sum, size
}

func TestGemmMatchesFloat64(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		m, n, k := 1+rng.IntN(30), 1+rng.IntN(70), rng.IntN(70)
		b := Matrix{Rows: k, Cols: n, RowStride: n + rng.IntN(4), ColStride: 1}
		b.Data = random(rng, k*b.RowStride)
		a := Matrix{Rows: m, Cols: k, RowStride: k + rng.IntN(4), ColStride: 1, Data: random(rng, m*(k+4))}
		if rng.IntN(2) == 0 {
			a = Matrix{Rows: k, Cols: m, RowStride: m + rng.IntN(4), ColStride: 1, Data: random(rng, k*(m+4))}.T()
		}
		stride := n + rng.IntN(4)
		old, bias := random(rng, m*stride), random(rng, n)
		for _, name := range []string{"Gemm", "GemmAdd", "GemmBias"} {
			c := Matrix{Rows: m, Cols: n, RowStride: stride, ColStride: 1, Data: append([]float32(nil), old...)}
			switch name {
			case "Gemm":
				Gemm(c, a, b)
			case "GemmAdd":
				GemmAdd(c, a, b)
			case "GemmBias":
				GemmBias(c, a, b, bias)
			}
			for i := range old {
				row, col := i/stride, i%stride
				if col >= n {
					if c.Data[i] != old[i] {
						t.Fatalf("%s %d×%d×%d wrote outside C at row %d, column %d", name, m, n, k, row, col)
					}
					continue
				}
				want, size := product(a, b, row, col)
				switch name {
				case "GemmAdd":
					want += float64(old[i])
				case "GemmBias":
					want += float64(bias[col])
				}
				if got := float64(c.Data[i]); math.Abs(got-want) > 1e-6*(1+size) {
					t.Fatalf("%s %d×%d×%d (%d, %d) = %g, want %g", name, m, n, k, row, col, got, want)
				}
			}
		}
	}
}

func ExampleGemm() {
	a := Dense(2, 3, []float32{1, 2, 3, 4, 5, 6})
	c := Dense(3, 3, make([]float32, 9))
	Gemm(c, a.T(), a)
	fmt.Println(c.Data)
	// Output: [17 22 27 22 29 36 27 36 45]
}
