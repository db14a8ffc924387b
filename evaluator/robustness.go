package evaluator

import (
	"maps"
	"slices"
)

// BetaScore is what an objective reached on a task at one beta, over seeds.
type BetaScore struct {
	Beta   float64  `json:"beta"`
	Reward *float64 `json:"reward"` // mean over the seeds that did not blow up; nil if all did
	KL     *float64 `json:"kl"`     // likewise
	BlewUp int      `json:"blew_up"`
	Seeds  int      `json:"seeds"`
}

// Robustness says over which betas an objective can be used on a task. It is
// reported beside the fitness and is no part of it.
type Robustness struct {
	// Works holds the smallest and largest beta of the longest unbroken run of
	// betas at which no seed blew up and the mean reward exceeds the
	// reference's by at least half of dpo's gain. It is nil if there is none.
	Works     *[2]float64 `json:"works"`
	BlewUp    []float64   `json:"blew_up"`   // betas at which at least one seed blew up
	Collapsed []float64   `json:"collapsed"` // betas at which the mean reward is below the reference's
}

// sweep averages a row of trials over seeds, in ascending order of beta.
func sweep(row []trial) []BetaScore {
	var cells []Cell
	for _, t := range row {
		cells = append(cells, t.cells...)
	}
	return byBeta(cells)
}

// byBeta averages the cells of one task over seeds, in ascending order of beta.
func byBeta(cells []Cell) []BetaScore {
	groups := map[float64][]Cell{}
	for _, c := range cells {
		groups[c.Beta] = append(groups[c.Beta], c)
	}
	var scores []BetaScore
	for _, beta := range slices.Sorted(maps.Keys(groups)) {
		scores = append(scores, averageOf(beta, groups[beta]))
	}
	return scores
}

func averageOf(beta float64, cells []Cell) BetaScore {
	s := BetaScore{Beta: beta, Seeds: len(cells)}
	var rewards, kls []float64
	for _, c := range cells {
		if c.BlewUp {
			s.BlewUp++
			continue
		}
		rewards, kls = append(rewards, c.Reward), append(kls, c.KL)
	}
	if len(rewards) > 0 {
		s.Reward, s.KL = new(mean(rewards)), new(mean(kls))
	}
	return s
}

func robustness(sweep []BetaScore, reference, gain float64) Robustness {
	var r Robustness
	longest, run := 0, 0
	for i, s := range sweep {
		if s.BlewUp > 0 {
			r.BlewUp = append(r.BlewUp, s.Beta)
		}
		if s.Reward != nil && *s.Reward < reference {
			r.Collapsed = append(r.Collapsed, s.Beta)
		}
		if s.BlewUp > 0 || *s.Reward < reference+gain/2 {
			run = 0
			continue
		}
		run++
		if run > longest {
			longest = run
			r.Works = &[2]float64{sweep[i-run+1].Beta, s.Beta}
		}
	}
	return r
}
