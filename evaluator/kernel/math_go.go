package kernel

import "math"

// The elementary functions of the portable tier use the formulas of the
// assembly, with a rounding after every operation where the assembly fuses.

// Coefficients, highest power first. expPoly is the minimax polynomial of
// relative error 3e-9 for exp on ±½·ln 2; tanhNum and tanhDen, in x², are the
// minimax fraction of relative error 2e-8 for tanh(x)/x up to 9; both were found
// by Lawson's iteration with 60 digits, the last coefficients held at 1. logPoly is
// the series of log(1+f) in s², s = f/(2+f).
const (
	expPoly6, expPoly5, expPoly4, expPoly3, expPoly2 = 0.00138145936629, 0.00836871735127, 0.0416683881495, 0.166665206266, 0.499999934473

	tanhNum4, tanhNum3, tanhNum2, tanhNum1 = 1.33241569e-8, 2.05926972e-5, 0.0034948485, 0.133804947
	tanhDen4, tanhDen3, tanhDen2, tanhDen1 = 7.76571937e-7, 0.000328424212, 0.0258744471, 0.467138171
)

const (
	expLow, expHigh = -104, 89      // beyond, exp is 0 and +Inf
	tanhLimit       = 9.25          // beyond, tanh is ±1
	ln2High         = 0.693359375   // 9 bits: exact times any exponent
	ln2Low          = -2.1219444e-4 // ln 2 − ln2High
	rounder         = 3 << 22       // adding it rounds to an integer, in the low bits
)

// exp32 returns e to the power x.
func exp32(x float32) float32 {
	if x > expHigh {
		x = expHigh
	} else if x < expLow {
		x = expLow
	}
	t := x*math.Log2E + rounder
	whole := t - rounder
	r := x - whole*ln2High - whole*ln2Low
	p := float32(expPoly6)
	p = p*r + expPoly5
	p = p*r + expPoly4
	p = p*r + expPoly3
	p = p*r + expPoly2
	p = p*r + 1
	p = p*r + 1
	n := int32(whole)
	return p * power2(n>>1) * power2(n-n>>1)
}

// power2 returns 2ⁿ for an exponent of normal numbers.
func power2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// tanh32 returns the hyperbolic tangent of x.
func tanh32(x float32) float32 {
	if x > tanhLimit {
		return 1
	} else if x < -tanhLimit {
		return -1
	}
	u := x * x
	p := float32(tanhNum4)
	p = p*u + tanhNum3
	p = p*u + tanhNum2
	p = p*u + tanhNum1
	p = p*u + 1
	q := float32(tanhDen4)
	q = q*u + tanhDen3
	q = q*u + tanhDen2
	q = q*u + tanhDen1
	q = q*u + 1
	if p = x * p; p > q {
		return 1
	} else if p < -q {
		return -1
	}
	return p / q
}

// log32 returns the natural logarithm of x.
func log32(x float32) float32 {
	switch {
	case !(x <= math.MaxFloat32): // +Inf or NaN
		return x
	case x < 0:
		return float32(math.NaN())
	case x == 0:
		return float32(math.Inf(-1))
	}
	m, e := math.Frexp(float64(x))
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	f := float32(m) - 1
	s := f / (2 + f)
	z := s * s
	r := z * (2./3 + z*(2./5+z*(2./7+z*(2./9))))
	h := 0.5 * f * f
	k := float32(e)
	return k*ln2High + (f - (h - (s*(h+r) + k*ln2Low)))
}
