package discover

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/objdisco/discover/archive"
)

// arms is a simulated search: a proposal of a model has a fitness from that
// model's distribution and a price.
type arms map[string]struct {
	mean, weight float64
	nanoUSD      int64
	free         bool // the price is known to be 0
}

// drawn runs the search and returns the share of the last half of the calls that
// each model got.
func (a arms) drawn(seed uint64, names []string, n int) map[string]float64 {
	const lag = 4
	rng := rand.New(rand.NewPCG(seed, 1))
	ranked := []remembered{}
	var earnings []earning
	shares := map[string]float64{}
	for i := range n {
		odds := oddsOf(between(earnings, i-lag-creditWindow, i-lag)).Models
		name := a.pull(rng, names, odds)
		if i >= n/2 {
			shares[name] += 1 / float64(n-n/2)
		}
		fitness := a[name].mean + rng.NormFloat64()
		earnings = append(earnings, earning{id: i, model: name, operator: "new", earned: earned(ranked, fitness), calls: 1, nanoUSD: a[name].nanoUSD, priced: a[name].nanoUSD > 0 || a[name].free})
		ranked = insert(ranked, remembered{id: i, fitness: fitness})
	}
	return shares
}

func (a arms) pull(rng *rand.Rand, names []string, odds map[string]float64) string {
	total := 0.0
	weight := func(name string) float64 {
		if f, ok := odds[name]; ok {
			return a[name].weight * f
		}
		return a[name].weight
	}
	for _, name := range names {
		total += weight(name)
	}
	at := rng.Float64() * total
	for _, name := range names {
		if at -= weight(name); at < 0 {
			return name
		}
	}
	return names[len(names)-1]
}

// The bandit gives most calls to a model that is much better, or as good and much
// cheaper, and stays near the weights where there is nothing to learn.
func TestOddsFindTheBetterModel(t *testing.T) {
	names := []string{"a", "b"}
	for _, test := range []struct {
		name     string
		arms     arms
		mean     float64 // share of a, over many searches
		within   float64
		extremes [2]float64 // of one search
	}{
		{"much better", arms{"a": {mean: 1.5, weight: 1}, "b": {weight: 1}}, .79, .07, [2]float64{.6, 1}},
		{"much better, but a tenth of the weight", arms{"a": {mean: 1.5, weight: 1}, "b": {weight: 10}}, .37, .1, [2]float64{.15, 1}},
		{"equal", arms{"a": {weight: 1}, "b": {weight: 1}}, .5, .06, [2]float64{.2, .8}},
		{"equal, with weights", arms{"a": {weight: 3}, "b": {weight: 1}}, .75, .06, [2]float64{.45, .95}},
		{"equal, a tenth of the price", arms{"a": {weight: 1, nanoUSD: 10}, "b": {weight: 1, nanoUSD: 100}}, .85, .08, [2]float64{.5, 1}},
		{"equal, one free", arms{"a": {weight: 1, free: true}, "b": {weight: 1, nanoUSD: 100}}, .98, .05, [2]float64{.8, 1.001}},
		{"equal, both free", arms{"a": {weight: 1, free: true}, "b": {weight: 1, free: true}}, .5, .06, [2]float64{.2, .8}},
		{"equal, one without a price", arms{"a": {weight: 1}, "b": {weight: 1, nanoUSD: 100}}, .5, .06, [2]float64{.2, .8}},
	} {
		t.Run(test.name, func(t *testing.T) {
			const searches = 40
			mean, least, most := 0.0, 1.0, 0.0
			for seed := range uint64(searches) {
				share := test.arms.drawn(seed, names, 300)["a"]
				mean += share / searches
				least, most = min(least, share), max(most, share)
			}
			t.Logf("a is given %.2f of the calls, %.2f to %.2f", mean, least, most)
			if math.Abs(mean-test.mean) > test.within || least < test.extremes[0] || most > test.extremes[1] {
				t.Errorf("a is given %.2f of the calls, %.2f to %.2f; want %.2f ± %.2f, %v", mean, least, most, test.mean, test.within, test.extremes)
			}
		})
	}
}

func TestOddsByHand(t *testing.T) {
	// Two arms, four proposals each; a earned 3 and b 1 of 4. Each is credited with
	// 12 average proposals, that is 12/8 of all: (3/4 + 3/2)/(1/2 + 3/2) = 1.125.
	var earnings []earning
	for i := range 8 {
		e := earning{id: i, model: "a", operator: "new", calls: 1, earned: .75}
		if i%2 == 1 {
			e.model, e.earned = "b", .25
		}
		earnings = append(earnings, e)
	}
	got := oddsOf(earnings)
	if got.Models["a"] != 1.125 || got.Models["b"] != .875 {
		t.Errorf("odds %v, want a 1.125, b 0.875", got.Models)
	}
	if got.Operators != nil {
		t.Errorf("odds %v of one operator", got.Operators)
	}
	for i := range earnings {
		earnings[i].earned = 0
	}
	if got := oddsOf(earnings); got.Models != nil {
		t.Errorf("odds %v though nothing was earned", got.Models)
	}
}

func TestEarned(t *testing.T) {
	var ranked []remembered
	for i := range 12 {
		ranked = append(ranked, remembered{id: i, fitness: 1 - float64(i)/10})
	}
	for _, test := range []struct {
		ranked        []remembered
		fitness, want float64
	}{
		{ranked, 1.1, .1}, {ranked, .15, .005}, {ranked, .05, 0}, {ranked[:3], .9, .01}, {nil, 1, 0},
	} {
		if got := earned(test.ranked, test.fitness); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("a fitness of %v after %d others earned %v, want %v", test.fitness, len(test.ranked), got, test.want)
		}
	}
}

// A search with adapt draws by odds, records them, and keeps a ledger; without, it
// does neither.
func TestSearchAdapts(t *testing.T) {
	for _, adapt := range []bool{true, false} {
		s := newSearch(t, t.TempDir(), 1)
		s.Config.Adapt = adapt
		s.Config.Candidates = 40
		p := &twoModels{}
		s.Proposer = p
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		recorded, earnedInAll, want := 0, 0.0, map[string]int{}
		for c, err := range s.Archive.Candidates(1) {
			if err != nil {
				t.Fatal(err)
			}
			if c.Odds != nil {
				recorded++
			}
			if c.Model != "" {
				want[c.Model]++
			}
			if earnedInAll += c.Earned; c.Earned < 0 || c.Origin == originCatalog && c.Earned != 0 {
				t.Errorf("candidate %d, %s, earned %v", c.ID, c.Origin, c.Earned)
			}
		}
		if (recorded > 10) != adapt || (p.withOdds > 10) != adapt {
			t.Errorf("adapt %v: %d candidates record odds, %d were drawn by them", adapt, recorded, p.withOdds)
		}
		ledger, err := ReadLedger(s.Archive.Reader)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for name, tally := range ledger.Models {
			if sum += tally.Earned; tally.Candidates != want[name] || tally.Calls != tally.Candidates || tally.Scored > tally.Candidates {
				t.Errorf("model %s: %+v, want %d candidates", name, tally, want[name])
			}
		}
		tuned := ledger.Operators["tune"].Earned
		if len(ledger.Models) != 2 || math.Abs(sum+tuned-earnedInAll) > 1e-12 || sum == 0 {
			t.Errorf("the ledger %+v holds earnings of %v, the candidates %v", ledger, sum+tuned, earnedInAll)
		}
	}
}

// A model that costs nothing is told from one whose price is not known.
func TestFreeIsNotUnknown(t *testing.T) {
	tests := []struct {
		name   string
		usage  archive.Usage
		priced bool
	}{
		{"free", archive.Usage{Calls: 2, Priced: 2}, true},
		{"unknown", archive.Usage{Calls: 2}, false},
		{"paid", archive.Usage{Calls: 2, NanoUSD: 5, Priced: 2}, true},
		{"paid, by an earlier version", archive.Usage{Calls: 2, NanoUSD: 5}, true},
		{"known since the repair", archive.Usage{Calls: 2, Priced: 1}, false},
	}
	for _, tt := range tests {
		if got, _ := earningOf(archive.Candidate{Usage: &tt.usage}); got.priced != tt.priced {
			t.Errorf("%s: priced %v, want %v", tt.name, got.priced, tt.priced)
		}
	}
	// Two arms earn the same, a for nothing: (1/2 + 12/8)/(0 + 12/8) and (1/2 + 12/8)/(1 + 12/8).
	var earnings []earning
	for i := range 8 {
		e := earning{id: i, model: "a", operator: "new", calls: 1, earned: 1, priced: true}
		if i%2 == 1 {
			e.model, e.nanoUSD = "b", 100
		}
		earnings = append(earnings, e)
	}
	if got := oddsOf(earnings).Models; got["a"] != 1.333 || got["b"] != .8 {
		t.Errorf("odds %v, want a 1.333, b 0.8", got)
	}
}
