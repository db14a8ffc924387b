package evaluator

import (
	"encoding/json"
	"slices"
)

// The statuses of a Report.
const (
	StatusOK       = "ok"
	StatusRejected = "rejected" // by the checks, before anything was trained
	StatusFailed   = "failed"   // while it was scored
)

// Report is one entry of what `eval --json` prints. What an objective that was
// not scored has no number for is null.
type Report struct {
	Objective string      `json:"objective"`
	Status    string      `json:"status"`
	Stage     string      `json:"stage"`  // where it was rejected or failed
	Reason    string      `json:"reason"` // likewise
	Fitness   *float64    `json:"fitness"`
	CI95      *Interval   `json:"ci95"` // null for a single seed, too
	Verdict   *Verdict    `json:"verdict"`
	Tasks     []TaskScore `json:"tasks"`
	Cells     []Cell      `json:"cells"`
	Beside    []TaskScore `json:"beside"`      // tasks that are no part of the fitness
	Noise     *LabelNoise `json:"label_noise"` // null unless scored with and without inverted labels
	Stress    []BetaScore `json:"stress"`      // bandit-stress; null unless trained on
}

// Reports is the whole of what `eval --json` prints.
type Reports struct {
	Results []Report `json:"results"`
	Setting          // of all results
}

// Scored reports an objective's metrics under the name the user gave it.
func Scored(objective string, m *Metrics) Report {
	return Report{
		Objective: objective, Status: StatusOK,
		Fitness: &m.Fitness, CI95: &m.CI95, Verdict: &m.Verdict,
		Noise: LabelNoiseOf(slices.Concat(m.Tasks, m.Beside)), Stress: m.Stress, Tasks: m.Tasks, Beside: m.Beside, Cells: m.Cells,
	}
}

// Failed reports an objective that could not be scored.
func Failed(objective string, f *Failure) Report {
	return Report{Objective: objective, Status: StatusFailed, Stage: f.Stage, Reason: f.Reason, Cells: f.Cells}
}

// Rejected reports an objective that the checks turned down.
func Rejected(objective, stage, reason string) Report {
	return Report{Objective: objective, Status: StatusRejected, Stage: stage, Reason: reason}
}

// MarshalJSON writes empty lists, not null, where there is no task or cell.
func (r Report) MarshalJSON() ([]byte, error) {
	type plain Report
	if r.Tasks == nil {
		r.Tasks = []TaskScore{}
	}
	if r.Beside == nil {
		r.Beside = []TaskScore{}
	}
	if r.Cells == nil {
		r.Cells = []Cell{}
	}
	return json.Marshal(plain(r))
}
