package discover

import (
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
)

// What is far from every known loss is not called near to one.
func TestNearestInWords(t *testing.T) {
	for want, m := range map[string]graph.Match{
		"dpo":                {Name: "dpo", BetaScale: 1, Factor: 1, Distance: 1e-16},
		"cell with beta × 2": {Name: "cell", BetaScale: 2, Factor: 1},
		"hinge with beta × 0.5, times 3 (their gradients differ by 7.9 %)": {Name: "hinge", BetaScale: .5, Factor: 3, Distance: .0789},
		"lrml with beta × 147 (their gradients differ by 58 %)":            {Name: "lrml", BetaScale: 147, Factor: 1, Distance: .583},
	} {
		if got := nearest(m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
