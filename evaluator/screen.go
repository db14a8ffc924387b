package evaluator

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// ScreenScore is what the screen saw of an objective that passed it: a sweep on
// the task `bandit`, whose cells take milliseconds, and a hunt for blow-ups on
// `bandit-stress`.
type ScreenScore struct {
	Share         float64 `json:"share"` // advantage on bandit as a share of dpo's gain, mean over seeds
	StressBlowUps int     `json:"stress_blow_ups"`
	Cells         []Cell  `json:"cells"` // bandit's, then bandit-stress's
}

const (
	screenTask  = "bandit"
	stressTask  = "bandit-stress"
	screenSeeds = 2
	// screenShare is the share of dpo's gain that an objective must lose on the
	// bandit to be dropped: all but the gain of objectives that teach nothing.
	screenShare = .9
	// rungShare is what it must lose on the first seed of the first task.
	rungShare = .3
)

// stressBetas are the betas that bandit-stress is trained with, times its
// scale.
var stressBetas = []float64{1, 2.5}

// Screen judges an objective by the first rung of the screen alone, the bandit, and
// returns why Evaluate would drop it there, or nil. Its arguments are those of Evaluate.
func (e *Evaluator) Screen(ctx context.Context, objective *graph.Graph, effort Effort, memo Memo, progress func(Event)) (*Failure, error) {
	v, err := e.begin(objective, effort, memo, progress)
	if err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	_, failure, err := v.bandit(ctx)
	if err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	return failure, nil
}

// screen drops the hopeless, first by the bandit, then by one seed of the first
// task, which is no waste: the race needs that seed next. Blow-ups under stress
// drop nothing, for some of the best known objectives blow up there, and so are not
// looked for in what is dropped.
func (v *evaluation) screen(ctx context.Context) (*ScreenScore, *Failure, error) {
	bandit, failure, err := v.bandit(ctx)
	if err != nil || failure != nil {
		return nil, failure, err
	}
	first, err := v.rung(ctx, v.effort.Tasks[0], 1)
	if err != nil {
		return nil, nil, err
	}
	if failure := hopeless(first, rungShare); failure != nil {
		return nil, failure, nil
	}
	stress, err := v.stress(ctx)
	if err != nil {
		return nil, nil, err
	}
	s := &ScreenScore{Share: mean(shares(bandit.Tasks)), Cells: slices.Concat(bandit.Cells, stress)}
	for _, c := range stress {
		if c.BlewUp {
			s.StressBlowUps++
		}
	}
	return s, nil, nil
}

// bandit is the first rung.
func (v *evaluation) bandit(ctx context.Context) (*Metrics, *Failure, error) {
	m, err := v.rung(ctx, screenTask, screenSeeds)
	if err != nil {
		return nil, nil, err
	}
	return m, hopeless(m, screenShare), nil
}

// rung trains on a few seeds of one task.
func (v *evaluation) rung(ctx context.Context, task string, seeds int) (*Metrics, error) {
	rows, err := v.trials(ctx, StageScreen, []string{task}, v.seeds(seeds))
	if err != nil {
		return nil, err
	}
	return score(v.effort.Budgets, rows)
}

// hopeless is the failure of an objective that loses more than the given share
// of dpo's gain on the one task of a rung, and nil for any other.
func hopeless(rung *Metrics, most float64) *Failure {
	task := rung.Tasks[0]
	share := mean(shares(rung.Tasks))
	if share >= -most {
		return nil
	}
	reason := fmt.Sprintf("on the task %s it loses %.0f %% of what dpo gains at equal KL: %s", task.Task, -100*share, diagnose(task))
	return &Failure{Stage: StageScreen, Reason: reason, Cells: rung.Cells}
}

// stress trains where the parameters of a steep loss stop being finite.
func (v *evaluation) stress(ctx context.Context) ([]Cell, error) {
	v.expect(screenSeeds * len(stressBetas))
	var jobs []job
	for _, seed := range v.seeds(screenSeeds) {
		instance, info, err := v.instance(ctx, stressTask, seed)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, sweepJobs(v.hash, stressTask, info, instance, seed, scaled(stressBetas, info.BetaScale))...)
	}
	return v.train(ctx, v.plan, jobs, v.memo, v.report(StageScreen, false))
}

// diagnose says what is wrong with an objective that loses most of dpo's gain,
// for a person or an LLM to act on.
func diagnose(task TaskScore) string {
	gains, least, most := false, math.Inf(1), 0.0
	for _, s := range task.Sweep {
		if s.Reward != nil && *s.Reward > task.Reference+task.Gain/10 {
			gains, least, most = true, min(least, *s.KL), max(most, *s.KL)
		}
	}
	byKL := func(a, b BudgetScore) int { return cmp.Compare(a.KL, b.KL) }
	narrow, wide := slices.MinFunc(task.Budgets, byKL), slices.MaxFunc(task.Budgets, byKL)
	first, last := task.Sweep[0].Beta, task.Sweep[len(task.Sweep)-1].Beta
	switch {
	case len(task.Robustness.BlewUp) > 0:
		return fmt.Sprintf("the policy's parameters stop being finite at beta %v; let the gradient saturate", task.Robustness.BlewUp)
	case !gains:
		return "at no beta does the reward rise above the reference's; the gradient must raise the chosen log-ratio relative to the rejected one"
	case least > wide.KL:
		return fmt.Sprintf("at every beta from %.3g to %.3g, and beyond, the policy moves further from the reference than dpo's at beta %.3g; let the gradient fade sooner as the margin grows", first, last, wide.Beta)
	case most < narrow.KL:
		return fmt.Sprintf("at every beta from %.3g to %.3g, and beyond, the policy stays nearer to the reference than dpo's at beta %.3g; let the gradient fade later as the margin grows", first, last, narrow.Beta)
	default:
		return "the reward it gains costs too much KL; the gradient should depend on the chosen log-ratio relative to the rejected one, and fade as the margin grows"
	}
}
