package report

import (
	"slices"

	"github.com/objdisco/discover/archive"
)

// taskDetail is what the evaluator reported of one task, as archive.Score.Detail
// holds it. What an older or newer evaluator left out is zero.
type taskDetail struct {
	Task       string      `json:"task"`
	Advantage  float64     `json:"advantage"`
	CI95       *[2]float64 `json:"ci95"`
	Verdict    string      `json:"verdict"`
	Reference  float64     `json:"reference"` // reward of the reference
	Budgets    []budget    `json:"budgets"`
	Sweep      []betaPoint `json:"sweep"`
	Robustness robustness  `json:"robustness"`
}

// budget is the comparison at the KL that dpo spends at Beta.
type budget struct {
	Beta      float64     `json:"beta"`
	KL        float64     `json:"kl"`        // nats per token
	Reward    float64     `json:"reward"`    // dpo's
	Advantage float64     `json:"advantage"` // reward minus dpo's
	CI95      *[2]float64 `json:"ci95"`      // of the advantage; nil where an older evaluator kept none
}

// betaPoint is what an objective reached at one beta, mean over seeds; without
// reward and KL where every seed blew up.
type betaPoint struct {
	Beta   float64  `json:"beta"`
	Reward *float64 `json:"reward"`
	KL     *float64 `json:"kl"`
	BlewUp int      `json:"blew_up"`
	Seeds  int      `json:"seeds"`
}

type robustness struct {
	Works     *[2]float64 `json:"works"`
	BlewUp    []float64   `json:"blew_up"`
	Collapsed []float64   `json:"collapsed"`
}

// allDetails adds to the tasks of a candidate's score those of its confirmation
// that the search does not score, such as the held-out grammar.
func allDetails(c archive.Candidate) []taskDetail {
	tasks := details(c.Score)
	for _, t := range details(c.Confirmed) {
		if detailOf(tasks, t.Task) == nil {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// detailOf finds a task; nil if it is not there.
func detailOf(tasks []taskDetail, name string) *taskDetail {
	if i := slices.IndexFunc(tasks, func(t taskDetail) bool { return t.Task == name }); i >= 0 {
		return &tasks[i]
	}
	return nil
}
