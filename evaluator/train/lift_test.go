package train

import (
	"math"
	"testing"

	"github.com/objdisco/discover/sandbox/objective"
)

func TestLift(t *testing.T) {
	for _, c := range []struct {
		name   string
		slopes []float64
		want   float64
	}{
		{"none", []float64{0, 0}, 0},
		{"usual ones", []float64{1e-4, -3e-3}, 1},
		{"large ones", []float64{1e30}, 1},
		{"just above the limit", []float64{-0x1p-40, 0}, 1},
		{"just below", []float64{0x1.fp-41, -1e-300}, 0x1p20},
		{"faint ones", []float64{0, -0x1p-100}, 0x1p79},
		{"the smallest", []float64{math.SmallestNonzeroFloat64}, 0x1p1023},
	} {
		if got := lift(c.slopes); got != c.want {
			t.Errorf("%s: %b, want %b", c.name, got, c.want)
		}
	}
}

// However faint an objective is, the derivatives keep their proportions, from step
// to step too.
func TestAFaintLossIsTrainedLikeAnother(t *testing.T) {
	want := slopesOf(t, dpo)
	for _, factor := range []float64{0x1p-50, 0x1p-200, 0x1p-900} {
		got := slopesOf(t, func(b objective.Batch) objective.Vec { return dpo(b).Scale(factor) })
		for i := range want {
			if got[i] == 0 || math.Abs(got[i]/got[0]/(want[i]/want[0])-1) > 1e-12 {
				t.Errorf("factor %g: derivatives %v, want multiples of %v", factor, got, want)
				break
			}
		}
	}
}
