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

// fitnessTasks are the tasks of the fitness, as in the standard preset.
var fitnessTasks = []string{"reviews", "reviews-flip"}

// BenchmarkEvolveAndRandom compares the two at an equal number of proposals, on the
// tasks of the fitness: in the search's own score of its best three, and in a second
// score of them on seeds that no search saw. It prints the table of docs/search.md and
// takes about 15 minutes on two cores:
// go test -tags slow -run '^$' -bench EvolveAndRandom -benchtime 1x -timeout 3h ./discover
func BenchmarkEvolveAndRandom(b *testing.B) {
	for b.Loop() {
		evolveAndRandom(b)
	}
}

func evolveAndRandom(t *testing.B) {
	const searches, proposals, best = 5, 32, 3
	scorer := &rememberingEvaluator{inner: &evaluator.Evaluator{Source: proxy.Source{}}, results: map[string]result{}}
	arms := []struct {
		origin   string
		proposer Proposer
	}{{ProposerEvolve, propose.Evolve{}}, {ProposerRandom, propose.Random{}}}
	table := "seed  evolve   random   on fresh seeds: evolve  random\n"
	var seen, fresh []float64
	for seed := range uint64(searches) {
		var own, again [2]float64
		for i, arm := range arms {
			own[i], again[i] = searched(t, arm.origin, arm.proposer, scorer, seed, proposals, best)
		}
		row := fmt.Sprintf("%4d  %+.4f  %+.4f                  %+.4f  %+.4f\n", seed, own[0], own[1], again[0], again[1])
		t.Log(row)
		table += row
		seen, fresh = append(seen, own[0]-own[1]), append(fresh, again[0]-again[1])
	}
	lo, hi := stats.TInterval(seen, .95)
	freshLo, freshHi := stats.TInterval(fresh, .95)
	t.Logf("mean fitness of the best %d of %d proposals, as a share of dpo's gain\n%sevolve less random: %+.4f [%+.4f, %+.4f]; on fresh seeds %+.4f [%+.4f, %+.4f]",
		best, proposals, table, mean(seen), lo, hi, mean(fresh), freshLo, freshHi)
}

// searched runs one search and returns the mean fitness of its best proposals: as it
// scored them, and on fresh seeds.
func searched(t *testing.B, origin string, p Proposer, scorer *rememberingEvaluator, seed uint64, proposals, best int) (own, fresh float64) {
	t.Helper()
	config := defaults()
	config.Candidates, config.Seed, config.Seeds, config.Tasks = proposals, seed, 2, fitnessTasks
	a, err := archive.Create(t.TempDir(), "r", archive.Settings{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s := &Search{Name: "r", Config: config, Origin: origin, Catalog: catalog.All(), Proposer: p, Checker: tracer{}, Evaluator: scorer, Archive: a}
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
		own += c.Score.Fitness / float64(best)
		fresh += scorer.again(t, c) / float64(best)
	}
	if left > 0 {
		t.Fatalf("seed %d: %d of the best %d are missing", seed, left, best)
	}
	return own, fresh
}

// result is what an evaluation came to.
type result struct {
	metrics *evaluator.Metrics
	failure *evaluator.Failure
}

// rememberingEvaluator scores each objective once, however many searches ask.
type rememberingEvaluator struct {
	inner *evaluator.Evaluator

	mu      sync.Mutex
	results map[string]result
}

func (e *rememberingEvaluator) Evaluate(ctx context.Context, g *graph.Graph, effort evaluator.Effort, _ evaluator.Memo, progress func(evaluator.Event)) (*evaluator.Metrics, *evaluator.Failure, error) {
	key := fmt.Sprint(g.Hash(), effort.FirstSeed)
	e.mu.Lock()
	r, ok := e.results[key]
	e.mu.Unlock()
	if ok {
		return r.metrics, r.failure, nil
	}
	metrics, failure, err := e.inner.Evaluate(ctx, g, effort, nil, progress)
	if err == nil {
		e.mu.Lock()
		e.results[key] = result{metrics, failure}
		e.mu.Unlock()
	}
	return metrics, failure, err
}

// again scores a candidate on fresh seeds.
func (e *rememberingEvaluator) again(t *testing.B, c archive.Candidate) float64 {
	t.Helper()
	g, err := graph.Decode(c.Graph)
	if err != nil {
		t.Fatal(err)
	}
	effort := evaluator.Effort{Tasks: fitnessTasks, MinSeeds: 4, MaxSeeds: 4, FirstSeed: 1_000_000, NoScreen: true}
	m, failure, err := e.Evaluate(t.Context(), g, effort, nil, nil)
	if err != nil || failure != nil {
		t.Fatal(err, failure)
	}
	return m.Fitness
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
