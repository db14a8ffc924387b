package evaluator

import (
	"fmt"
	"math"
	"slices"
)

// Effort says what is trained for one verdict. The zero value is the standard
// effort; it is data, so that a configuration can hold presets.
type Effort struct {
	Tasks     []string  `json:"tasks" yaml:"tasks"`           // nil: reviews and reviews-flip
	Beside    []string  `json:"beside" yaml:"beside"`         // tasks that are scored too, but are no part of the fitness
	Betas     []float64 `json:"betas" yaml:"betas"`           // nil: .01 .025 .05 .1 .25 .5 1
	Budgets   []float64 `json:"budgets" yaml:"budgets"`       // betas at which dpo spends the KL budgets; nil: .05 .1 .25
	MinSeeds  int       `json:"min_seeds" yaml:"min_seeds"`   // seeds of the first round; 0: 2, or MaxSeeds if that is less
	MaxSeeds  int       `json:"max_seeds" yaml:"max_seeds"`   // cap of the racing; 0: 4, or MinSeeds if that is more
	FirstSeed uint64    `json:"first_seed" yaml:"first_seed"` // seeds count up from here; `confirm` takes others than the search
	NoScreen  bool      `json:"no_screen" yaml:"no_screen"`   // go straight to the tasks
	Stress    bool      `json:"stress" yaml:"stress"`         // hunt for blow-ups on bandit-stress, with or without the screen
}

// DefaultTasks, DefaultBetas and DefaultBudgets are what an Effort's nil means.
func DefaultTasks() []string { return []string{"reviews", "reviews-flip"} }

// DefaultBetas is the sweep that an objective's frontier comes from.
func DefaultBetas() []float64 { return []float64{.01, .025, .05, .1, .25, .5, 1} }

// DefaultBudgets are the betas at which dpo spends the KL budgets.
func DefaultBudgets() []float64 { return []float64{.05, .1, .25} }

// withDefaults replaces the zero values by what they mean.
func (e Effort) withDefaults() Effort {
	if e.Tasks == nil {
		e.Tasks = DefaultTasks()
	}
	if e.Betas == nil {
		e.Betas = DefaultBetas()
	}
	if e.Budgets == nil {
		e.Budgets = DefaultBudgets()
	}
	switch {
	case e.MinSeeds == 0 && e.MaxSeeds == 0:
		e.MinSeeds, e.MaxSeeds = 2, 4
	case e.MinSeeds == 0:
		e.MinSeeds = min(2, e.MaxSeeds)
	case e.MaxSeeds == 0:
		e.MaxSeeds = max(4, e.MinSeeds)
	}
	return e
}

// Validate reports the first thing that makes an effort impossible, naming the
// field as its JSON and YAML key.
func (e Effort) Validate() error {
	e = e.withDefaults()
	switch {
	case len(e.Tasks) == 0:
		return fmt.Errorf("tasks: none given")
	case repeated(slices.Concat(e.Tasks, e.Beside)):
		return fmt.Errorf("tasks: %q names one twice", slices.Concat(e.Tasks, e.Beside))
	case e.MinSeeds < 1:
		return fmt.Errorf("min_seeds: %d, want at least 1", e.MinSeeds)
	case e.MaxSeeds < e.MinSeeds:
		return fmt.Errorf("max_seeds: %d is less than min_seeds %d", e.MaxSeeds, e.MinSeeds)
	}
	if err := validateBetas("betas", e.Betas); err != nil {
		return err
	}
	return validateBetas("budgets", e.Budgets)
}

func validateBetas(key string, betas []float64) error {
	if len(betas) == 0 {
		return fmt.Errorf("%s: none given", key)
	}
	for _, beta := range betas {
		if !(beta > 0) || math.IsInf(beta, 0) {
			return fmt.Errorf("%s: %g is not a positive number", key, beta)
		}
	}
	if repeated(betas) {
		return fmt.Errorf("%s: %v holds one twice", key, betas)
	}
	return nil
}

func repeated[T string | float64](list []T) bool {
	sorted := slices.Sorted(slices.Values(list))
	return len(slices.Compact(sorted)) < len(list)
}
