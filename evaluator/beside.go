package evaluator

import (
	"context"
	"slices"
)

// Thorough widens an effort to what shows where an objective stops working:
// betas up to 5, the hunt for blow-ups and, beside the fitness, the tasks with and
// without inverted labels, on unseen genres, with a spurious feature, for one
// user's taste and with pairs sampled on the way. It costs about five times as much.
func (e Effort) Thorough() Effort {
	e = e.withDefaults()
	e.Stress = true
	e.Betas = slices.Compact(slices.Sorted(slices.Values(slices.Concat(e.Betas, DefaultBetas(), []float64{2.5, 5}))))
	for _, task := range []string{noisyTask, cleanTask, "shift", "confounded", "personal", "online"} {
		if !slices.Contains(e.Tasks, task) && !slices.Contains(e.Beside, task) {
			e.Beside = append(e.Beside, task)
		}
	}
	return e
}

// beside scores the tasks that are reported beside the fitness, on the seeds
// that the race spent.
func (v *evaluation) beside(ctx context.Context, m *Metrics) error {
	if err := v.underStress(ctx, m); err != nil || len(v.effort.Beside) == 0 {
		return err
	}
	rows, err := v.trials(ctx, StageTrain, v.effort.Beside, v.seeds(len(m.PerSeed)))
	if err != nil {
		return err
	}
	other, err := score(v.effort.Budgets, rows)
	if err != nil {
		return err
	}
	m.Beside, m.Cells = other.Tasks, append(m.Cells, other.Cells...)
	return nil
}

// underStress reports how bandit-stress was stood, from the cells of the screen or,
// where the effort asks for it and there was no screen, from cells of its own.
func (v *evaluation) underStress(ctx context.Context, m *Metrics) error {
	var cells []Cell
	switch {
	case m.Screen != nil:
		cells = m.Screen.Cells
	case v.effort.Stress:
		var err error
		if cells, err = v.stress(ctx); err != nil {
			return err
		}
		m.Cells = append(m.Cells, cells...)
	}
	m.Stress = byBeta(slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return c.Task != stressTask }))
	return nil
}
