package evaluator

import "slices"

// noisyTask has inverted labels. cleanTask is the same without them; the main
// task, which besides is longer, stands in for it where that was not trained.
const (
	noisyTask = "reviews-flip"
	cleanTask = "reviews-short"
	mainTask  = "reviews"
)

// LabelNoise says how an objective stands labels that are inverted at random,
// compared with dpo: the advantage with them minus that without, each as a share
// of dpo's gain on the task. Above 0 it suffers less than dpo.
type LabelNoise struct {
	Clean      string   `json:"clean"` // the task without inverted labels
	Noisy      string   `json:"noisy"` // the task with 30 % of them inverted
	Difference float64  `json:"difference"`
	CI95       Interval `json:"ci95"` // over paired seeds
}

// LabelNoiseOf compares the scores of tasks; nil if they do not hold both sides.
func LabelNoiseOf(tasks []TaskScore) *LabelNoise {
	noisy := find(tasks, noisyTask)
	clean := find(tasks, cleanTask)
	if clean == nil {
		clean = find(tasks, mainTask)
	}
	if noisy == nil || clean == nil || len(noisy.PerSeed) != len(clean.PerSeed) {
		return nil
	}
	differences := noisy.Shares()
	for i, share := range clean.Shares() {
		differences[i] -= share
	}
	return &LabelNoise{Clean: clean.Task, Noisy: noisy.Task, Difference: mean(differences), CI95: intervalOf(differences)}
}

func find(tasks []TaskScore, name string) *TaskScore {
	i := slices.IndexFunc(tasks, func(t TaskScore) bool { return t.Task == name })
	if i < 0 {
		return nil
	}
	return &tasks[i]
}
