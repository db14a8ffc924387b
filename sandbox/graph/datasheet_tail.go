package graph

import (
	"math"
	"slices"
)

// Tail is how a loss grows far from margin 0.
type Tail struct {
	// Growth is "saturating", "logarithmic", "sublinear", "linear",
	// "superlinear", "quadratic", "polynomial", "exponential", "faster than
	// exponential", "oscillating" or "undefined".
	Growth string `json:"growth"`
	// Trend is "rises", "falls" or "flat", seen going outwards.
	Trend string `json:"trend"`
}

// path evaluates pairs on the way from the reference outwards: x is beta times
// the margin, of which the chosen completion gains half and the rejected one
// loses half. It returns their losses and the slopes by x. If the loss has batch
// statistics, every pair shares its micro-batch with one that stays near the
// reference. The reference is so improbable that log-probabilities stay negative.
func path(r *Runner, beta float64, xs []float64) (losses, slopes []float64) {
	micro := 1
	if r.plan.statistics {
		micro = 2
	}
	all := float64(micro * len(xs))
	losses, slopes = make([]float64, 0, len(xs)), make([]float64, 0, len(xs))
	for part := range slices.Chunk(xs, tile/micro) {
		b, res := pathPairs(r, beta, part, micro), &r.scratch.result
		r.run(b, micro, res, 1/all, nil)
		for i := 0; i < b.Len(); i += micro {
			losses = append(losses, res.Loss[i])
			slopes = append(slopes, (res.GradChosen[i]-res.GradRejected[i])/2*all/beta)
		}
	}
	return losses, slopes
}

// pathPairs returns the pairs of a part of a path, each the first of a micro-batch of
// micro, in the scratch memory of r.
func pathPairs(r *Runner, beta float64, xs []float64, micro int) *Batch {
	b := r.scratch.batch(micro * len(xs))
	for i := range b.RefChosen {
		b.RefChosen[i], b.RefRejected[i] = -40000.25, -40005.5
		b.PolicyChosen[i], b.PolicyRejected[i] = b.RefChosen[i]+0.375, b.RefRejected[i]-0.25
		b.ChosenLen[i], b.RejectedLen[i] = 21, 24
		if x := xs[i/micro]; i%micro == 0 {
			b.PolicyChosen[i] = b.RefChosen[i] + x/beta/2
			b.PolicyRejected[i] = b.RefRejected[i] - x/beta/2
		}
	}
	b.Beta, b.Progress = beta, 0.5
	return b
}

// tail classifies the growth towards sign·∞ by the slopes at x = 10, 20, … 2560.
func tail(r *Runner, sign float64) Tail {
	var xs []float64
	for x := 10.0; x <= 2560; x *= 2 {
		xs = append(xs, sign*x)
	}
	losses, slopes := path(r, datasheetBeta, xs)
	finite := 0
	for finite < len(slopes) && math.Abs(losses[finite])+math.Abs(slopes[finite]) <= math.MaxFloat64 {
		finite++
	}
	if finite == 0 {
		return Tail{"undefined", "flat"}
	}
	last := sign * slopes[finite-1]
	t := Tail{Growth: growth(slopes[:finite], finite < len(slopes)), Trend: trend(last)}
	if t.Growth == "saturating" && math.Abs(last) < 1e-6 {
		t.Trend = trend(sign * total(slopes[:finite]))
	}
	if oscillates(r, sign) {
		t.Growth = "oscillating"
	}
	return t
}

func trend(outwards float64) string {
	switch {
	case outwards > 0:
		return "rises"
	case outwards < 0:
		return "falls"
	}
	return "flat"
}

// total weighs the slopes at doubling distances by their distance.
func total(slopes []float64) float64 {
	sum, w := 0.0, 1.0
	for _, s := range slopes {
		sum, w = sum+w*s, 2*w
	}
	return sum
}

// growth names the law that slopes follow at distances that double. A power p
// of the distance multiplies the slope by 2^p at every step; an exponential
// squares the step's factor.
func growth(slopes []float64, overflowed bool) string {
	n := len(slopes)
	if n < 3 {
		return "faster than exponential"
	}
	if slopes[n-1] == 0 {
		return "saturating"
	}
	before := math.Log2(math.Abs(slopes[n-2] / slopes[n-3]))
	p := math.Log2(math.Abs(slopes[n-1] / slopes[n-2]))
	if overflowed || p > 1.5 {
		switch ratio := p / before; {
		case ratio > 2.5:
			return "faster than exponential"
		case ratio > 1.6:
			return "exponential"
		}
	}
	return powerName(p)
}

// powerName names a function whose slope is the p-th power of the distance.
func powerName(p float64) string {
	const tolerance = 0.05
	for _, law := range [...]struct {
		below float64
		name  string
	}{
		{-1 - tolerance, "saturating"}, {-1 + tolerance, "logarithmic"}, {-tolerance, "sublinear"}, {tolerance, "linear"},
		{1 - tolerance, "superlinear"}, {1 + tolerance, "quadratic"},
	} {
		if p < law.below {
			return law.name
		}
	}
	return "polynomial"
}

// oscillates reports whether the slope goes up and down far out.
func oscillates(r *Runner, sign float64) bool {
	var xs []float64
	for x := 40.0; x < 60; x += 0.37 {
		xs = append(xs, sign*x)
	}
	_, slopes := path(r, datasheetBeta, xs)
	noise := math.Max(1e-9, 1e-3*math.Abs(slopes[largest(slopes)]))
	turns, last := 0, 0.0
	for _, step := range differences(slopes) {
		if !(math.Abs(step) > noise) {
			continue
		}
		if last*step < 0 {
			turns++
		}
		last = step
	}
	return turns > 2
}
