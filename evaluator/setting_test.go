package evaluator

import "testing"

// Metrics say what they were trained on: the tasks of the fitness, then those beside
// it, and the tier.
func TestMetricsCarryTheirSetting(t *testing.T) {
	effort := Effort{Tasks: []string{"reviews-flip"}, Beside: []string{"reviews"}, NoScreen: true}
	m, _, err := newEvaluator(t, &fakeSource{}, 2).Evaluate(t.Context(), skilled(.01), effort, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Setting; len(s.Tasks) != 2 || string(s.Tasks[0]) != `{"name":"reviews-flip"}` || string(s.Tasks[1]) != `{"name":"reviews"}` || s.Tier != "fake" {
		t.Errorf("setting %s, tier %q", s.Tasks, s.Tier)
	}
}

// What bandit-stress shows is reported whether the screen trained on it or the effort
// asks for it, and not otherwise.
func TestStressIsReported(t *testing.T) {
	for name, test := range map[string]struct {
		effort Effort
		betas  int
	}{
		"screen":            {Effort{}, 2},
		"asked for":         {Effort{NoScreen: true, Stress: true}, 2},
		"screen, and asked": {Effort{Stress: true}, 2},
		"none":              {Effort{NoScreen: true}, 0},
		"thorough":          {Effort{NoScreen: true, Stress: Effort{}.Thorough().Stress}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			m, failure, err := newEvaluator(t, &fakeSource{}, 2).Evaluate(t.Context(), skilled(.01), test.effort, nil, nil)
			if err != nil || failure != nil {
				t.Fatal(err, failure)
			}
			if len(m.Stress) != test.betas {
				t.Fatalf("%d betas under stress, want %d: %+v", len(m.Stress), test.betas, m.Stress)
			}
			for _, s := range m.Stress {
				if s.Seeds != screenSeeds || s.BlewUp != 0 || s.Reward == nil {
					t.Errorf("at beta %v: %+v", s.Beta, s)
				}
			}
		})
	}
}

func TestBlowUpsUnderStressAreCounted(t *testing.T) {
	cells := []Cell{{Beta: 5, BlewUp: true}, {Beta: 2, Reward: .5, KL: 1}, {Beta: 5, BlewUp: true}, {Beta: 2, BlewUp: true}}
	got := byBeta(cells)
	if len(got) != 2 || got[0].Beta != 2 || got[0].BlewUp != 1 || got[0].Seeds != 2 || *got[0].Reward != .5 || got[1].BlewUp != 2 || got[1].Reward != nil {
		t.Errorf("got %+v", got)
	}
}
