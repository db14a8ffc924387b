package train

import "math"

// A constant factor on an objective must not change what it is worth. The optimizer
// does not see one, but for its single precision: it keeps averages of squares, and
// those of gradients around 1e-19 have no digits left. dpo × 1e-16 gained a fiftieth
// more than dpo, dpo × 1e-20 nothing.
const (
	faint   = -40  // slopes below 2^faint are lifted,
	plain   = -20  // the largest to about 2^plain,
	highest = 1023 // by no more than 2^highest
)

// lift returns the power of two by which the slopes of a run are multiplied, given
// those of its first step that are not all 0; 0 if these are.
func lift(slopes []float64) float64 {
	top := 0.
	for _, s := range slopes {
		top = max(top, math.Abs(s))
	}
	_, exponent := math.Frexp(top)
	switch {
	case top == 0:
		return 0
	case exponent > faint:
		return 1
	}
	return math.Ldexp(1, min(plain-exponent, highest))
}
