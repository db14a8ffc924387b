package policy

import (
	"math"
	"testing"
)

// Steps of Adam on f(x) = x²/2 with a clipped gradient, written out in float64.
func TestUpdateIsClippedAdam(t *testing.T) {
	const rate, clip = .1, 1.
	x := []float64{3, -4}
	m, v := make([]float64, 2), make([]float64, 2)
	o := newOptimizer([]float32{3, -4}, make([]float32, 2))
	for step := 1; step <= 50; step++ {
		norm := math.Hypot(x[0], x[1])
		copy(o.grads, o.params)
		if !o.Update(rate, clip) {
			t.Fatal("a finite gradient was refused")
		}
		for i := range x {
			g := x[i] * min(1, clip/(norm+1e-6))
			m[i] = .9*m[i] + .1*g
			v[i] = .999*v[i] + .001*g*g
			x[i] -= rate * m[i] / (1 - math.Pow(.9, float64(step))) / (math.Sqrt(v[i]/(1-math.Pow(.999, float64(step)))) + 1e-20)
		}
	}
	for i := range x {
		if math.Abs(x[i]-float64(o.params[i])) > 1e-4 {
			t.Errorf("parameter %d = %g, want %g", i, o.params[i], x[i])
		}
	}
}

func TestUpdateRefusesWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		o := newOptimizer([]float32{1, 2}, []float32{.5, float32(bad)})
		if o.Update(.1, 1) {
			t.Errorf("a gradient of %g was accepted", bad)
		}
		if o.params[0] != 1 || o.params[1] != 2 {
			t.Errorf("parameters became %v", o.params)
		}
	}
}

// A gradient whose squares overflow in single precision is still clipped.
func TestUpdateClipsHugeGradients(t *testing.T) {
	o := newOptimizer([]float32{0, 0}, []float32{3e30, -4e30})
	if !o.Update(.1, 1) {
		t.Fatal("a finite gradient was refused")
	}
	for i, want := range []float64{-.1, .1} { // Adam's first step is the rate
		if math.Abs(float64(o.params[i])-want) > 1e-5 {
			t.Errorf("parameter %d = %g, want %g", i, o.params[i], want)
		}
	}
}
