package discover

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

const thoughtSize = 8 << 10

// verbose proposes a new candidate every time, with a long thought.
type verbose struct{}

func (verbose) Propose(_ context.Context, req propose.Request) (propose.Proposal, error) {
	thought := strings.Repeat(req.ID+" ", thoughtSize/(len(req.ID)+1))
	return propose.Proposal{Name: "n" + req.ID, Thought: thought, Code: req.ID, Operator: "new", Model: "m"}, nil
}

// distinct makes another graph of every code, and rejects every third.
type distinct struct{ fakeChecker }

func (d distinct) Check(ctx context.Context, source string) (*sandbox.Compiled, *sandbox.Rejection, error) {
	n, err := strconv.Atoi(source)
	switch {
	case err != nil:
		return d.fakeChecker.Check(ctx, source)
	case n%3 == 0:
		return nil, &sandbox.Rejection{Stage: "types", Reason: "every third"}, nil
	}
	g, err := objective.Trace(func(b objective.Batch) objective.Vec {
		return b.Margin().AddConst(float64(n)).Square().Add(b.PolicyChosen)
	})
	return &sandbox.Compiled{Source: source, Graph: g}, nil, err
}

// instant scores without training, every candidate a little better than the one
// before, so that what is remembered changes all the time.
type instant struct{ scored float64 }

func (e *instant) Evaluate(context.Context, *graph.Graph, evaluator.Effort, evaluator.Memo, func(evaluator.Event)) (*evaluator.Metrics, *evaluator.Failure, error) {
	e.scored++
	return &evaluator.Metrics{Fitness: 1 - 1/e.scored, Verdict: evaluator.Undecided, PerSeed: []float64{0, 0}}, nil, nil
}

// TestMemoryDoesNotGrowWithTheArchive looks at the heap of a search twice, when it
// has forgotten its first candidates already and when there are twice as many.
func TestMemoryDoesNotGrowWithTheArchive(t *testing.T) {
	const early, late = 350, 700
	s := newSearch(t, t.TempDir(), 1)
	s.Config.Candidates, s.Config.Repairs, s.Config.Lag, s.Config.Screen = late, 0, 1, false
	s.Proposer, s.Checker, s.Evaluator = verbose{}, distinct{}, &instant{}
	heaps := map[int]int64{}
	s.Events = func(e Event) {
		if applied, ok := e.(Applied); ok && (applied.Done == early || applied.Done == late) {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heaps[applied.Done] = int64(m.HeapAlloc)
		}
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What keeps each candidate keeps its thought at least.
	if grown, kept := heaps[late]-heaps[early], int64((late-early)*thoughtSize); grown > kept/5 {
		t.Errorf("the heap has grown from %d to %d bytes in %d candidates, whose thoughts have %d", heaps[early], heaps[late], late-early, kept)
	}
}
