package graph_test

import (
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
)

func BenchmarkInspect(b *testing.B) {
	for _, name := range []string{"dpo", "hinge", "lrml", "aqfl"} {
		g := lookup(b, name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := graph.Inspect(g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
