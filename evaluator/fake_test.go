package evaluator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/objdisco/discover/sandbox/graph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// skilled is dpo plus a constant. No gradient sees the constant; the fake
// tasks below read it off and take it for the reward the objective gains
// beyond dpo at any KL.
func skilled(skill float64) *graph.Graph {
	g := dpo()
	g.Nodes = append(g.Nodes, graph.Node{Op: graph.AddConst, Args: []int{g.Output}, K: []float64{skill}})
	g.Output++
	return g
}

const (
	explosive   = 100. // a skill that blows up at every beta
	explosiveAt = 50.  // a skill that blows up at a beta of .1 and less
)

// fakeSource makes tasks out of closed forms: KL = 1/(20β) and a reward of
// .5 + .3·√KL, so that frontiers are straight in the root of KL.
type fakeSource struct {
	trained  atomic.Int64
	prepared atomic.Int64
	noise    float64           // standard deviation over seeds of the fake skill
	shift    float64           // added to every reward
	handicap float64           // added to the skill of all but dpo on reviews
	fail     error             // what training returns
	entered  chan struct{}     // if set, training announces itself and waits for its context
	identity map[string]string // by task
}

func (s *fakeSource) Describe(task string) (TaskInfo, error) {
	scale := 1.0
	switch task {
	case "reviews", "reviews-flip", stressTask:
	case screenTask:
		scale = 2
	default:
		return TaskInfo{}, fmt.Errorf("unknown task %q", task)
	}
	return TaskInfo{
		Identity: "fake " + task + s.identity[task], BetaScale: scale,
		Definition: []byte(fmt.Sprintf(`{"name":%q}`, task)), Tier: "fake",
	}, nil
}

func (s *fakeSource) Prepare(_ context.Context, task string, seed uint64) (Instance, error) {
	s.prepared.Add(1)
	return fakeInstance{s, task, seed}, nil
}

type fakeInstance struct {
	source *fakeSource
	task   string
	seed   uint64
}

func (i fakeInstance) Reference() Outcome { return Outcome{Reward: .5} }

func (i fakeInstance) Train(ctx context.Context, plan *graph.Plan, beta float64) (Outcome, error) {
	i.source.trained.Add(1)
	if i.source.entered != nil {
		i.source.entered <- struct{}{}
		<-ctx.Done()
		return Outcome{}, ctx.Err()
	}
	if i.source.fail != nil {
		return Outcome{}, i.source.fail
	}
	skill := readSkill(plan, beta)
	if skill == explosive || skill == explosiveAt && beta <= .1 {
		return Outcome{Reward: math.NaN(), KL: math.NaN(), BlewUp: true}, nil
	}
	if skill == explosiveAt {
		skill = 0
	}
	if skill != 0 && i.task == "reviews" {
		skill += i.source.handicap
	}
	if skill != 0 {
		skill += i.source.noise * math.Sin(float64(i.seed)*12.9898) // deterministic, and different for each seed
	}
	kl := 1 / (20 * beta)
	return Outcome{KL: kl, Reward: .5 + .3*math.Sqrt(kl) + skill + i.source.shift}, nil
}

// readSkill is the loss at margin 0 beyond dpo's log 2.
func readSkill(plan *graph.Plan, beta float64) float64 {
	zero := []float64{0}
	var out graph.Result
	plan.NewRunner().Run(&graph.Batch{
		PolicyChosen: zero, PolicyRejected: zero, RefChosen: zero, RefRejected: zero,
		ChosenLen: zero, RejectedLen: zero, Beta: beta,
	}, 0, &out)
	return math.Round((out.Loss[0]-math.Ln2)*1e9) / 1e9
}

// fakeMemo remembers cells and counts what is saved twice.
type fakeMemo struct {
	mu    sync.Mutex
	cells map[Key]Cell
	twice int
	fail  error
}

func (m *fakeMemo) Lookup(key Key) (Cell, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cell, ok := m.cells[key]
	return cell, ok
}

func (m *fakeMemo) Save(key Key, cell Cell) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if m.cells == nil {
		m.cells = map[Key]Cell{}
	}
	if _, ok := m.cells[key]; ok {
		m.twice++
	}
	m.cells[key] = cell
	return nil
}

var errBroken = errors.New("broken")

// untimed drops the one field that is not reproducible.
func untimed(cells []Cell) []Cell {
	out := slices.Clone(cells)
	for i := range out {
		out[i].Seconds = 0
	}
	return out
}
