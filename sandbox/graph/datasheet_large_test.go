package graph

import "testing"

// stairs returns a graph with n jumps, more than a step of shapeGrid apart.
func stairs(n int) *Graph {
	g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: PolicyRejected}, {Op: Sub, Args: []int{0, 1}}}, Output: 2}
	for i := range n {
		at := 0.05 * float64(i)
		g.Nodes = append(g.Nodes,
			Node{Op: GreaterConst, Args: []int{2}, K: []float64{at}},
			Node{Op: Add, Args: []int{g.Output, len(g.Nodes)}})
		g.Output = len(g.Nodes) - 1
	}
	return g
}

// TestLargeGraphsAreNotFollowedEverywhere: the work on the jumps of an objective
// is bounded, so that a candidate cannot keep the process busy that reads it.
func TestLargeGraphsAreNotFollowedEverywhere(t *testing.T) {
	for _, tt := range []struct{ steps, most int }{{20, 20}, {360, followedCost / 360}} {
		plan, err := Compile(stairs(tt.steps))
		if err != nil {
			t.Fatal(err)
		}
		r := plan.NewRunner()
		losses, slopes := path(r, 1, shapeGrid())
		if at := jumps(r, shapeGrid(), 1, losses, slopes); len(at) == 0 || len(at) > tt.most {
			t.Errorf("%d jumps followed in a graph of %d, want 1 to %d", len(at), tt.steps, tt.most)
		}
	}
}
