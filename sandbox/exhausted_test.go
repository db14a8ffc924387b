package sandbox

import (
	"strings"
	"testing"
	"time"
)

// TestExhaustedPositions: a candidate that takes too much is refused at the loop
// that took it, or at the function.
func TestExhaustedPositions(t *testing.T) {
	for _, tt := range []struct {
		stage   string
		checker func() *Checker
	}{
		{"budget", func() *Checker { return &Checker{} }},
		{"time", func() *Checker { return &Checker{Timeout: 50 * time.Millisecond, Steps: 1 << 50} }},
		{"memory", func() *Checker { return &Checker{MemoryBytes: 4 << 20, Steps: 1 << 50, Timeout: time.Minute} }},
	} {
		for _, loop := range []struct{ name, source, at string }{
			{"in Loss", `func Loss(b objective.Batch) objective.Vec {
	x := b.Margin()
	for i := 0; i < 3; i++ {
		x = x.Neg()
	}
	for k := 1 + 2; ; {
		x = b.Margin().Scale(float64(k))
	}
}`, "for k"},
			{"in a helper", `func Loss(b objective.Batch) objective.Vec {
	for i := 0; i < 3; i++ {
	}
	return waste(b)
}

func waste(b objective.Batch) objective.Vec {
	for n := 0; ; n++ {
		b.Margin().Neg()
	}
}`, "for n"},
			{"in a literal", `func Loss(b objective.Batch) objective.Vec {
	endless := func(x objective.Vec) objective.Vec {
		for {
			x = b.Margin().Scale(2)
		}
	}
	return endless(b.Margin())
}`, "for {"},
		} {
			t.Run(tt.stage+" "+loop.name, func(t *testing.T) {
				c := tt.checker()
				defer c.Close()
				r := exhaust(t, c, loop.source)
				if r.Stage != tt.stage || r.Hint == "" {
					t.Fatalf("rejection %v, want stage %s", r, tt.stage)
				}
				line := strings.Split(loop.source, "\n")[r.Line-1]
				if got := line[r.Column-1:]; !strings.HasPrefix(got, loop.at) {
					t.Errorf("%v: points at %q, want %q", r, got, loop.at)
				}
			})
		}
	}
}

// exhaust checks a source that is refused, again if a busy machine let the child
// have so little of a processor that it was killed before it could say anything.
func exhaust(t *testing.T, c *Checker, source string) (r *Rejection) {
	for range attempts {
		var err error
		if _, r, err = c.Check(t.Context(), source); err != nil || r == nil {
			t.Fatalf("rejection %v, error %v", r, err)
		}
		if !strings.Contains(r.Reason, "in all") {
			break
		}
	}
	return r
}
