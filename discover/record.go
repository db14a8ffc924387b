package discover

import (
	"encoding/json"
	"fmt"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
)

// effort is what the configuration spends on one candidate.
func (c *Config) effort() evaluator.Effort {
	return evaluator.Effort{Tasks: c.Tasks, MinSeeds: min(2, c.Seeds), MaxSeeds: c.Seeds, NoScreen: !c.Screen}
}

func rejectionRecord(r *sandbox.Rejection) archive.Rejection {
	return archive.Rejection{Stage: r.Stage, Line: r.Line, Column: r.Column, Reason: r.Reason, Hint: r.Hint}
}

// ScoreRecord is the stored form of metrics. The cells are stored one by one as
// they finish.
func ScoreRecord(m *evaluator.Metrics) (*archive.Score, error) {
	s := &archive.Score{Fitness: m.Fitness, CI95: [2]float64(m.CI95), Verdict: string(m.Verdict), Seeds: len(m.PerSeed)}
	for _, t := range m.Tasks {
		s.Tasks = append(s.Tasks, archive.TaskScore{Task: t.Task, Advantage: t.Advantage, CI95: [2]float64(t.CI95), Verdict: string(t.Verdict)})
	}
	s.Stress = BlowUps(m.Stress)
	if m.Setting.Tier != "" {
		s.Setting = &archive.Setting{Tasks: m.Setting.Tasks, Tier: m.Setting.Tier}
	}
	detail, err := json.Marshal(m.Tasks)
	if err != nil {
		return nil, fmt.Errorf("encode metrics: %w", err)
	}
	s.Detail = detail
	return s, nil
}

// BlowUps is the stored form of what bandit-stress showed.
func BlowUps(sweep []evaluator.BetaScore) []archive.BlowUps {
	var counts []archive.BlowUps
	for _, s := range sweep {
		counts = append(counts, archive.BlowUps{Beta: s.Beta, BlewUp: s.BlewUp, Seeds: s.Seeds})
	}
	return counts
}
