package propose_test

import (
	"context"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func TestMain(m *testing.M) {
	sandbox.RunChildIfAsked()
	m.Run()
}

type proposer interface {
	Propose(context.Context, propose.Request) (propose.Proposal, error)
}

var proposers = map[string]proposer{"evolve": propose.Evolve{}, "random": propose.Random{}}

// known returns the catalog as it stands at the head of a run.
func known(tb testing.TB) []propose.Prior {
	tb.Helper()
	var out []propose.Prior
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

func prior(tb testing.TB, id, name string, g *graph.Graph) propose.Prior {
	tb.Helper()
	fingerprint, err := graph.Fingerprint(g)
	if err != nil {
		tb.Fatal(err)
	}
	return propose.Prior{ID: id, Name: name, Graph: g, Fingerprint: fingerprint, Scored: true}
}

func request(id int, ranked []propose.Prior) propose.Request {
	return propose.Request{ID: strconv.Itoa(id), Rand: rand.New(rand.NewPCG(11, uint64(id))), Ranked: ranked}
}

// search runs a proposer for n candidates; score ranks them.
func search(t *testing.T, p proposer, n int, seed uint64, score func(*graph.Graph) float64) (proposals []propose.Proposal, best float64) {
	t.Helper()
	ranked := known(t)
	for i := range ranked {
		ranked[i].Fitness = score(ranked[i].Graph)
	}
	byFitness := func(a, b propose.Prior) int { return int(b.Fitness*1e9) - int(a.Fitness*1e9) }
	slices.SortStableFunc(ranked, byFitness)
	best = -1e6
	for i := range n {
		req := request(1000+i, slices.Clone(ranked[:min(64, len(ranked))]))
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
			for _, k := range known(t) {
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
	for name, p := range proposers {
		t.Run(name, func(t *testing.T) {
			proposals, _ := search(t, p, 30, 5, func(g *graph.Graph) float64 { return float64(len(g.Nodes) % 7) })
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
	ranked := known(t)
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
			req := request(4, known(t))
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
			req = request(4, known(t))
			req.Rejected = []propose.Prior{rejected}
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
		unscored := known(t)
		for i := range unscored {
			unscored[i].Scored = false
		}
		for _, req := range []propose.Request{request(id, nil), request(id, unscored)} {
			out, err := propose.Evolve{}.Propose(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if out.Operator != "new" || len(out.Parents) > 0 {
				t.Errorf("operator %q, parents %v, want a new program", out.Operator, out.Parents)
			}
		}
	}
}
