package propose

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) {
	sandbox.RunChildIfAsked()
	m.Run()
}

type proposer interface {
	Propose(context.Context, Request) (Proposal, error)
}

var proposers = map[string]proposer{"evolve": Evolve{}, "random": Random{}}

// catalogPriors returns the catalog as it stands at the head of a run.
func catalogPriors(tb testing.TB) []Prior {
	tb.Helper()
	var out []Prior
	for i, e := range catalog.All() {
		g, err := e.Graph()
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, prior(tb, strconv.Itoa(i+1), e.Name, g))
		out[i].Origin, out[i].Code = "catalog", e.Source
	}
	return out
}

func prior(tb testing.TB, id, name string, g *graph.Graph) Prior {
	tb.Helper()
	fingerprint, err := graph.Fingerprint(g)
	if err != nil {
		tb.Fatal(err)
	}
	return Prior{ID: id, Name: name, Graph: g, Fingerprint: fingerprint, Scored: true}
}

func request(id int, ranked []Prior) Request {
	return Request{ID: strconv.Itoa(id), Rand: rand.New(rand.NewPCG(11, uint64(id))), Ranked: ranked}
}

// search runs a proposer for n candidates; score ranks them.
func search(t *testing.T, p proposer, n int, seed uint64, score func(*graph.Graph) float64) (proposals []Proposal, best float64) {
	t.Helper()
	ranked := catalogPriors(t)
	for i := range ranked {
		ranked[i].Fitness = score(ranked[i].Graph)
	}
	byFitness := func(a, b Prior) int { return int(b.Fitness*1e9) - int(a.Fitness*1e9) }
	slices.SortStableFunc(ranked, byFitness)
	best = -1e6
	for i := range n {
		req := request(1000+i, slices.Clone(ranked))
		req.Rand = rand.New(rand.NewPCG(seed, uint64(i)))
		out, err := p.Propose(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		g, err := graphtest.Trace(out.Code)
		if err != nil {
			t.Fatalf("%v\n%s", err, out.Code)
		}
		child := prior(t, req.ID, out.Name, g)
		child.Parents, child.Fitness = out.Parents, score(g)
		best = max(best, child.Fitness)
		ranked = append(ranked, child)
		slices.SortStableFunc(ranked, byFitness)
		proposals = append(proposals, out)
	}
	return proposals, best
}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func TestProposalsAreComplete(t *testing.T) {
	for name, p := range proposers {
		t.Run(name, func(t *testing.T) {
			seen := map[string]string{}
			for _, k := range catalogPriors(t) {
				seen[k.Fingerprint] = k.Name
			}
			proposals, _ := search(t, p, 120, 3, func(g *graph.Graph) float64 { return float64(len(g.Nodes) % 7) })
			for _, out := range proposals {
				if !snakeCase.MatchString(out.Name) || len(out.Name) > 60 {
					t.Errorf("name %q", out.Name)
				}
				if !strings.HasSuffix(out.Thought, ".") || strings.Contains(out.Thought, "  ") {
					t.Errorf("thought %q", out.Thought)
				}
				if out.Operator == "" || out.Model != "" || out.Prompt != "" {
					t.Errorf("operator %q, model %q, prompt %q", out.Operator, out.Model, out.Prompt)
				}
				if (len(out.Parents) == 0) != (out.Operator == "new") {
					t.Errorf("operator %q with parents %v", out.Operator, out.Parents)
				}
				g, err := graphtest.Trace(out.Code)
				if err != nil {
					t.Fatal(err)
				}
				fingerprint, err := graph.Fingerprint(g)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range g.Nodes {
					for _, k := range n.K {
						if k != round(k, maxDigits) {
							t.Errorf("%s has the constant %v", out.Name, k)
						}
					}
				}
				if len(rewrite.Merge(g).Nodes) > maxSize {
					t.Errorf("%s has %d operations", out.Name, len(rewrite.Merge(g).Nodes))
				}
				if other, ok := seen[fingerprint]; ok {
					t.Errorf("%s denotes the same loss as %s:\n%s", out.Name, other, out.Code)
				}
				seen[fingerprint] = out.Name
			}
		})
	}
}

// TestProposalsPassTheGate sends proposals down the path that an LLM's take.
func TestProposalsPassTheGate(t *testing.T) {
	checker := &sandbox.Checker{}
	t.Cleanup(checker.Close)
	for name, p := range proposers {
		t.Run(name, func(t *testing.T) {
			proposals, _ := search(t, p, 15, 5, func(g *graph.Graph) float64 { return float64(len(g.Nodes) % 7) })
			for _, out := range proposals {
				compiled, rejection, err := checker.Check(t.Context(), out.Code)
				if err != nil {
					t.Fatal(err)
				}
				if rejection != nil {
					t.Errorf("%s is rejected: %+v\n%s", out.Name, *rejection, out.Code)
					continue
				}
				want, err := graphtest.Trace(out.Code)
				if err != nil {
					t.Fatal(err)
				}
				if compiled.Graph.Hash() != want.Hash() {
					t.Errorf("%s: the sandbox traces another graph", out.Name)
				}
			}
		})
	}
}

func TestProposeIsAFunctionOfTheRequest(t *testing.T) {
	ranked := catalogPriors(t)
	for name, p := range proposers {
		for id := range 15 {
			first, err := p.Propose(t.Context(), request(id, ranked))
			if err != nil {
				t.Fatal(err)
			}
			second, err := p.Propose(t.Context(), request(id, ranked))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("%s, candidate %d:\n%s", name, id, diff)
			}
		}
	}
}

func TestProposeAvoidsWhatIsKnown(t *testing.T) {
	for name, p := range proposers {
		for _, fingerprinted := range []bool{true, false} {
			req := request(4, catalogPriors(t))
			first, err := p.Propose(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			g, err := graphtest.Trace(first.Code)
			if err != nil {
				t.Fatal(err)
			}
			rejected := prior(t, "99", first.Name, g)
			if rejected.Scored = false; !fingerprinted {
				rejected.Fingerprint = ""
			}
			req = request(4, catalogPriors(t))
			req.Rejected = []Prior{rejected}
			second, err := p.Propose(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if second.Code == first.Code || second.Name == first.Name {
				t.Errorf("%s proposed %s again", name, first.Name)
			}
		}
	}
}

func TestEvolveWithoutParents(t *testing.T) {
	for id := range 10 {
		unscored := catalogPriors(t)
		for i := range unscored {
			unscored[i].Scored = false
		}
		for _, req := range []Request{request(id, nil), request(id, unscored)} {
			out, err := Evolve{}.Propose(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if out.Operator != "new" || len(out.Parents) > 0 {
				t.Errorf("operator %q, parents %v, want a new program", out.Operator, out.Parents)
			}
		}
	}
}

// TestEvolveBeatsRandom lets both look for a hidden loss, with the likeness to
// it for fitness.
func TestEvolveBeatsRandom(t *testing.T) {
	hidden := trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec {
		gate := x.Scale(6).AddConst(-1).Sigmoid()
		return x.Scale(.5).Neg().Exp().Mul(gate.Neg().AddConst(1)).Add(x.Neg().AddConst(2).ReLU().Mul(gate))
	})
	likeness := func(g *graph.Graph) float64 {
		p, err := newProfiler(g)
		if err != nil {
			t.Fatal(err)
		}
		target, err := newProfiler(hidden)
		if err != nil {
			t.Fatal(err)
		}
		return -p.distance(target.at(.1))
	}
	evolve, random := 0.0, 0.0
	const seeds = 3
	for seed := range uint64(seeds) {
		_, best := search(t, Evolve{}, 30, seed, likeness)
		evolve += best / seeds
		_, best = search(t, Random{}, 30, seed, likeness)
		random += best / seeds
	}
	if evolve <= random {
		t.Errorf("best of 30, mean of %d seeds: evolve %.4f, random %.4f", seeds, evolve, random)
	}
	t.Logf("best of 30, mean of %d seeds: evolve %.4f, random %.4f", seeds, evolve, random)
}

func TestProposalsGolden(t *testing.T) {
	ranked := catalogPriors(t)
	for _, tt := range []struct {
		name string
		p    proposer
		id   int
	}{
		{"random", Random{}, 1}, {"evolve_1", Evolve{}, 1}, {"evolve_2", Evolve{}, 2}, {"evolve_3", Evolve{}, 3}, {"evolve_4", Evolve{}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := tt.p.Propose(t.Context(), request(tt.id, ranked))
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("// %s, %s of %v\n%s", out.Name, out.Operator, out.Parents, out.Code)
			path := filepath.Join("testdata", tt.name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("Propose (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvolveFollowsTheOdds(t *testing.T) {
	ranked := catalogPriors(t)
	for id := range 10 {
		req := request(id, ranked)
		req.Odds.Operators = map[string]float64{"mutate": 0, "explore": 0, "new": 0, "simplify": 0}
		out, err := Evolve{}.Propose(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if out.Operator != "combine" {
			t.Errorf("operator %q, want the only one whose odds are not 0", out.Operator)
		}
	}
}
