package export

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
)

// A fitness is in units of reward on one task and a share of dpo's gain on several,
// in every format that words it.
func TestFitnessHasItsUnit(t *testing.T) {
	one := archive.TaskScore{Task: "bandit", Verdict: "same"}
	for unit, tasks := range map[string][]archive.TaskScore{"of reward": {one}, "of dpo's gain": {one, one}} {
		o := known(t)[0]
		o.Candidate.Score.Tasks = tasks
		for _, format := range []string{"go", "torch", "jax", "md", "latex"} {
			files, err := formats[format]([]Objective{o})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(strings.ReplaceAll(string(files[0].data), "\n//", "\n")), " ")
			if !strings.Contains(strings.ReplaceAll(text, "$", ""), "+0.0100 "+unit) {
				t.Errorf("%s of %d tasks: no %q in\n%s", format, len(tasks), unit, files[0].data)
			}
		}
	}
}
