package task

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
)

// fixed is the seed of what a task draws once for all seeds. Its purposes are
// not those of any instance, whose seed may be 0 too.
const fixed = 0

// Stream returns the random numbers that seed holds for a purpose. Streams of
// different purposes or seeds are unrelated.
func Stream(seed uint64, purpose string) *rand.Rand {
	key := binary.LittleEndian.AppendUint64([]byte(purpose), seed)
	sum := sha256.Sum256(key)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}

// pick draws an index with probability proportional to its weight. The weights
// add up to 1.
func pick(r *rand.Rand, weights []float64) int {
	u := r.Float64()
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// uniform draws one of the tokens.
func uniform(r *rand.Rand, tokens []Token) Token { return tokens[r.IntN(len(tokens))] }

// dirichlet draws a distribution from the Dirichlet distribution.
func dirichlet(r *rand.Rand, alpha []float64) []float64 {
	x := make([]float64, len(alpha))
	for i, a := range alpha {
		x[i] = gamma(r, a)
	}
	return normalized(x)
}

// gamma draws from the gamma distribution of the given shape and scale 1
// (Marsaglia and Tsang, ACM TOMS 26(3), 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// zipf gives the ranks of a random order of n items weights rank^−exponent,
// normalized.
func zipf(r *rand.Rand, n int, exponent float64) []float64 {
	w := make([]float64, n)
	for i, rank := range r.Perm(n) {
		w[i] = math.Pow(float64(rank+1), -exponent)
	}
	return normalized(w)
}

// normalized scales x in place to sum to 1.
func normalized(x []float64) []float64 {
	sum := 0.
	for _, v := range x {
		sum += v
	}
	for i := range x {
		x[i] /= sum
	}
	return x
}

// normals draws n values of the standard normal distribution, times scale.
func normals(r *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = scale * r.NormFloat64()
	}
	return x
}

// scaled returns x times scale.
func scaled(x []float64, scale float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = scale * v
	}
	return y
}

// repeated returns n times x.
func repeated(x float64, n int) []float64 { return slices.Repeat([]float64{x}, n) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
