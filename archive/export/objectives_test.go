package export

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// known returns the objectives of the catalog.
func known(t testing.TB) []Objective {
	t.Helper()
	var out []Objective
	for i, e := range catalog.All() {
		g, err := e.Graph()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, objectiveOf(t, g, i+1, e.Name, e.Source))
	}
	return out
}

func objectiveOf(t testing.TB, g *graph.Graph, id int, name, code string) Objective {
	t.Helper()
	raw, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	reward, kl := 0.93, 0.4250000000000001
	return Objective{
		Run: archive.Run{Name: "run", Settings: archive.Settings{Seed: 7, Proposer: "evolve", Version: "test", Created: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)}, Status: archive.Finished},
		Candidate: archive.Candidate{
			ID: id, Origin: "catalog", Name: name, Thought: "A thought.", Code: code, Status: archive.Scored, Graph: raw,
			Facts: []string{"convex in the margin", "needs the reference"},
			Score: &archive.Score{Fitness: 0.01, CI95: [2]float64{-0.01, 0.03}, Verdict: "undecided", Seeds: 4,
				Tasks: []archive.TaskScore{{Task: "reviews", Advantage: 0.004, CI95: [2]float64{0.003, 0.005}, Verdict: "better"}}},
		},
		Cells: []archive.Cell{
			{Task: "reviews", TaskVersion: "1", Beta: 0.1, Seed: 1, Reward: &reward, KL: &kl, Seconds: 0.5},
			{Task: "reviews", TaskVersion: "1", Beta: 1, Seed: 1<<64 - 1, BlewUp: true, Seconds: 0.25},
		},
		Graph: g,
	}
}

// random returns an objective that uses the language to its edges: any operation on
// any operands, shared sub-expressions, parameters, statistics of statistics.
func random(t testing.TB, seed uint64) Objective {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0xe4))
	g := randomGraph(rng, 6+rng.IntN(30))
	return objectiveOf(t, g, int(seed)+1, fmt.Sprintf("random %d", seed), "")
}

func randomGraph(rng *rand.Rand, size int) *graph.Graph {
	g := &graph.Graph{Version: graph.Version}
	params := map[string]float64{}
	ops := graph.Ops()
	for len(g.Nodes) < size {
		n := graph.Node{Op: ops[rng.IntN(len(ops))]}
		if n.Op.Arity() > len(g.Nodes) {
			continue
		}
		for range n.Op.Arity() {
			n.Args = append(n.Args, max(rng.IntN(len(g.Nodes)), rng.IntN(len(g.Nodes))))
		}
		for range n.Op.Constants() {
			n.K = append(n.K, math.Round(rng.NormFloat64()*8)/8)
		}
		slices.Sort(n.K)
		if n.Op == graph.Param {
			n.Name = []string{"tau", "beta", "a_b", "a__b", "lambda", "func", "loss", "gate", "i"}[rng.IntN(9)]
			if v, ok := params[n.Name]; ok {
				n.K[0] = v
			}
			params[n.Name] = n.K[0]
		}
		g.Nodes = append(g.Nodes, n)
	}
	// The loss is the sum of what was made and the policy's log-probabilities, so that
	// much of it is reachable, one value per pair, and has a gradient.
	last := len(g.Nodes) - 1
	g.Nodes = append(g.Nodes,
		graph.Node{Op: graph.PolicyChosen}, graph.Node{Op: graph.PolicyRejected},
		graph.Node{Op: graph.Sub, Args: []int{last + 2, last + 1}}, graph.Node{Op: graph.Scale, Args: []int{last + 3}, K: []float64{0.0625}})
	sum := last + 4
	for i := last; i >= max(0, last-4); i-- {
		g.Nodes = append(g.Nodes, graph.Node{Op: graph.Tanh, Args: []int{i}}, graph.Node{Op: graph.Add, Args: []int{sum, len(g.Nodes)}})
		sum = len(g.Nodes) - 1
	}
	g.Output = sum
	return g
}

// batch returns n preference pairs whose log-probabilities single precision holds
// exactly.
func batch(rng *rand.Rand, n int, beta float64) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: 0.25}
	grid := func(x float64) float64 { return math.Round(x*64) / 64 }
	for range n {
		chosen, rejected := float64(4+rng.IntN(40)), float64(4+rng.IntN(40))
		refChosen, refRejected := grid(-chosen*(0.5+rng.Float64())), grid(-rejected*(0.5+rng.Float64()))
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, chosen), append(b.RejectedLen, rejected)
		b.RefChosen, b.RefRejected = append(b.RefChosen, refChosen), append(b.RefRejected, refRejected)
		b.PolicyChosen = append(b.PolicyChosen, grid(refChosen+3*rng.NormFloat64()))
		b.PolicyRejected = append(b.PolicyRejected, grid(refRejected+3*rng.NormFloat64()))
	}
	return b
}

// run evaluates an objective by the reference implementation, the whole batch being
// one micro-batch.
func run(t testing.TB, g *graph.Graph, b *graph.Batch) graph.Result {
	t.Helper()
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	var out graph.Result
	plan.NewRunner().Run(b, 0, &out)
	return out
}

// settled reports whether figures that agree to within rounding can be asked for at
// b: the result is finite, and a change of the inputs in the last digits changes it
// little.
func settled(t testing.TB, g *graph.Graph, b *graph.Batch) bool {
	t.Helper()
	near := *b
	for _, s := range []*[]float64{&near.PolicyChosen, &near.PolicyRejected, &near.RefChosen, &near.RefRejected, &near.ChosenLen, &near.RejectedLen} {
		*s = slices.Clone(*s)
		for i := range *s {
			(*s)[i] *= 1 + 1e-13*float64(1+i)
		}
	}
	near.Beta *= 1 + 1e-13
	near.Progress *= 1 + 2e-13
	x, y := run(t, g, b), run(t, g, &near)
	for _, s := range [][2][]float64{{x.Loss, y.Loss}, {x.GradChosen, y.GradChosen}, {x.GradRejected, y.GradRejected}} {
		if worst := difference(s[0], s[1]); !(worst < 1e-10) {
			return false
		}
	}
	return true
}

// difference returns the largest difference relative to the largest value, or to 1
// if that is larger; NaN where one is not finite.
func difference(got, want []float64) float64 {
	scale, worst := 1.0, 0.0
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i := range want {
		worst = max(worst, math.Abs(got[i]-want[i]))
	}
	if math.IsInf(scale, 0) {
		return math.NaN()
	}
	return worst / scale
}
