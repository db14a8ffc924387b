package main

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/evaluator"
)

// A search of one task scores in units of reward, a confirmation on several in shares of
// dpo's gain: the table has both, and says that they are not the same.
func TestConfirmedUnits(t *testing.T) {
	task := evaluator.TaskScore{Task: "reviews"}
	for name, test := range map[string]struct {
		searched int
		tasks    []evaluator.TaskScore
		warned   bool
	}{
		"one task, then several":   {1, []evaluator.TaskScore{task, task}, true},
		"several tasks both times": {2, []evaluator.TaskScore{task, task}, false},
		"one task both times":      {1, []evaluator.TaskScore{task}, false},
		"the search did not say":   {0, []evaluator.TaskScore{task, task}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := confirmed{ID: "1", Name: "x", searched: test.searched}
			r.Metrics = &evaluator.Metrics{Tasks: test.tasks}
			if err := printConfirmed(&out, []confirmed{r}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(out.String(), "cannot be compared"); got != test.warned {
				t.Errorf("warned %v, want %v:\n%s", got, test.warned, &out)
			}
		})
	}
}
