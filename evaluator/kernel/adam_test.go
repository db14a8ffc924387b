package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// adamStep64 is one step of Adam in float64, as algorithm 1 of the paper has it.
func adamStep64(s Adam, param, grad, m, v float64) (float64, float64, float64) {
	g := s.GradScale * grad
	m = s.Beta1*m + (1-s.Beta1)*g
	v = s.Beta2*v + (1-s.Beta2)*g*g
	return param - s.Rate*(m/s.Correction1)/(math.Sqrt(v/s.Correction2)+s.Epsilon), m, v
}

func TestAdamMatchesFloat64(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 9))
		for n := range 40 {
			param, m, v := random(rng, n), make([]float32, n), make([]float32, n)
			want := make([][3]float64, n)
			for i := range want {
				want[i][0] = float64(param[i])
			}
			for step := 1.0; step <= 20; step++ {
				s := Adam{Rate: 1.5e-2, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, GradScale: 0.3,
					Correction1: 1 - math.Pow(0.9, step), Correction2: 1 - math.Pow(0.999, step)}
				grad := random(rng, n)
				s.Step(param, grad, m, v)
				for i := range want {
					w := &want[i]
					w[0], w[1], w[2] = adamStep64(s, w[0], float64(grad[i]), w[1], w[2])
				}
			}
			for i, w := range want {
				if math.Abs(float64(param[i])-w[0]) > 2e-6 || math.Abs(float64(m[i])-w[1]) > 1e-6 || math.Abs(float64(v[i])-w[2]) > 1e-7 {
					t.Fatalf("element %d of %d: %g, %g, %g, want %g", i, n, param[i], m[i], v[i], w)
				}
			}
		}
	})
}

// TestAdamFirstStep: from zero moments, whatever the gradient's size, the first
// step has the length of the rate.
func TestAdamFirstStep(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := Adam{Rate: 0.25, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-12, Correction1: 0.1, Correction2: 0.001, GradScale: 1}
		param, grad := make([]float32, 3), []float32{1e-3, -5, 1e6}
		s.Step(param, grad, make([]float32, 3), make([]float32, 3))
		for i, want := range []float32{-0.25, 0.25, -0.25} {
			if math.Abs(float64(param[i]-want)) > 1e-6 {
				t.Errorf("step for gradient %g = %g, want %g", grad[i], param[i], want)
			}
		}
	})
}

func TestAdamKeepsSpecialValues(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const n = 21
		s := Adam{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Correction1: 0.1, Correction2: 0.001, GradScale: 1}
		for at := range n {
			for which := range 4 {
				for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
					x := [4][]float32{ones32(n), ones32(n), ones32(n), ones32(n)} // param, grad, m, v
					x[which][at] = special
					s.Step(x[0], x[1], x[2], x[3])
					lost := x[0][at]-x[0][at] == 0 && !(which == 3 && math.IsInf(float64(special), 1))
					if lost || x[0][(at+1)%n]-x[0][(at+1)%n] != 0 {
						t.Fatalf("%g in operand %d at %d: param %v", special, which, at, x[0])
					}
				}
			}
		}
	})
}
