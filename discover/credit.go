package discover

import (
	"math"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
)

// Odds are learnt from the latest candidates, so many, so that what an arm earned in another
// phase of the search is forgotten, and an arm that is hardly drawn any more is
// given the benefit of the doubt again.
const creditWindow = 200

const (
	// imagined is how many average proposals every arm is credited with beforehand.
	imagined = 12
	// mostOdds bounds odds, and their inverse.
	mostOdds = 16
)

// earning is what became of one proposal, as far as odds depend on it.
type earning struct {
	id              int
	model, operator string
	earned          float64
	calls           int
	nanoUSD         int64
	priced          bool // nanoUSD is what the calls cost, be it nothing
}

// earningOf returns that of a candidate, and whether a proposer drew it.
func earningOf(c archive.Candidate) (earning, bool) {
	o := earning{id: c.ID, model: c.Model, operator: c.Operator, earned: c.Earned}
	if c.Usage != nil {
		o.calls, o.nanoUSD = c.Usage.Calls, c.Usage.NanoUSD
		o.priced = o.nanoUSD > 0 || o.calls > 0 && c.Usage.Priced == o.calls
	}
	return o, c.Operator != "" && c.Origin != originTuned
}

// oddsOf returns what the earnings teach: each arm's odds are what it earned per
// unit of cost, as a multiple of what all earned. Costs are dollars where every
// proposal that a model was asked for has a price and not all are free, else calls,
// else proposals.
func oddsOf(earnings []earning) propose.Odds {
	cost := costOf(earnings)
	return propose.Odds{
		Models:    oddsBy(earnings, func(o earning) string { return o.model }, cost),
		Operators: oddsBy(earnings, func(o earning) string { return o.operator }, cost),
	}
}

func costOf(earnings []earning) func(earning) float64 {
	asked, priced, dollars := 0, 0, int64(0)
	for _, o := range earnings {
		if o.calls > 0 {
			asked++
		}
		if o.priced {
			priced++
		}
		dollars += o.nanoUSD
	}
	switch {
	case asked < len(earnings):
		return func(earning) float64 { return 1 }
	case priced < asked, dollars == 0:
		return func(o earning) float64 { return float64(o.calls) }
	}
	return func(o earning) float64 { return float64(o.nanoUSD) }
}

// oddsBy returns the odds of the arms that by names. Nothing is learnt from
// earnings that earned nothing, or all have one arm.
func oddsBy(earnings []earning, by func(earning) string, cost func(earning) float64) map[string]float64 {
	type sums struct{ earned, cost float64 }
	arms, all := map[string]sums{}, sums{}
	for _, o := range earnings {
		s := arms[by(o)]
		arms[by(o)] = sums{s.earned + o.earned, s.cost + cost(o)}
		all = sums{all.earned + o.earned, all.cost + cost(o)}
	}
	if len(arms) < 2 || !(all.earned > 0) {
		return nil
	}
	odds := map[string]float64{}
	share := imagined / float64(len(earnings)) // of all, that each arm is credited with
	for name, s := range arms {
		rate := (s.earned/all.earned + share) / (s.cost/all.cost + share)
		odds[name] = roundOdds(min(max(rate, 1./mostOdds), mostOdds))
	}
	return odds
}

// roundOdds keeps three decimals: odds are stored and shown.
func roundOdds(x float64) float64 { return math.Round(x*1000) / 1000 }

// earners is how many of the best candidates the earnings of a new one are
// measured by.
const earners = 10

// earned is by how much a fitness raises the mean of the best, of which ranked
// holds at least the first ten, best first.
func earned(ranked []remembered, fitness float64) float64 {
	if len(ranked) == 0 {
		return 0
	}
	last := ranked[min(earners, len(ranked))-1].fitness
	return max(0, fitness-last) / earners
}

// oddsRecord is the stored form of odds, nil for none.
func oddsRecord(o propose.Odds) *archive.Odds {
	if o.Models == nil && o.Operators == nil {
		return nil
	}
	return &archive.Odds{Models: o.Models, Operators: o.Operators}
}
