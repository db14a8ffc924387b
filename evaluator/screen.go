package evaluator

import (
	"context"
	"fmt"
	"math"
)

// ScreenScore is what the screen saw: a sweep on the task `bandit`, whose cells
// take milliseconds, and a hunt for blow-ups on `bandit-stress`.
type ScreenScore struct {
	Share         float64 `json:"share"` // advantage on bandit as a share of dpo's gain, mean over seeds
	StressBlowUps int     `json:"stress_blow_ups"`
	Cells         []Cell  `json:"cells"` // bandit's, then bandit-stress's
}

const (
	screenTask  = "bandit"
	stressTask  = "bandit-stress"
	screenSeeds = 2
	// screenShare is the share of dpo's gain on bandit that an objective must
	// lose to be dropped.
	screenShare = .5
)

// stressBetas are the betas that bandit-stress is trained with, times its
// scale.
var stressBetas = []float64{1, 2.5}

// screen returns what it saw and, if the objective is hopeless, why.
func (v *evaluation) screen(ctx context.Context) (s *ScreenScore, reason string, err error) {
	seeds := v.seeds(0, screenSeeds)
	rows, err := v.trials(ctx, StageScreen, []string{screenTask}, seeds)
	if err != nil {
		return nil, "", err
	}
	metrics, err := score(v.effort.Budgets, rows)
	if err != nil {
		return nil, "", err
	}
	stress, err := v.stress(ctx, seeds)
	if err != nil {
		return nil, "", err
	}
	s = newScreenScore(metrics, stress)
	return s, s.hopeless(metrics.Tasks[0]), nil
}

// stress trains where the parameters of a steep loss stop being finite.
func (v *evaluation) stress(ctx context.Context, seeds []uint64) ([]Cell, error) {
	v.expect(len(seeds) * len(stressBetas))
	var jobs []job
	for _, seed := range seeds {
		instance, info, err := v.instance(ctx, stressTask, seed)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, sweepJobs(v.hash, stressTask, info, instance, seed, scaled(stressBetas, info.BetaScale))...)
	}
	return v.train(ctx, v.plan, jobs, v.memo, v.report(StageScreen, false))
}

func newScreenScore(bandit *Metrics, stress []Cell) *ScreenScore {
	s := &ScreenScore{Share: mean(shares(bandit.Tasks)), Cells: append(bandit.Cells, stress...)}
	for _, c := range stress {
		if c.BlewUp {
			s.StressBlowUps++
		}
	}
	return s
}

// hopeless says why an objective is not worth training further, or nothing.
// Blow-ups under stress alone do not make it so: some of the best known
// objectives blow up there.
func (s *ScreenScore) hopeless(bandit TaskScore) string {
	if s.Share > -screenShare {
		return ""
	}
	return fmt.Sprintf("on the task bandit it loses %.0f %% of what dpo gains at equal KL: %s", -100*s.Share, diagnose(bandit))
}

// diagnose says what is wrong with an objective that loses most of dpo's gain,
// for a person or an LLM to act on.
func diagnose(task TaskScore) string {
	gains, least := false, math.Inf(1)
	for _, s := range task.Sweep {
		if s.Reward != nil && *s.Reward > task.Reference+task.Gain/10 {
			gains, least = true, min(least, *s.KL)
		}
	}
	widest := task.Budgets[0]
	for _, b := range task.Budgets {
		if b.KL > widest.KL {
			widest = b
		}
	}
	switch {
	case len(task.Robustness.BlewUp) == len(task.Sweep):
		return "the policy's parameters stop being finite at every beta; let the gradient saturate"
	case !gains:
		return "at no beta does the reward rise above the reference's; the gradient must raise the chosen log-ratio relative to the rejected one"
	case least > widest.KL:
		return fmt.Sprintf("at every beta from %.3g to %.3g the policy moves further from the reference than dpo's at beta %.3g; let the gradient fade sooner as the margin grows, or multiply beta", task.Sweep[0].Beta, task.Sweep[len(task.Sweep)-1].Beta, widest.Beta)
	default:
		return "the reward it gains costs too much KL; the gradient should depend on the chosen log-ratio relative to the rejected one, and fade as the margin grows"
	}
}
