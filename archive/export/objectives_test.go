package export

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
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

// named returns an objective of the catalog.
func named(t testing.TB, name string) Objective {
	t.Helper()
	for _, o := range known(t) {
		if o.Candidate.Name == name {
			return o
		}
	}
	t.Fatalf("no %s in the catalog", name)
	return Objective{}
}

// evolved returns objectives that a search came to: sums of joined and changed losses,
// longer than any of the catalog. testdata/evolved.json has them from a quick run.
func evolved(t testing.TB) []Objective {
	t.Helper()
	data, err := os.ReadFile("testdata/evolved.json")
	if err != nil {
		t.Fatal(err)
	}
	var found []struct {
		Name, Thought string
		Nearest       *archive.Nearest
		Graph         *graph.Graph
	}
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	var out []Objective
	for i, f := range found {
		o := objectiveOf(t, f.Graph, 100+i, f.Name, "")
		o.Candidate.Thought, o.Candidate.Nearest, o.Candidate.Origin = f.Thought, f.Nearest, "evolve"
		out = append(out, o)
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
		Run: archive.Run{Name: "run", Settings: archive.Settings{Seed: 7, Proposer: "evolve", Version: "test", Config: json.RawMessage(`{"config":{"micro_batch":2}}`), Created: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)}, Status: archive.Finished},
		Candidate: archive.Candidate{
			ID: id, Origin: "catalog", Name: name, Thought: "A thought.", Code: code, Status: archive.Scored, Graph: raw,
			Facts:   []string{"convex in the margin", "needs the reference"},
			Nearest: &archive.Nearest{Name: name, BetaScale: 1, Factor: 1},
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
	g := randomGraph(rng, 14+rng.IntN(30))
	return objectiveOf(t, g, int(seed)+1, fmt.Sprintf("random %d", seed), "")
}

func randomGraph(rng *rand.Rand, size int) *graph.Graph {
	g := &graph.Graph{Version: graph.Version}
	add := func(op graph.Op, args ...int) int {
		g.Nodes = append(g.Nodes, graph.Node{Op: op, Args: args})
		return len(g.Nodes) - 1
	}
	chosen := add(graph.Sub, add(graph.PolicyChosen), add(graph.RefChosen))
	rejected := add(graph.Sub, add(graph.PolicyRejected), add(graph.RefRejected))
	reward := add(graph.Mul, add(graph.Sub, chosen, rejected), add(graph.Beta))
	params := map[string]float64{}
	for ops := graph.Ops(); len(g.Nodes) < size; {
		n := graph.Node{Op: ops[rng.IntN(len(ops))]}
		for range n.Op.Arity() {
			n.Args = append(n.Args, chosen+rng.IntN(len(g.Nodes)-chosen))
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
	// The loss is a sum over what was made last, so that much of it is reachable, and of
	// the reward margin, so that there is one value per pair with a gradient.
	total := add(graph.Neg, reward)
	for i := total - 1; i >= total-5; i-- {
		total = add(graph.Add, total, add(graph.Atan, i))
	}
	g.Output = total
	return g
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
