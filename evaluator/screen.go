package evaluator

import (
	"context"
	"fmt"
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

func (v *evaluation) screen(ctx context.Context) (*ScreenScore, error) {
	seeds := v.seeds(0, screenSeeds)
	rows, err := v.trials(ctx, StageScreen, []string{screenTask}, seeds)
	if err != nil {
		return nil, err
	}
	metrics, err := score(v.effort.Budgets, rows)
	if err != nil {
		return nil, err
	}
	stress, err := v.stress(ctx, seeds)
	if err != nil {
		return nil, err
	}
	return newScreenScore(metrics, stress), nil
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
func (s *ScreenScore) hopeless() string {
	if s.Share > -screenShare {
		return ""
	}
	return fmt.Sprintf("on the task bandit it loses %.0f %% of what dpo gains at equal KL: it must raise the chosen log-ratio relative to the rejected one, by a gradient that fades as the margin grows", -100*s.Share)
}
