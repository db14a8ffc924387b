package graph

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// randomGraph draws any valid graph, without regard to what it computes.
func randomGraph(t *rapid.T) *Graph {
	constants := []float64{0, 1, -1, 2, 0.5, -3, 1e-300, 1e300, math.MaxFloat64}
	g := &Graph{Version: Version, Nodes: []Node{{Op: PolicyChosen}, {Op: PolicyRejected}, {Op: Beta}}}
	shapes := []bool{true, true, false}
	ops := Ops()
	for range rapid.IntRange(1, 25).Draw(t, "nodes") {
		op := rapid.SampledFrom(ops).Draw(t, "op")
		n := Node{Op: op}
		perPair := op.PerPairLeaf()
		for range op.Arity() {
			a := rapid.IntRange(0, len(g.Nodes)-1).Draw(t, "operand")
			n.Args = append(n.Args, a)
			perPair = perPair || shapes[a]
		}
		for range op.Constants() {
			n.K = append(n.K, rapid.SampledFrom(constants).Draw(t, "constant"))
		}
		if op == Clamp && n.K[0] > n.K[1] {
			n.K[0], n.K[1] = n.K[1], n.K[0]
		}
		if op == Param {
			n.Name = "p" + strconv.Itoa(len(g.Nodes))
		}
		g.Nodes = append(g.Nodes, n)
		shapes = append(shapes, perPair && !op.Reduces())
	}
	for i, perPair := range shapes {
		if perPair {
			g.Output = i
		}
	}
	return g
}

// Whatever a valid graph computes, NaN and infinities included, its analysis
// ends without a panic and gives the same answer twice.
func TestAnalysisOfAnyGraph(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		if err := g.Validate(); err != nil {
			rt.Fatal(err)
		}
		if Formula(g) != Formula(g.Clone()) || Formula(g) == "" || len(LaTeX(g)) == 0 {
			rt.Fatal("no formula, or two")
		}
		a, errA := Fingerprint(g)
		b, errB := Fingerprint(g.Clone())
		if a != b || errA != nil || errB != nil {
			rt.Fatalf("fingerprints %s and %s, errors %v and %v", a, b, errA, errB)
		}
		d, err := Inspect(g)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := json.Marshal(d); err != nil {
			rt.Fatal(err)
		}
		if len(d.Facts()) == 0 {
			rt.Fatal("no facts")
		}
		known, err := NewLibrary([]Known{{"self", g}, {"dpo", dpo()}})
		if err != nil {
			rt.Fatal(err)
		}
		m, err := known.Nearest(g)
		if err != nil || math.IsNaN(m.Distance) {
			rt.Fatalf("nearest %v, %v", m, err)
		}
		if _, err := json.Marshal(m); err != nil {
			rt.Fatal(err)
		}
	})
}
