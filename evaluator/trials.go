package evaluator

import (
	"context"
	"fmt"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// trials trains the objective on tasks × seeds, where it has not yet: a row for
// each task, in it a trial for each seed.
func (v *evaluation) trials(ctx context.Context, stage string, tasks []string, seeds []uint64) ([][]trial, error) {
	var missing []instanceKey
	for _, task := range tasks {
		for _, seed := range seeds {
			if _, done := v.trained[instanceKey{task, seed}]; !done {
				missing = append(missing, instanceKey{task, seed})
			}
		}
	}
	fresh, err := v.sweeps(ctx, stage, missing)
	if err != nil {
		return nil, err
	}
	for i, place := range missing {
		v.trained[place] = fresh[i]
	}
	rows := make([][]trial, len(tasks))
	for i, task := range tasks {
		for _, seed := range seeds {
			rows[i] = append(rows[i], v.trained[instanceKey{task, seed}])
		}
	}
	return rows, nil
}

// sweeps trains the objective at the effort's betas, everywhere at once, then
// beyond them where that is needed, and then at the betas that spend the budgets.
func (v *evaluation) sweeps(ctx context.Context, stage string, places []instanceKey) ([]trial, error) {
	betas := v.effort.Betas
	v.expect(len(places) * len(betas))
	trials := make([]trial, len(places))
	jobs := make([]job, len(places)*len(betas))
	err := each(len(places), func(i int) error {
		task, seed := places[i].task, places[i].seed
		instance, info, err := v.instance(ctx, task, seed)
		if err != nil {
			return err
		}
		copy(jobs[i*len(betas):], sweepJobs(v.hash, task, info, instance, seed, scaled(betas, info.BetaScale)))
		trials[i].baseline, err = v.baseline(ctx, task, seed, v.effort.Budgets, v.report(stage, true))
		return err
	})
	if err != nil {
		return nil, err
	}
	cells, err := v.train(ctx, v.plan, jobs, v.memo, v.report(stage, false))
	if err != nil {
		return nil, err
	}
	for i := range trials {
		trials[i].cells = cells[i*len(betas) : (i+1)*len(betas)]
	}
	if err := v.extend(ctx, stage, trials); err != nil {
		return nil, err
	}
	return trials, v.refine(ctx, stage, trials)
}

// more trains every trial at the betas that next wants for it, adds the cells by
// keep and returns how many there were.
func (v *evaluation) more(ctx context.Context, stage string, trials []trial, next func(*trial) ([]float64, error), keep func(*trial, Cell)) (int, error) {
	var jobs []job
	var owners []*trial
	for i := range trials {
		t := &trials[i]
		betas, err := next(t)
		if err != nil {
			return 0, err
		}
		instance, info, err := v.instance(ctx, t.baseline.Task, t.baseline.Seed)
		if err != nil {
			return 0, err
		}
		jobs = append(jobs, sweepJobs(v.hash, t.baseline.Task, info, instance, t.baseline.Seed, betas)...)
		owners = append(owners, slices.Repeat([]*trial{t}, len(betas))...)
	}
	v.expect(len(jobs))
	cells, err := v.train(ctx, v.plan, jobs, v.memo, v.report(stage, false))
	if err != nil {
		return 0, err
	}
	for i, cell := range cells {
		keep(owners[i], cell)
	}
	return len(cells), nil
}

// instance prepares a task for a seed on one of the workers, once.
func (e *Evaluator) instance(ctx context.Context, task string, seed uint64) (Instance, TaskInfo, error) {
	info, err := e.Source.Describe(task)
	if err != nil {
		return nil, info, err
	}
	if info.BetaScale == 0 {
		info.BetaScale = 1
	}
	instance, err := e.instances.get(ctx, instanceKey{task, seed}, func() (Instance, error) {
		if err := e.acquire(ctx); err != nil {
			return nil, err
		}
		defer e.release()
		instance, err := e.Source.Prepare(ctx, task, seed)
		if err != nil {
			return nil, fmt.Errorf("prepare task %q, seed %d: %w", task, seed, err)
		}
		return instance, nil
	})
	return instance, info, err
}

// baseline trains dpo on a task and seed, once for each set of budgets, or
// reads from the cache what another process trained.
func (e *Evaluator) baseline(ctx context.Context, task string, seed uint64, budgets []float64, finished func(Cell, bool)) (Baseline, error) {
	instance, info, err := e.instance(ctx, task, seed)
	if err != nil {
		return Baseline{}, err
	}
	objective := dpo()
	betas := scaled(baselineBetas(budgets), info.BetaScale)
	key := baselineKey(info.Identity, objective.Hash(), seed, betas)
	return e.baselines.get(ctx, key, func() (Baseline, error) {
		plan, err := graph.Compile(objective)
		if err != nil {
			return Baseline{}, fmt.Errorf("baseline: %w", err)
		}
		jobs := sweepJobs(objective.Hash(), task, info, instance, seed, betas)
		if stored, ok := e.storedBaseline(ctx, key, plan, jobs); ok {
			return stored, nil
		}
		cells, err := e.train(ctx, plan, jobs, nil, finished)
		if err != nil {
			return Baseline{}, fmt.Errorf("baseline: %w", err)
		}
		b := Baseline{Task: task, Seed: seed, BetaScale: info.BetaScale, Reference: instance.Reference().Reward, Cells: cells}
		e.Cache.storeBaseline(key, b)
		return b, nil
	})
}

// sweepJobs lists the cells of one objective, task and seed.
func sweepJobs(objective, task string, info TaskInfo, instance Instance, seed uint64, betas []float64) []job {
	jobs := make([]job, len(betas))
	for i, beta := range betas {
		jobs[i] = job{
			key:      Key{Objective: objective, Task: task, Identity: info.Identity, Beta: beta, Seed: seed},
			instance: instance,
		}
	}
	return jobs
}

func scaled(betas []float64, factor float64) []float64 {
	out := make([]float64, len(betas))
	for i, beta := range betas {
		out[i] = beta * factor
	}
	return out
}

// expect announces cells to be trained.
func (v *evaluation) expect(cells int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.planned += cells
}

// report returns what to call after each cell.
func (v *evaluation) report(stage string, baseline bool) func(Cell, bool) {
	hash := v.hash
	return func(cell Cell, stored bool) {
		v.mu.Lock()
		defer v.mu.Unlock()
		if !baseline {
			v.done++
		}
		if v.progress != nil {
			v.progress(Event{
				Objective: hash, Stage: stage, Baseline: baseline, Stored: stored,
				Cell: cell, Done: v.done, Planned: v.planned,
			})
		}
	}
}
