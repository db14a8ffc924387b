package evaluator

import (
	"encoding/json"
	"fmt"
)

// Setting is what a result depends on besides the objective, betas and seeds. It
// is kept with every result, so that none is compared with one of other tasks.
type Setting struct {
	// Tasks are the definitions of the tasks of the fitness, then of those beside
	// it, with name, version and every parameter.
	Tasks []json.RawMessage `json:"tasks"`
	Tier  string            `json:"tier"` // of the arithmetic: avx512, avx2 or go
}

// ScreenTasks are the tasks that the screen trains on before those of an effort.
func ScreenTasks() []string { return []string{screenTask, stressTask} }

// Setting returns what an effort trains on.
func (e *Evaluator) Setting(effort Effort) (Setting, error) {
	effort = effort.withDefaults()
	var s Setting
	for _, tasks := range [][]string{effort.Tasks, effort.Beside} {
		for _, task := range tasks {
			info, err := e.Source.Describe(task)
			if err != nil {
				return s, fmt.Errorf("describe task %q: %w", task, err)
			}
			s.Tasks, s.Tier = append(s.Tasks, info.Definition), info.Tier
		}
	}
	return s, nil
}
