package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// gemmCase is one call of the gemm family on random operands, some transposed,
// with gaps between rows.
type gemmCase struct {
	a, b      Matrix
	old, bias []float32
	stride    int
}

func randomGemm(rng *rand.Rand, m, n, k int) gemmCase {
	b := Matrix{Rows: k, Cols: n, RowStride: n + rng.IntN(4), ColStride: 1}
	b.Data = random(rng, k*b.RowStride)
	a := Matrix{Rows: m, Cols: k, RowStride: k + rng.IntN(4), ColStride: 1, Data: random(rng, m*(k+4))}
	if rng.IntN(2) == 0 {
		a = Matrix{Rows: k, Cols: m, RowStride: m + rng.IntN(4), ColStride: 1, Data: random(rng, k*(m+4))}.T()
	}
	stride := n + rng.IntN(4)
	return gemmCase{a, b, random(rng, m*stride), random(rng, n), stride}
}

// run calls the function of the family that the name says and returns C.
func (g gemmCase) run(name string) Matrix {
	c := Matrix{Rows: g.a.Rows, Cols: g.b.Cols, RowStride: g.stride, ColStride: 1, Data: slices.Clone(g.old)}
	switch name {
	case "Gemm":
		Gemm(c, g.a, g.b)
	case "GemmAdd":
		GemmAdd(c, g.a, g.b)
	case "GemmBias":
		GemmBias(c, g.a, g.b, g.bias)
	}
	return c
}

// start returns where the sum of element (i, j) begins.
func (g gemmCase) start(name string, i, j int) float64 {
	switch name {
	case "GemmAdd":
		return float64(g.old[i*g.stride+j])
	case "GemmBias":
		return float64(g.bias[j])
	}
	return 0
}

func (g gemmCase) check(t *testing.T, name string) {
	t.Helper()
	c := g.run(name)
	for at, got := range c.Data {
		i, j := at/g.stride, at%g.stride
		if j >= c.Cols {
			if got != g.old[at] {
				t.Fatalf("%s %d×%d×%d wrote past row %d", name, c.Rows, c.Cols, g.a.Cols, i)
			}
			continue
		}
		want, size := product(g.a, g.b, i, j)
		want += g.start(name, i, j)
		if math.Abs(float64(got)-want) > 1e-6*(1+size) {
			t.Fatalf("%s %d×%d×%d (%d, %d) = %g, want %g", name, c.Rows, c.Cols, g.a.Cols, i, j, got, want)
		}
	}
}

func TestGemmMatchesFloat64(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		shapes := [][3]int{{64, 53, 300}, {150, 53, 64}, {17, 53, 53}, {65, 64, 129}, {5, 1, 257}, {3, 20, 0}, {0, 5, 3}, {4, 0, 3}}
		for range 150 {
			shapes = append(shapes, [3]int{1 + rng.IntN(30), 1 + rng.IntN(80), rng.IntN(40)})
		}
		for _, s := range shapes {
			g := randomGemm(rng, s[0], s[1], s[2])
			for _, name := range []string{"Gemm", "GemmAdd", "GemmBias"} {
				g.check(t, name)
			}
		}
	})
}

// TestGemmKeepsSpecialValues puts NaN and infinities at every place of A and B:
// exactly the elements of C that depend on it must show it.
func TestGemmKeepsSpecialValues(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const m, n, k = 7, 21, 5
		for _, special := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for at := range m*k + k*n {
				a, b, c := Dense(m, k, ones32(m*k)), Dense(k, n, ones32(k*n)), Dense(m, n, make([]float32, m*n))
				row, col := at/k, -1
				if at < m*k {
					a.Data[at] = float32(special)
				} else {
					row, col = -1, (at-m*k)%n
					b.Data[at-m*k] = float32(special)
				}
				Gemm(c, a, b)
				for i, got := range c.Data {
					want := float32(k)
					if i/n == row || i%n == col {
						want = float32(special)
					}
					if got != want && (got == got || want == want) {
						t.Fatalf("%g at %d: C(%d, %d) = %g, want %g", special, at, i/n, i%n, got, want)
					}
				}
			}
		}
	})
}

// ones32 returns n ones.
func ones32(n int) []float32 { return slices.Repeat([]float32{1}, n) }

func ExampleGemm() {
	a := Dense(2, 3, []float32{1, 2, 3, 4, 5, 6})
	c := Dense(3, 3, make([]float32, 9))
	Gemm(c, a.T(), a)
	fmt.Println(c.Data)
	// Output: [17 22 27 22 29 36 27 36 45]
}
