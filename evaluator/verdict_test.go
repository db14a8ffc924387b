package evaluator

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

func TestVerdictOf(t *testing.T) {
	tests := []struct {
		lo, hi float64
		want   Verdict
	}{
		{.01, .02, Better},
		{-.02, -.01, Worse},
		{-.01, .02, Undecided},
		{-.0005, .0005, Same},
		{.0001, .0005, Same}, // real, and too small to matter
		{-.001, .001, Same},
		{-.0005, .002, Undecided},
		{.0005, .002, Better},
		{0, 0, Same},
		{math.Inf(-1), math.Inf(1), Undecided},
	}
	for _, test := range tests {
		if got := verdictOf(Interval{test.lo, test.hi}, .001); got != test.want {
			t.Errorf("[%v %v]: %s, want %s", test.lo, test.hi, got, test.want)
		}
	}
}

func TestIntervalFromSixSeedsHoldsTheBootstrap(t *testing.T) {
	// One outlier: the percentile bootstrap reaches further up than Student.
	samples := []float64{0, 0, 0, 0, 0, 0, 0, 1}
	ci := intervalOf(samples)
	// mean .125, standard error .125, Student's factor 2.3646
	if lo, hi := .125-.29558, .375; math.Abs(ci[0]-lo) > 1e-4 || ci[1] < hi {
		t.Errorf("got %v, want from %v to at least %v", ci, lo, hi)
	}
}

func TestIntervalJSON(t *testing.T) {
	for _, test := range []struct {
		interval Interval
		want     string
	}{
		{Interval{-.5, .25}, "[-0.5,0.25]"},
		{Interval{math.Inf(-1), math.Inf(1)}, "null"},
	} {
		data, err := json.Marshal(test.interval)
		if err != nil || string(data) != test.want {
			t.Errorf("%v: %s, %v; want %s", test.interval, data, err, test.want)
		}
		var back Interval
		if err := json.Unmarshal(data, &back); err != nil || back != test.interval {
			t.Errorf("%s reads back as %v, %v", data, back, err)
		}
	}
}

func TestNeedsSeed(t *testing.T) {
	effort := Effort{MinSeeds: 2, MaxSeeds: 4}
	tests := []struct {
		name   string
		shares []float64
		want   bool
	}{
		{"nothing yet", nil, true},
		{"fewer than the first round", []float64{.01}, true},
		{"open", []float64{.01, -.005}, true},
		{"leading, however clearly", []float64{.0100, .0101, .0102}, true},
		{"at the cap", []float64{.01, -.01, .01, -.01}, false},
		{"exactly dpo", []float64{0, 0}, false},
		{"nearly dpo", []float64{.0001, .00005}, false},
		{"within the tolerance, not surely", []float64{.0005, -.0005}, true},
		{"far below, one degree of freedom", []float64{-.100, -.110}, true},
		{"far below, surely", []float64{-.100, -.105, -.110}, false},
		{"far below on average", []float64{-.2, .05}, true},
		{"slightly below, one degree of freedom", []float64{-.010, -.011}, true},
		{"slightly below, surely", []float64{-.0100, -.0101, -.0102}, false},
		{"slightly below, at 99 % only", []float64{-.010, -.014, -.012}, true},
	}
	for _, test := range tests {
		if got := NeedsSeed(test.shares, effort); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// race plays a race with given samples and returns its verdict.
func race(sample func() float64, effort Effort) Verdict {
	var shares []float64
	for NeedsSeed(shares, effort) {
		shares = append(shares, sample())
	}
	return verdictOf(intervalOf(shares), SameShare)
}

// Copies of dpo differ from dpo by noise alone. One-sided, a 95 % interval is
// wrong in 2.5 % of cases.
func TestErrorRateOfRacing(t *testing.T) {
	for _, c := range []struct {
		effort Effort
		spread float64
		copies float64
	}{
		{Effort{MaxSeeds: 2}, .001, 1000}, {Effort{MaxSeeds: 2}, .1, 1000},
		{Effort{MaxSeeds: 4}, .001, 1000}, {Effort{MaxSeeds: 4}, .1, 1000},
		{Effort{MinSeeds: 6, MaxSeeds: 6}, .03, 1000},
		{Effort{MaxSeeds: 10}, .1, 300}, // each look costs a bootstrap
	} {
		random := rand.New(rand.NewPCG(1, 2))
		count := map[Verdict]float64{}
		for range int(c.copies) {
			count[race(func() float64 { return c.spread * random.NormFloat64() }, c.effort)]++
		}
		bound := .025 + 3*math.Sqrt(.025*.975/c.copies)
		if rate := count[Better] / c.copies; rate > bound {
			t.Errorf("%+v, spread %v: %.3f of copies of dpo are called better", c.effort, c.spread, rate)
		}
		if rate := count[Worse] / c.copies; rate > bound+.01 { // for the looks before the last
			t.Errorf("%+v, spread %v: %.3f of copies of dpo are called worse", c.effort, c.spread, rate)
		}
	}
}

// The same through the frontiers: ten searches of 200 copies of dpo, whose
// every cell carries noise in reward and KL, and so nothing to find.
func TestErrorRateOfCopiesOfDPO(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	noisy := func(kls ...float64) []Cell {
		cells := line(0, kls...)
		for i := range cells {
			cells[i].KL *= math.Exp(.02 * random.NormFloat64())
			cells[i].Reward += .003 * random.NormFloat64()
		}
		return cells
	}
	const copies = 10 * 200
	better := 0.0
	for range copies {
		rows := make([][]trial, 2)
		for effort := (Effort{}); ; {
			for i := range rows {
				b := straight()
				b.Cells = noisy(4, 2, 1, .5, .25, .2, .1)
				rows[i] = append(rows[i], trial{baseline: b, cells: noisy(5, 2, 1, .5, .2, .1, .05)})
			}
			m, err := score(DefaultBudgets(), rows)
			if err != nil {
				t.Fatal(err)
			}
			if NeedsSeed(shares(m.Tasks), effort) {
				continue
			}
			if m.Verdict == Better {
				better++
			}
			break
		}
	}
	if bound := .025 + 3*math.Sqrt(.025*.975/copies); better/copies > bound {
		t.Errorf("%.4f of copies of dpo are called better", better/copies)
	}
}

// An objective that is better by two standard deviations must be found.
func TestPowerOfRacing(t *testing.T) {
	const copies = 1000
	random := rand.New(rand.NewPCG(5, 6))
	better := 0
	for range copies {
		if race(func() float64 { return .01 + .005*random.NormFloat64() }, Effort{MaxSeeds: 6}) == Better {
			better++
		}
	}
	if better < copies*9/10 {
		t.Errorf("found in %d of %d races", better, copies)
	}
}

func TestConfirm(t *testing.T) {
	metrics := func(verdict Verdict, p float64) *Metrics { return &Metrics{Verdict: verdict, P: p} }
	family := []*Metrics{metrics(Better, .001), metrics(Better, .02), metrics(Undecided, .2), metrics(Worse, .99)}
	want := []struct {
		verdict Verdict
		p       float64
	}{{Better, .004}, {Undecided, .06}, {Undecided, .4}, {Worse, .99}}
	for i, got := range Confirm(family) {
		if got.Verdict != want[i].verdict || math.Abs(got.P-want[i].p) > 1e-12 || got.Compared != 4 {
			t.Errorf("%d: %s with p = %v of %d, want %s with %v of 4", i, got.Verdict, got.P, got.Compared, want[i].verdict, want[i].p)
		}
	}
}

// A gain on the tasks of the search does not make up for a loss on the held-out one.
func TestConfirmHeedsTheHeldOutTask(t *testing.T) {
	on := func(p float64, held Verdict) *Metrics {
		return &Metrics{Verdict: Better, P: p, Tasks: []TaskScore{{Task: "reviews", Verdict: Better}, {Task: HeldOutTask, Verdict: held}}}
	}
	for held, want := range map[Verdict]Verdict{Better: Better, Same: Better, Undecided: Better, Worse: Undecided} {
		if got := Confirm([]*Metrics{on(.001, held)})[0]; got.Verdict != want {
			t.Errorf("%s on the held-out task: %s, want %s", held, got.Verdict, want)
		}
	}
	worse := on(1, Worse)
	worse.Verdict = Worse
	if got := Confirm([]*Metrics{worse})[0]; got.Verdict != Worse {
		t.Errorf("worse everywhere: %s", got.Verdict)
	}
}

// No two confirmations of a run share a seed, and none has one that a search gets to.
func TestConfirmationsHaveSeedsOfTheirOwn(t *testing.T) {
	seen := map[uint64]int{}
	for earlier := range 4 {
		e := ConfirmEffort(earlier)
		if err := e.Validate(); err != nil || e.MinSeeds != e.MaxSeeds || e.Tasks[len(e.Tasks)-1] != HeldOutTask {
			t.Fatalf("%+v: %v", e, err)
		}
		for _, seed := range (&evaluation{effort: e}).seeds(e.MaxSeeds) {
			if first, taken := seen[seed]; taken || seed < firstConfirmSeed {
				t.Errorf("confirmation %d has seed %d, that of confirmation %d", earlier, seed, first)
			}
			seen[seed] = earlier
		}
	}
}
