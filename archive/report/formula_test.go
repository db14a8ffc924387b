package report

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective"
)

func TestFormulaIsTypeset(t *testing.T) {
	p := read(t, newRun(t, archive.Finished, smallRun(t)...).Reader, Options{})
	got := pageOf(t, p)
	for _, want := range []string{
		`role="math" aria-label="`, `<p class="equation"><math displaystyle="true"><mi>ℓ</mi><mo>=</mo>`, "<mi>τ</mi><mo>=</mo><mrow><mn>0.05</mn></mrow>",
		"h is the margin, the log-ratio of the chosen completion minus that of the rejected one; β is beta; σ is the sigmoid.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// What does not fit into lines is left to plain text.
func TestTypesetFits(t *testing.T) {
	for _, test := range []struct {
		name string
		loss func(objective.Batch) objective.Vec
		want bool
	}{
		{"short", func(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).Neg().Softplus() }, true},
		{"many terms", func(b objective.Batch) objective.Vec {
			x := b.Margin().Sin()
			for i := range 30 {
				x = x.Add(b.Margin().Scale(float64(i + 2)).Tanh())
			}
			return x
		}, true},
		{"one long term", func(b objective.Batch) objective.Vec {
			x := b.Margin()
			for i := range 30 {
				x = x.Scale(float64(i + 2)).Tanh()
			}
			return x
		}, true},
		{"many names", func(b objective.Batch) objective.Vec {
			x := b.Margin()
			for range 20 {
				x = x.Sin().Mul(x.Cos()).Add(x.Tanh())
			}
			return x
		}, true},
		{"too many names", func(b objective.Batch) objective.Vec {
			x := b.Margin()
			for range 40 {
				x = x.Sin().Mul(x.Cos()).Add(x.Tanh())
			}
			return x
		}, false},
		{"long names", func(b objective.Batch) objective.Vec {
			x := b.Margin()
			for _, name := range []string{"curvature", "asymmetry", "patience"} {
				x = x.Mul(objective.Param(strings.Repeat(name, 3), 2))
			}
			return x
		}, false},
	} {
		g, err := objective.Trace(test.loss)
		if err != nil {
			t.Fatal(err)
		}
		if got := typeset(g) != nil; got != test.want {
			t.Errorf("%s: typeset is %v, want %v", test.name, got, test.want)
		}
	}
}
