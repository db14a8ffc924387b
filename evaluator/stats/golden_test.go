package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// golden holds scipy's figures; testdata/golden.py writes them.
type golden struct {
	Pchip []struct {
		X, Y, At, Values []float64
	}
	Samples []struct {
		X           []float64
		T95, T99    [2]float64
		PGreater    float64 `json:"p_greater"`
		Bootstrap95 [2]float64
	}
	Spearman []struct {
		X, Y []float64
		Rho  float64
	}
}

func loadGolden(t *testing.T) golden {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func TestPchipEqualsScipy(t *testing.T) {
	for _, c := range loadGolden(t).Pchip {
		knots := make([]Knot, len(c.X))
		for i := range knots {
			knots[i] = Knot{c.X[i], c.Y[i]}
		}
		p := NewPchip(knots)
		for i, x := range c.At {
			if got := p.At(x); !near(got, c.Values[i], 1e-12) {
				t.Errorf("%d knots at %v: got %v, want %v", len(c.X), x, got, c.Values[i])
			}
		}
	}
}

func TestIntervalsEqualScipy(t *testing.T) {
	for _, c := range loadGolden(t).Samples {
		for _, level := range []struct {
			level float64
			want  [2]float64
		}{{.95, c.T95}, {.99, c.T99}} {
			lo, hi := TInterval(c.X, level.level)
			if !near(lo, level.want[0], 1e-8) || !near(hi, level.want[1], 1e-8) {
				t.Errorf("%d samples, level %v: got [%v %v], want %v", len(c.X), level.level, lo, hi, level.want)
			}
		}
		if got := PGreater(c.X); !near(got, c.PGreater, 1e-9) {
			t.Errorf("%d samples: p = %v, want %v", len(c.X), got, c.PGreater)
		}
	}
}

// Resampling draws differ, so the ends agree within their own Monte Carlo
// error, some hundredths of the width.
func TestBootstrapAgreesWithScipy(t *testing.T) {
	for _, c := range loadGolden(t).Samples {
		lo, hi := Bootstrap(c.X, .95, 20_000)
		width := c.Bootstrap95[1] - c.Bootstrap95[0]
		if !near(lo, c.Bootstrap95[0], .025*width) || !near(hi, c.Bootstrap95[1], .025*width) {
			t.Errorf("%d samples: got [%v %v], want %v", len(c.X), lo, hi, c.Bootstrap95)
		}
		again, _ := Bootstrap(c.X, .95, 20_000)
		if again != lo {
			t.Errorf("%d samples: two calls differ: %v, %v", len(c.X), lo, again)
		}
	}
}

func TestSpearmanEqualsScipy(t *testing.T) {
	for _, c := range loadGolden(t).Spearman {
		got, ok := Spearman(c.X, c.Y)
		if !ok || !near(got, c.Rho, 1e-12) {
			t.Errorf("%d samples: got %v %v, want %v", len(c.X), got, ok, c.Rho)
		}
	}
}
