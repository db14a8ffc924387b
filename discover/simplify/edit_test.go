package simplify

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/discover/propose/rewrite"
)

// The edits of any graph are valid objectives with a policy, smaller than it.
func TestEditsOfAnyGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := rewrite.Simplify(graphtest.Draw(t))
		for _, e := range editsOf(g) {
			if err := e.graph.Validate(); err != nil {
				t.Errorf("%s instead of %s: %v", e.instead, e.part, err)
			}
			if size(e.graph) >= size(g) || !trains(e.graph) || e.saved != operations(g)-operations(e.graph) || e.hash != e.graph.Hash() {
				t.Errorf("%s instead of %s: %+v of %+v", e.instead, e.part, e, g)
			}
		}
	})
}

func TestDigits(t *testing.T) {
	for k, want := range map[float64]int{0: 0, 1: 1, -2: 1, .05: 1, 1200: 2, 1.0003: 5, -1.5e-300: 2} {
		if got := digits(k); got != want {
			t.Errorf("%g: %d, want %d", k, got, want)
		}
	}
}
