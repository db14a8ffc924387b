package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// specials are the values that vector code tends to lose.
var specials = []float32{
	float32(math.NaN()), -float32(math.NaN()), math.Float32frombits(0x7FC12345), math.Float32frombits(0xFF800001),
	float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)),
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-127, -0x1p-127, 0x1p-126,
	math.MaxFloat32, -math.MaxFloat32, 1, -1,
}

// mixed returns n normal values with specials in between, a different one at
// each place for each seed.
func mixed(n, seed int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(seed), 7))
	x := random(rng, n)
	for i := range x {
		if (i+seed)%3 == 0 {
			x[i] = specials[rng.IntN(len(specials))]
		}
	}
	return x
}

// ulps returns the distance of got from want in units in the last place of a
// float32 of that size, +Inf where only one of them is NaN or infinite.
func ulps(got float32, want float64) float64 {
	switch rounded := float32(want); {
	case got == rounded || (got != got && want != want):
		return 0
	case got-got != 0 || rounded-rounded != 0:
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

// checkUlps fails unless got is within bound of want of each argument.
func checkUlps(t *testing.T, name string, got, x []float32, want func(float64) float64, bound float64) {
	t.Helper()
	for i := range x {
		if u := ulps(got[i], want(float64(x[i]))); u > bound {
			t.Fatalf("%s(%g) = %g, want %g: %.2f ulp", name, x[i], got[i], want(float64(x[i])), u)
		}
	}
}

// TestElementaryFunctions compares with float64 all over the float32 range. The
// bounds are those of the package comment; the worst of all 2³² arguments were
// measured once as .90, 5.3 and .86 (assembly), 1.2, 6.9 and .86 (portable).
func TestElementaryFunctions(t *testing.T) {
	for _, f := range []struct {
		name           string
		kernel         func(dst, src []float32)
		want           func(float64) float64
		simd, portable float64
	}{
		{"Exp", Exp, math.Exp, 1, 1.5},
		{"Tanh", Tanh, math.Tanh, 5.5, 7.5},
		{"Log", Log, math.Log, 1, 1},
	} {
		t.Run(f.name, func(t *testing.T) {
			eachTier(t, func(t *testing.T) {
				bound := f.simd
				if Tier() == "go" {
					bound = f.portable
				}
				const stride = 9973 // prime: every exponent, varied mantissas
				x := slices.Clone(specials)
				for bits := uint64(0); bits < 1<<32; bits += stride {
					x = append(x, math.Float32frombits(uint32(bits)))
				}
				y := make([]float32, len(x))
				f.kernel(y, x)
				checkUlps(t, f.name, y, x, f.want, bound)
			})
		})
	}
}

func TestExpAndTanhAtTheirLimits(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		inf := float32(math.Inf(1))
		x := []float32{88.72283, 88.72284, 90, -87.33655, -103.97208, -103.97209, -200, inf, -inf, 0}
		y := make([]float32, len(x))
		Exp(y, x)
		want := []float32{math.MaxFloat32, inf, inf, 0x1p-126, 0x1p-149, 0, 0, inf, 0, 1}
		for i := range x {
			if math.Abs(float64(y[i]/want[i])-1) > 1e-5 && y[i] != want[i] {
				t.Errorf("exp(%v) = %v, want %v", x[i], y[i], want[i])
			}
		}
		for v := float32(0); v < 12; v += 0.01 {
			one := []float32{v, -v, 100, -100, inf, -inf}
			Tanh(one, one)
			if one[0] > 1 || one[1] != -one[0] || one[2] != 1 || one[3] != -1 || one[4] != 1 || one[5] != -1 {
				t.Fatalf("tanh of ±%g, ±100, ±Inf = %v", v, one)
			}
		}
	})
}

// arithmetic is a kernel of a few roundings per element.
type arithmetic struct {
	name string
	run  func(x, a, b []float32) // in place in x
	want func(x, a, b float64) (value, size float64)
}

// TestArithmetic compares with float64 for every length to past two groups of
// vectors, so that every tail occurs, with special values throughout.
func TestArithmetic(t *testing.T) {
	kernels := []arithmetic{
		{"Add", func(x, a, b []float32) { Add(x, a, b) }, func(_, a, b float64) (float64, float64) { return a + b, math.Abs(a) + math.Abs(b) }},
		{"Sub", func(x, a, b []float32) { Sub(x, a, b) }, func(_, a, b float64) (float64, float64) { return a - b, math.Abs(a) + math.Abs(b) }},
		{"Add in place", func(x, a, _ []float32) { Add(x, x, a) }, func(x, a, _ float64) (float64, float64) { return x + a, math.Abs(x) + math.Abs(a) }},
		{"Sub in place", func(x, a, _ []float32) { Sub(x, a, x) }, func(x, a, _ float64) (float64, float64) { return a - x, math.Abs(x) + math.Abs(a) }},
		{"Axpy", func(x, a, _ []float32) { Axpy(x, 1.5, a) }, func(x, a, _ float64) (float64, float64) { return x + 1.5*a, math.Abs(x) + math.Abs(1.5*a) }},
		{"Scale", func(x, _, _ []float32) { Scale(x, 1.5) }, func(x, _, _ float64) (float64, float64) { return 1.5 * x, math.Abs(1.5 * x) }},
		{"TanhBackward", func(x, h, _ []float32) { TanhBackward(x, h) }, func(x, h, _ float64) (float64, float64) {
			return x * (1 - h*h), math.Abs(x) * (1 + h*h)
		}},
	}
	eachTier(t, func(t *testing.T) {
		for n := range 140 {
			x, a, b := mixed(n, n), mixed(n, n+1), mixed(n, n+2)
			for _, k := range kernels {
				got := slices.Clone(x)
				k.run(got, a, b)
				for i := range got {
					want, size := k.want(float64(x[i]), float64(a[i]), float64(b[i]))
					if !near(got[i], want, size) {
						t.Fatalf("%s of %g, %g, %g = %g, want %g", k.name, x[i], a[i], b[i], got[i], want)
					}
				}
			}
		}
	})
}

// near reports whether got is want up to a few roundings of terms of the given
// total size. Finite terms beyond float32 are not compared: where they overflow
// depends on fusing.
func near(got float32, want, size float64) bool {
	if size > math.MaxFloat32/2 && !math.IsInf(size, 0) {
		return true
	}
	return ulps(got, want) <= 1 || math.Abs(float64(got)-want) <= 3e-7*size
}
