package discover

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// fakeProposer's code is a number that depends on everything the request holds,
// so that any difference in what a candidate is shown shows in the archive.
type fakeProposer struct {
	mu    sync.Mutex
	asked map[string]int
	stop  map[string]error // candidates whose proposal fails
}

func (p *fakeProposer) Propose(_ context.Context, req propose.Request) (propose.Proposal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked == nil {
		p.asked = map[string]int{}
	}
	p.asked[req.ID]++
	if err := p.stop[req.ID]; err != nil {
		return propose.Proposal{}, err
	}
	h := fnv.New32a()
	for _, list := range [][]propose.Prior{req.Ranked, req.Rejected} {
		for _, prior := range list {
			fmt.Fprintln(h, prior.ID, prior.Fitness, prior.Status)
		}
	}
	code := fmt.Sprintf("%d", (h.Sum32()+req.Rand.Uint32())%40)
	return propose.Proposal{Name: "n" + code, Thought: "thought of " + req.ID, Code: code, Operator: "new"}, nil
}

// Repair succeeds at the second turn for some codes, never for others.
func (p *fakeProposer) Repair(_ context.Context, _ propose.Request, previous propose.Proposal, rejection string, turn int) (propose.Proposal, error) {
	if !strings.Contains(rejection, "odd one") {
		return previous, fmt.Errorf("told %q", rejection)
	}
	if turn == 2 && strings.HasPrefix(previous.Code, "2") {
		previous.Code = "8"
	}
	return previous, nil
}

// fakeChecker rejects multiples of seven and makes a scaled margin of the rest.
type fakeChecker struct{}

func (fakeChecker) Check(_ context.Context, source string) (*sandbox.Compiled, *sandbox.Rejection, error) {
	for _, e := range catalog.All() {
		if e.Source == source {
			g, err := e.Graph()
			return &sandbox.Compiled{Source: source, Graph: g}, nil, err
		}
	}
	var n int
	if _, err := fmt.Sscan(source, &n); err != nil { // a tuned candidate
		g, err := graphtest.Trace(source)
		return &sandbox.Compiled{Source: source, Graph: g}, nil, err
	}
	if n%7 == 0 {
		return nil, &sandbox.Rejection{Stage: "types", Line: 1, Column: 2, Reason: "odd one"}, nil
	}
	g, err := objective.Trace(func(b objective.Batch) objective.Vec {
		return b.Margin().AddConst(float64(n)).Square().Add(b.PolicyChosen.Scale(float64(n)))
	})
	return &sandbox.Compiled{Source: source, Graph: g}, nil, err
}

// fakeEvaluator's fitness is a function of the graph; it trains two cells.
type fakeEvaluator struct {
	delay  func() time.Duration
	mu     sync.Mutex
	cells  int
	cancel func(trained int) // called after each trained cell
}

func (e *fakeEvaluator) Evaluate(ctx context.Context, g *graph.Graph, effort evaluator.Effort, memo evaluator.Memo, progress func(evaluator.Event)) (*evaluator.Metrics, *evaluator.Failure, error) {
	h := fnv.New32a()
	h.Write([]byte(g.Hash()))
	fitness := float64(h.Sum32()%1000) / 1000
	var cells []evaluator.Cell
	for seed := range uint64(2) {
		if memo == nil {
			break // a tuning: its cells are not kept
		}
		key := evaluator.Key{Objective: g.Hash(), Task: "reviews", Identity: "fake", Beta: .1, Seed: seed}
		cell, ok := memo.Lookup(key)
		if !ok {
			time.Sleep(e.delay())
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			cell = evaluator.Cell{Task: key.Task, Beta: key.Beta, Seed: seed, Reward: fitness, KL: 1, Seconds: rand.Float64()}
			if err := memo.Save(key, cell); err != nil {
				return nil, nil, err
			}
			e.trained()
		}
		cells = append(cells, cell)
		progress(evaluator.Event{Stage: "train", Cell: cell, Done: len(cells), Planned: 2})
	}
	if fitness < .1 {
		return nil, &evaluator.Failure{Stage: "screen", Reason: "hopeless", Cells: cells}, nil
	}
	return &evaluator.Metrics{Fitness: fitness, CI95: evaluator.Interval{fitness - .1, fitness + .1}, Verdict: evaluator.Undecided,
		PerSeed: []float64{fitness, fitness}, Cells: cells}, nil, nil
}

func (e *fakeEvaluator) trained() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cells++
	if e.cancel != nil {
		e.cancel(e.cells)
	}
}

// newSearch is a search of fakes over three known objectives, stored in dir.
func newSearch(t *testing.T, dir string, seed uint64) *Search {
	t.Helper()
	config := defaults()
	config.Candidates, config.Seed, config.Seeds = 25, seed, 2
	a, err := archive.Open(dir, "test")
	if err != nil {
		a, err = archive.Create(dir, "test", archive.Settings{Seed: seed, Proposer: "llm"})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return &Search{
		Name: "test", Config: config, Origin: "llm", Catalog: catalog.All()[:3], Proposer: &fakeProposer{},
		Checker: fakeChecker{}, Evaluator: &fakeEvaluator{delay: func() time.Duration { return 0 }}, Archive: a,
	}
}

func contentHash(t *testing.T, a *archive.Archive) string {
	t.Helper()
	h, err := a.ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// twoModels is a fakeProposer that says that models wrote its proposals.
type twoModels struct {
	fakeProposer
	withOdds int
}

func (p *twoModels) Propose(ctx context.Context, req propose.Request) (propose.Proposal, error) {
	out, err := p.fakeProposer.Propose(ctx, req)
	out.Model, out.Usage.Calls = "a", 1
	if req.Rand.IntN(2) == 0 {
		out.Model = "b"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if req.Odds.Models != nil {
		p.withOdds++
	}
	return out, err
}
