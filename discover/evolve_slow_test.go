//go:build slow

package discover

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/evaluator/stats"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// BenchmarkEvolveAndRandom compares the two at an equal number of proposals, on the
// bandit: in the search's own score of its best three, and in a second score of them
// on seeds that no search saw. It prints the table of docs/search.md, and takes four
// minutes: go test -tags slow -run '^$' -bench EvolveAndRandom -benchtime 1x ./discover
func BenchmarkEvolveAndRandom(b *testing.B) {
	for b.Loop() {
		evolveAndRandom(b)
	}
}

func evolveAndRandom(t *testing.B) {
	const searches, proposals, best = 5, 24, 3
	scorer := &rememberingEvaluator{inner: &evaluator.Evaluator{Source: proxy.Source{}}, metrics: map[string]*evaluator.Metrics{}}
	arms := []struct {
		name     string
		proposer Proposer
	}{{"evolve", propose.Evolve{}}, {"random", propose.Random{}}}
	table := "seed  evolve   random   on fresh seeds: evolve  random\n"
	var seen, fresh []float64
	for seed := range uint64(searches) {
		var own, again [2]float64
		for i, arm := range arms {
			own[i], again[i] = searched(t, arm.proposer, scorer, seed, proposals, best)
		}
		table += fmt.Sprintf("%4d  %+.4f  %+.4f                  %+.4f  %+.4f\n", seed, own[0], own[1], again[0], again[1])
		seen, fresh = append(seen, own[0]-own[1]), append(fresh, again[0]-again[1])
	}
	lo, hi := stats.TInterval(seen, .95)
	freshLo, freshHi := stats.TInterval(fresh, .95)
	t.Logf("mean fitness of the best %d of %d proposals, as a share of dpo's gain\n%sevolve less random: %+.4f [%+.4f, %+.4f]; on fresh seeds %+.4f [%+.4f, %+.4f]",
		best, proposals, table, mean(seen), lo, hi, mean(fresh), freshLo, freshHi)
}

// searched runs one search and returns the mean fitness of its best proposals: as it
// scored them, and on fresh seeds.
func searched(t *testing.B, p Proposer, scorer *rememberingEvaluator, seed uint64, proposals, best int) (own, fresh float64) {
	t.Helper()
	config := defaults()
	config.Candidates, config.Seed, config.Seeds, config.Screen, config.Tasks = proposals, seed, 6, false, []string{"bandit"}
	a, err := archive.Create(t.TempDir(), "r", archive.Settings{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s := &Search{Name: "r", Config: config, Origin: "evolve", Catalog: catalog.All(), Proposer: p, Checker: tracer{}, Evaluator: scorer, Archive: a}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	top, err := a.Top(len(s.Catalog) + proposals)
	if err != nil {
		t.Fatal(err)
	}
	left := best
	for _, c := range top {
		if c.Origin == originCatalog || left == 0 {
			continue
		}
		left--
		unit, err := fitnessUnit(c.Score)
		if err != nil {
			t.Fatal(err)
		}
		own += c.Score.Fitness / unit / float64(best)
		fresh += scorer.again(t, c) / float64(best)
	}
	if left > 0 {
		t.Fatalf("seed %d: %d of the best %d are missing", seed, left, best)
	}
	return own, fresh
}

// rememberingEvaluator scores each objective once, however many searches ask.
type rememberingEvaluator struct {
	inner *evaluator.Evaluator

	mu      sync.Mutex
	metrics map[string]*evaluator.Metrics
}

func (e *rememberingEvaluator) Evaluate(ctx context.Context, g *graph.Graph, effort evaluator.Effort, _ evaluator.Memo, progress func(evaluator.Event)) (*evaluator.Metrics, *evaluator.Failure, error) {
	key := fmt.Sprint(g.Hash(), effort.FirstSeed)
	e.mu.Lock()
	m := e.metrics[key]
	e.mu.Unlock()
	if m != nil {
		return m, nil, nil
	}
	m, failure, err := e.inner.Evaluate(ctx, g, effort, nil, progress)
	if m != nil {
		e.mu.Lock()
		e.metrics[key] = m
		e.mu.Unlock()
	}
	return m, failure, err
}

// again scores a candidate on fresh seeds, as a share of dpo's gain.
func (e *rememberingEvaluator) again(t *testing.B, c archive.Candidate) float64 {
	t.Helper()
	g, err := graph.Decode(c.Graph)
	if err != nil {
		t.Fatal(err)
	}
	effort := evaluator.Effort{Tasks: []string{"bandit"}, MinSeeds: 6, MaxSeeds: 6, FirstSeed: 1_000_000, NoScreen: true}
	m, failure, err := e.Evaluate(t.Context(), g, effort, nil, nil)
	if err != nil || failure != nil {
		t.Fatal(err, failure)
	}
	return m.Fitness / m.Tasks[0].Gain
}

// tracer checks nothing: what evolve and random write passes the gate.
type tracer struct{}

func (tracer) Check(_ context.Context, source string) (*sandbox.Compiled, *sandbox.Rejection, error) {
	for _, e := range catalog.All() {
		if e.Source == source {
			g, err := e.Graph()
			return &sandbox.Compiled{Source: source, Graph: g}, nil, err
		}
	}
	g, err := graphtest.Trace(source)
	return &sandbox.Compiled{Source: source, Graph: g}, nil, err
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	if len(v) == 0 {
		return math.NaN()
	}
	return sum / float64(len(v))
}
