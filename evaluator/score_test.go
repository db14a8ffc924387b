package evaluator

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// line puts cells on reward = .5 + .3·√KL + skill.
func line(skill float64, kls ...float64) []Cell {
	cells := make([]Cell, len(kls))
	for i, kl := range kls {
		cells[i] = Cell{Task: "reviews", Beta: 1 / (20 * kl), KL: kl, Reward: .5 + .3*math.Sqrt(kl) + skill}
	}
	return cells
}

// straight is a baseline on the same line, whose budgets are KL 1, .5 and .2.
func straight() Baseline {
	return Baseline{Task: "reviews", BetaScale: 1, Reference: .5, Cells: line(0, 4, 2, 1, .5, .25, .2, .1)}
}

func TestScoreOneSeed(t *testing.T) {
	at := func(kl float64) float64 { return .3 * math.Sqrt(kl) }
	gain := (at(1) + at(.5) + at(.2)) / 3
	blown := line(0, 2, 1, .5, .25, .1)
	blown[1].BlewUp, blown[1].Reward, blown[1].KL = true, 0, 0
	tests := []struct {
		name  string
		cells []Cell
		want  float64
	}{
		{"dpo's own cells", line(0, 1, .5, .2), 0},
		{"dpo at other betas", line(0, 3, 1.5, .7, .3, .15), 0},
		{"a little more at any KL", line(.01, 3, 1.5, .7, .3, .15), .01},
		{"a little less", line(-.01, 3, 1.5, .7, .3, .15), -.01},
		{"a cell that blew up is left out", blown, 0},
		{"never below any budget", line(0, 9, 8), -gain},
		{"never below the reference", line(-1, 1, .5, .2), -gain},
		{"below one budget only", line(0, 3, 1, .9), -(at(.5) + at(.2)) / 3},
		{"not reaching the budgets", line(0, .1), at(.1) - gain},
		{"dominated cells are left out", append(line(0, 1, .5, .2), line(-.1, .9, .4)...), 0},
		{"none left", nil, -gain},
	}
	for _, test := range tests {
		m, err := score(DefaultBudgets(), [][]trial{{{baseline: straight(), cells: test.cells}}})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.Fitness-test.want) > 1e-9 {
			t.Errorf("%s: fitness %v, want %v", test.name, m.Fitness, test.want)
		}
		if m.Verdict != Undecided || !math.IsInf(m.CI95[1], 1) {
			t.Errorf("%s: one seed gave %v %v", test.name, m.Verdict, m.CI95)
		}
		if got := m.Tasks[0].Gain; math.Abs(got-gain) > 1e-9 {
			t.Errorf("%s: gain %v, want %v", test.name, got, gain)
		}
	}
}

func TestScoreManySeedsAndTasks(t *testing.T) {
	row := func(task string, skills ...float64) []trial {
		var trials []trial
		for _, skill := range skills {
			b := straight()
			b.Task = task
			trials = append(trials, trial{baseline: b, cells: line(skill, 1, .5, .2)})
		}
		return trials
	}
	gain := .3 * (1 + math.Sqrt(.5) + math.Sqrt(.2)) / 3
	m, err := score(DefaultBudgets(), [][]trial{row("reviews", .01, .02), row("reviews-flip", .03, .06)})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{.02 / gain, .04 / gain}; !closeTo(m.PerSeed, want) {
		t.Errorf("per seed %v, want %v", m.PerSeed, want)
	}
	if want := .03 / gain; math.Abs(m.Fitness-want) > 1e-9 {
		t.Errorf("fitness %v, want %v", m.Fitness, want)
	}
	// Student's factor for two seeds is 12.7062, the standard error .01.
	if want := (.03 - .127062) / gain; math.Abs(m.CI95[0]-want) > 1e-5 || m.Verdict != Undecided {
		t.Errorf("interval from %v, want %v; %s", m.CI95[0], want, m.Verdict)
	}
	if got := m.Tasks[1]; got.Task != "reviews-flip" || math.Abs(got.Advantage-.045) > 1e-9 || !closeTo(got.PerSeed, []float64{.03, .06}) {
		t.Errorf("second task: %+v", got)
	}
	if b := m.Tasks[0].Budgets[1]; b.Beta != .1 || b.KL != .5 || math.Abs(b.Advantage-.015) > 1e-9 {
		t.Errorf("second budget: %+v", b)
	}
	// The advantages of the two seeds there are .01 and .02.
	if ci := m.Tasks[0].Budgets[1].CI95; math.Abs(ci[0]-(.015-.0635310)) > 1e-5 || math.Abs(ci[1]-(.015+.0635310)) > 1e-5 {
		t.Errorf("interval at the second budget: %v, want .015 ± .0635", ci)
	}
	if len(m.Cells) != 12 {
		t.Errorf("%d cells, want 12", len(m.Cells))
	}
}

func closeTo(got, want []float64) bool {
	for i := range want {
		if len(got) != len(want) || math.Abs(got[i]-want[i]) > 1e-9 {
			return false
		}
	}
	return true
}

func TestScoreNeedsABaseline(t *testing.T) {
	blown, idle, other := straight(), straight(), straight()
	blown.Cells[3].BlewUp = true
	idle.Reference = .9
	other.Cells = other.Cells[:3]
	tests := []struct {
		baseline Baseline
		want     string
	}{
		{blown, "dpo blew up at beta 0.1"},
		{idle, "too little to compare with"},
		{other, "no baseline at beta 0.1"},
	}
	for _, test := range tests {
		_, err := score(DefaultBudgets(), [][]trial{{{baseline: test.baseline, cells: line(0, 1)}}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}

func TestOnBudgets(t *testing.T) {
	blown := line(0, 2, .75, .25, .1)
	blown[1].BlewUp = true
	tests := []struct {
		name  string
		cells []Cell
		want  []float64 // what each beta spends, by KL = 1/(20β)
	}{
		{"on the budgets", line(0, 1, .5, .2), nil},
		{"nearly on one", line(0, 2, 1.001, .5, .2, .1), nil},
		{"all bracketed", line(0, 2, .75, .3, .1), []float64{1, .5, .2}},
		{"in no order", line(0, .3, 2, .1, .75), []float64{1, .5, .2}},
		{"not reached", line(0, .3, .25), nil},
		{"some reached", line(0, .3, .1), []float64{.2}},
		{"blown up", blown, []float64{1, .5, .2}},
		{"none", nil, nil},
	}
	for _, test := range tests {
		betas, err := (&trial{baseline: straight(), cells: test.cells}).onBudgets(DefaultBudgets())
		if err != nil {
			t.Fatal(err)
		}
		if len(betas) != len(test.want) {
			t.Errorf("%s: betas %v, want %d", test.name, betas, len(test.want))
			continue
		}
		for i, beta := range betas {
			// The fake spends 1/(20β), which is no power of √KL: met roughly.
			if kl := 1 / (20 * beta); math.Abs(kl/test.want[i]-1) > .35 {
				t.Errorf("%s: beta %v spends %v, want %v", test.name, beta, kl, test.want[i])
			}
		}
	}
}

// log β is interpolated in √KL: halfway between roots lies the geometric mean.
func TestBetaSpending(t *testing.T) {
	cells := []Cell{{Beta: .4, KL: .04}, {Beta: .1, KL: .16}}
	if beta, ok := betaSpending(cells, .09); !ok || math.Abs(beta-.2) > 1e-12 {
		t.Errorf("beta %v, %v; want .2", beta, ok)
	}
	for _, kl := range []float64{.01, .04, .0400001, .1599999, .16, .3} {
		if beta, ok := betaSpending(cells, kl); ok {
			t.Errorf("KL %v wants beta %v", kl, beta)
		}
	}
}

// A refined cell counts like any other, and is not part of the sweep.
func TestRefinedCellsCount(t *testing.T) {
	row := []trial{{baseline: straight(), cells: line(0, 2, .1), refined: line(.01, 1, .5, .2)}}
	m, err := score(DefaultBudgets(), [][]trial{row})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(m.Fitness-.01) > 1e-9 || len(m.Cells) != 5 || len(m.Tasks[0].Sweep) != 2 {
		t.Errorf("fitness %v, %d cells, sweep %v", m.Fitness, len(m.Cells), m.Tasks[0].Sweep)
	}
}

func TestRobustness(t *testing.T) {
	cells := func(rewards ...float64) []Cell {
		var out []Cell
		for i, r := range rewards {
			out = append(out, Cell{Beta: float64(i + 1), Reward: r, KL: 1, BlewUp: r == 0})
		}
		return out
	}
	row := []trial{
		{baseline: straight(), cells: cells(.4, .7, .8, 0, .9, 0)},
		{baseline: straight(), cells: cells(.4, .9, .8, .8, .9, 0)},
	}
	s := sweep(row)
	if *s[1].Reward != .8 || s[3].BlewUp != 1 || *s[3].Reward != .8 || s[5].Reward != nil {
		t.Errorf("sweep %+v", s)
	}
	want := Robustness{Works: &[2]float64{2, 3}, BlewUp: []float64{4, 6}, Collapsed: []float64{1}}
	if diff := cmp.Diff(want, robustness(s, .5, .3)); diff != "" {
		t.Error(diff)
	}
	if got := robustness(s[:1], .5, .3); got.Works != nil {
		t.Errorf("one collapsed beta works over %v", *got.Works)
	}
}

func TestDiagnose(t *testing.T) {
	blown := line(0, 1, .5)
	for i := range blown {
		blown[i].BlewUp = true
	}
	tests := []struct {
		name  string
		cells []Cell
		want  string
	}{
		{"blown up", blown, "stop being finite at beta [0.05 0.1]"},
		{"below the reference", line(-1, 1, .5), "at no beta does the reward rise"},
		{"always too far", line(0, 4, 3), "at every beta from 0.0125 to 0.0167, and beyond, the policy moves further from the reference than dpo's at beta 0.05"},
		{"never far enough", line(0, .15, .1), "at every beta from 0.333 to 0.5, and beyond, the policy stays nearer to the reference than dpo's at beta 0.25"},
		{"dear", line(-.15, .9, .4), "costs too much KL"},
	}
	for _, test := range tests {
		m, err := score(DefaultBudgets(), [][]trial{{{baseline: straight(), cells: test.cells}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := diagnose(m.Tasks[0]); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
