package evaluator

import "github.com/objdisco/discover/evaluator/stats"

// Confirmation is the second look at one of several objectives that a search
// ranked highest: on seeds that the search never saw, corrected for how many
// were looked at, so that the luckiest is not crowned.
type Confirmation struct {
	Metrics  *Metrics `json:"metrics"`
	P        float64  `json:"p"`        // Metrics.P, adjusted by Holm over the family
	Verdict  Verdict  `json:"verdict"`  // Better only if P ≤ .025 and the held-out task is not worse
	Compared int      `json:"compared"` // size of the family
}

const (
	// HeldOutTask is the grammar that no search is scored on.
	HeldOutTask = "support"

	confirmSeeds     = 6
	firstConfirmSeed = 1_000_000 // no search gets there
)

// ConfirmEffort is the effort to confirm with: the tasks of the fitness and the
// held-out grammar, seeds that no search gets to, and a fixed number of them, so
// that there is one look. earlier counts the run's confirmations before this one:
// a search that went on since then may have been steered by what they said, so each
// has seeds of its own.
func ConfirmEffort(earlier int) Effort {
	return Effort{
		Tasks:    append(DefaultTasks(), HeldOutTask),
		MinSeeds: confirmSeeds, MaxSeeds: confirmSeeds, NoScreen: true,
		FirstSeed: firstConfirmSeed + confirmSeeds*uint64(earlier),
	}
}

// Confirm judges a family of objectives that were scored with a ConfirmEffort,
// in the order given. It is pure. The interval is that of the mean over all tasks,
// in which a gain on the tasks of the search may outweigh a loss on the held-out one.
// Such an objective was fitted to those tasks, so it is not called better.
func Confirm(family []*Metrics) []Confirmation {
	p := make([]float64, len(family))
	for i, m := range family {
		p[i] = m.P
	}
	adjusted := stats.Holm(p)
	out := make([]Confirmation, len(family))
	for i, m := range family {
		out[i] = Confirmation{Metrics: m, P: adjusted[i], Verdict: m.Verdict, Compared: len(family)}
		lost := find(m.Tasks, HeldOutTask)
		if m.Verdict == Better && (adjusted[i] > (1-level)/2 || lost != nil && lost.Verdict == Worse) {
			out[i].Verdict = Undecided
		}
	}
	return out
}
