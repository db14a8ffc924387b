package evaluator

import "github.com/objdisco/discover/evaluator/stats"

// Confirmation is the second look at one of several objectives that a search
// ranked highest: on seeds that the search never saw, corrected for how many
// were looked at, so that the luckiest is not crowned.
type Confirmation struct {
	Metrics  *Metrics `json:"metrics"`
	P        float64  `json:"p"`        // Metrics.P, adjusted by Holm over the family
	Verdict  Verdict  `json:"verdict"`  // Better only if P ≤ .025
	Compared int      `json:"compared"` // size of the family
}

// ConfirmEffort is the effort to confirm with: the tasks of the fitness and the
// held-out grammar, which no search is scored on, seeds that none gets to, and
// a fixed number of them, so that there is one look.
func ConfirmEffort() Effort {
	return Effort{
		Tasks:    append(DefaultTasks(), "support"),
		MinSeeds: 6, MaxSeeds: 6, FirstSeed: 1_000_000, NoScreen: true,
	}
}

// Confirm judges a family of objectives that were scored with a ConfirmEffort,
// in the order given. It is pure.
func Confirm(family []*Metrics) []Confirmation {
	p := make([]float64, len(family))
	for i, m := range family {
		p[i] = m.P
	}
	adjusted := stats.Holm(p)
	out := make([]Confirmation, len(family))
	for i, m := range family {
		out[i] = Confirmation{Metrics: m, P: adjusted[i], Verdict: m.Verdict, Compared: len(family)}
		if m.Verdict == Better && adjusted[i] > (1-level)/2 {
			out[i].Verdict = Undecided
		}
	}
	return out
}
