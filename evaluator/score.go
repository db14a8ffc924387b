package evaluator

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/objdisco/discover/evaluator/stats"
)

// BudgetScore is the comparison at one KL budget, averaged over seeds.
type BudgetScore struct {
	Beta      float64  `json:"beta"`      // the budget is what dpo spends at this beta
	KL        float64  `json:"kl"`        // the budget, nats per token
	Reward    float64  `json:"reward"`    // dpo's within the budget
	Advantage float64  `json:"advantage"` // the objective's reward within the budget minus dpo's
	CI95      Interval `json:"ci95"`      // of the advantage
	Reached   bool     `json:"reached"`   // on every seed the betas tried spend less and more; if not, other betas may tell more
}

// TaskScore is the comparison with dpo on one task.
type TaskScore struct {
	Task       string        `json:"task"`
	Advantage  float64       `json:"advantage"` // mean over budgets and seeds
	CI95       Interval      `json:"ci95"`      // of the advantage
	Verdict    Verdict       `json:"verdict"`
	Reference  float64       `json:"reference"` // the reference's reward, mean over seeds
	Gain       float64       `json:"gain"`      // dpo's reward minus the reference's, mean over budgets and seeds
	PerSeed    []float64     `json:"per_seed"`  // the advantage of each seed
	Budgets    []BudgetScore `json:"budgets"`
	Sweep      []BetaScore   `json:"sweep"` // reward and KL at each beta
	Robustness Robustness    `json:"robustness"`
}

// Metrics is what an objective achieved. Equal graphs and efforts give equal
// metrics, except for Cell.Seconds.
type Metrics struct {
	Fitness float64      `json:"fitness"` // ranks; see the package comment
	CI95    Interval     `json:"ci95"`
	Verdict Verdict      `json:"verdict"`
	P       float64      `json:"p"`        // one-sided t-test of a fitness above 0; 1 with one seed
	PerSeed []float64    `json:"per_seed"` // the fitness of each seed that the race spent
	Tasks   []TaskScore  `json:"tasks"`    // in the effort's order
	Beside  []TaskScore  `json:"beside"`   // tasks that are no part of the fitness
	Cells   []Cell       `json:"cells"`    // by task and seed: the effort's betas, then those beyond them, then those on the budgets
	Screen  *ScreenScore `json:"screen"`   // null if there was none
	Stress  []BetaScore  `json:"stress"`   // bandit-stress at each of its betas; null if it was not trained on
	Setting Setting      `json:"setting"`
}

// trial is what an objective did on one task and seed, beside what dpo did.
type trial struct {
	baseline Baseline
	cells    []Cell // one for each beta of the effort, in its order
	extended []Cell // at betas beyond those, where a budget lies there
	refined  []Cell // at betas in between that spend the budgets
}

// all lists the cells in the order of Metrics.Cells.
func (t trial) all() []Cell { return slices.Concat(t.cells, t.extended, t.refined) }

// score compares an objective with dpo; it is pure, and the only place where a
// fitness is computed. There is a row of trials for each task, and in each a
// trial for each seed, the seeds of all rows alike.
func score(budgets []float64, rows [][]trial) (*Metrics, error) {
	m := &Metrics{}
	for _, row := range rows {
		task, err := scoreTask(budgets, row)
		if err != nil {
			return nil, err
		}
		m.Tasks = append(m.Tasks, task)
		for _, t := range row {
			m.Cells = append(m.Cells, t.all()...)
		}
	}
	unit := 1.0
	m.PerSeed = shares(m.Tasks)
	if len(m.Tasks) == 1 {
		unit, m.PerSeed = m.Tasks[0].Gain, m.Tasks[0].PerSeed
	}
	m.Fitness = mean(m.PerSeed)
	m.CI95 = intervalOf(m.PerSeed)
	m.Verdict = verdictOf(m.CI95, SameShare*unit)
	m.P = stats.PGreater(m.PerSeed)
	return m, nil
}

// Shares is the advantage of each seed as a share of dpo's gain.
func (t *TaskScore) Shares() []float64 {
	out := make([]float64, len(t.PerSeed))
	for i, advantage := range t.PerSeed {
		out[i] = advantage / t.Gain
	}
	return out
}

// shares is, for each seed, the mean over tasks of the advantage as a share of
// dpo's gain.
func shares(tasks []TaskScore) []float64 {
	out := make([]float64, len(tasks[0].PerSeed))
	for _, task := range tasks {
		for i, share := range task.Shares() {
			out[i] += share / float64(len(tasks))
		}
	}
	return out
}

// minGain is the reward that dpo must gain over the reference for a comparison
// with it to mean anything.
const minGain = 1e-6

func scoreTask(budgets []float64, row []trial) (TaskScore, error) {
	seeds := float64(len(row))
	s := TaskScore{Task: row[0].baseline.Task, Budgets: make([]BudgetScore, len(budgets))}
	perSeed := make([][]float64, len(budgets)) // the advantages at each budget
	for _, t := range row {
		readings, err := t.read(budgets)
		if err != nil {
			return s, err
		}
		advantage := 0.0
		for i, r := range readings {
			advantage += r.Advantage / float64(len(budgets))
			b := &s.Budgets[i]
			b.Beta = r.Beta
			b.KL += r.KL / seeds
			b.Reward += r.Reward / seeds
			b.Advantage += r.Advantage / seeds
			perSeed[i] = append(perSeed[i], r.Advantage)
			b.Reached = r.Reached && (b.Reached || len(s.PerSeed) == 0)
			s.Gain += (r.Reward - t.baseline.Reference) / float64(len(budgets)) / seeds
		}
		s.PerSeed = append(s.PerSeed, advantage)
		s.Reference += t.baseline.Reference / seeds
	}
	if s.Gain < minGain {
		return s, fmt.Errorf("task %q: dpo gains %g over the reference, too little to compare with", s.Task, s.Gain)
	}
	for i := range s.Budgets {
		s.Budgets[i].CI95 = intervalOf(perSeed[i])
	}
	s.Advantage = mean(s.PerSeed)
	s.CI95 = intervalOf(s.PerSeed)
	s.Verdict = verdictOf(s.CI95, SameShare*s.Gain)
	s.Sweep = sweep(row)
	s.Robustness = robustness(s.Sweep, s.Reference, s.Gain)
	return s, nil
}

// read compares the two frontiers of one seed at each budget.
func (t trial) read(budgets []float64) ([]BudgetScore, error) {
	own := frontier(t.all(), t.baseline.Reference)
	dpo := frontier(t.baseline.Cells, t.baseline.Reference)
	readings := make([]BudgetScore, len(budgets))
	for i, beta := range budgets {
		spent, err := t.baseline.cell(beta)
		if err != nil {
			return nil, err
		}
		reward := dpo.At(spent.KL)
		readings[i] = BudgetScore{
			Beta: spent.Beta, KL: spent.KL, Reward: reward,
			Advantage: own.At(spent.KL) - reward, Reached: own.Reaches(spent.KL),
		}
	}
	return readings, nil
}

// frontier joins the cells that did not blow up.
func frontier(cells []Cell, reference float64) stats.Frontier {
	var points []stats.Point
	for _, c := range cells {
		if !c.BlewUp {
			points = append(points, stats.Point{KL: c.KL, Reward: c.Reward})
		}
	}
	return stats.NewFrontier(points, reference)
}

func mean(samples []float64) float64 { return stat.Mean(samples, nil) }
