package export

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
)

func goldens(t *testing.T, o Objective) vectors {
	t.Helper()
	data, err := vectorsOf(&o)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Golden vectors reach every stage of training, the largest beta of the search, margins
// from none to many nats, and each parameter at another value than its default.
func TestVectorsCover(t *testing.T) {
	var all []Objective
	for _, o := range append(known(t)[:8], evolved(t)[:6]...) {
		all = append(all, o)
	}
	for _, o := range append(all, named(t, "lrml"), stages(t)) {
		v := goldens(t, o)
		progress, betas, params := map[float64]bool{}, map[float64]bool{}, map[string]bool{}
		largest, smallest := 0.0, math.Inf(1)
		for _, c := range v.Cases {
			progress[c.Progress], betas[c.Beta] = true, true
			for i := range c.PolicyChosen {
				margin := math.Abs(c.PolicyChosen[i] - c.RefChosen[i] - c.PolicyRejected[i] + c.RefRejected[i])
				largest = max(largest, margin)
				if margin > 0 {
					smallest = min(smallest, margin)
				}
			}
			for name, value := range c.Params {
				for _, p := range v.Params {
					params[name] = params[name] || p.Name == name && p.Value != value
				}
			}
		}
		if want := map[float64]bool{0: true, 0.25: true, 0.6: true, 1: true}; !maps.Equal(progress, want) {
			t.Errorf("%s: progress %v", o.Candidate.Name, progress)
		}
		if !betas[1] || !betas[0.1] || !betas[0.01] {
			t.Errorf("%s: betas %v", o.Candidate.Name, betas)
		}
		if largest < 5 || smallest > 0.1 {
			t.Errorf("%s: margins from %g to %g", o.Candidate.Name, smallest, largest)
		}
		for _, p := range v.Params {
			if !params[p.Name] {
				t.Errorf("%s: no case with another %s", o.Candidate.Name, p.Name)
			}
		}
	}
}

// stages is dpo until half of the training is done, then hinge.
func stages(t *testing.T) Objective {
	g := named(t, "hinge").Graph.Clone()
	add := func(n graph.Node) int {
		g.Nodes = append(g.Nodes, n)
		return len(g.Nodes) - 1
	}
	hinge := g.Output
	reward := g.Nodes[hinge].Args[0]
	late := add(graph.Node{Op: graph.GreaterConst, Args: []int{add(graph.Node{Op: graph.Progress})}, K: []float64{0.5}})
	soft := add(graph.Node{Op: graph.Softplus, Args: []int{reward}})
	g.Output = add(graph.Node{Op: graph.Where, Args: []int{late, hinge, soft}})
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
	return objectiveOf(t, g, 0, "stages", "")
}

// At kinks and ties the figures are the sub-gradients of the plan, and are there.
func TestVectorsAtKinks(t *testing.T) {
	for _, name := range []string{"hinge", "aot", "truncated_quadratic"} {
		v := goldens(t, named(t, name))
		kinks := 0
		for _, c := range v.Cases {
			if i := slices.Index(c.PolicyChosen, c.RefChosen[0]+1); c.Beta == 1 && i >= 0 && c.RefChosen[0] == -16 && c.PolicyRejected[i] == c.RefRejected[i] {
				kinks++
				if name == "hinge" && (c.Smooth || c.GradChosen[i] != 0 || c.Loss[i] != 0) {
					t.Errorf("hinge: loss %g and gradient %g at the kink, smooth %v", c.Loss[i], c.GradChosen[i], c.Smooth)
				}
			}
		}
		if kinks < 4 {
			t.Errorf("%s: %d cases with margin 1 at beta 1", name, kinks)
		}
	}
}

// A case is smooth where finite differences come to the gradients: everywhere for dpo,
// not at the kink of hinge.
func TestVectorsSmooth(t *testing.T) {
	count := func(o Objective) (smooth, all int) {
		for _, c := range goldens(t, o).Cases {
			all++
			if c.Smooth {
				smooth++
			}
		}
		return smooth, all
	}
	if smooth, all := count(named(t, "dpo")); smooth != all {
		t.Errorf("dpo: %d of %d", smooth, all)
	}
	if smooth, all := count(named(t, "hinge")); smooth == all || smooth < all*3/4 {
		t.Errorf("hinge: %d of %d", smooth, all)
	}
}
