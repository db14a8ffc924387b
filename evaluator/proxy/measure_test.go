package proxy

import (
	"context"
	"testing"

	"github.com/objdisco/discover/evaluator"
)

func TestMeasureCell(t *testing.T) {
	source := Source{Cache: evaluator.Cache{Dir: t.TempDir()}}
	for _, name := range []string{"bandit", "reviews-flip"} {
		cost, err := source.Measure(context.Background(), name, planOf(t, "dpo"), .1, 3)
		if err != nil {
			t.Fatal(err)
		}
		if cost.Task != name || cost.Train <= cost.Evaluate || cost.Evaluate <= 0 {
			t.Errorf("got %+v, want training to cost more than evaluation", cost)
		}
		// A runner and its buffers; nothing in the 120 steps or more of the loop.
		if cost.Allocs > 100 {
			t.Errorf("a cell of %s makes %d allocations", name, cost.Allocs)
		}
	}
	if _, err := source.Measure(context.Background(), "nosuch", planOf(t, "dpo"), .1, 3); err == nil {
		t.Error("an unknown task was measured")
	}
}
