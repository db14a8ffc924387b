package evaluator

import "github.com/objdisco/discover/evaluator/stats"

const (
	// hopelessShare is the share of dpo's gain that a mean must lose to end
	// the race whatever its interval. Good objectives differ by a tenth of it.
	hopelessShare = .05
	// earlyLevel is the level of the interval that may end a race as worse.
	earlyLevel = .99
)

// NeedsSeed decides whether an objective is given one more seed. It is a pure
// function of the objective's own results: for each seed so far, its advantage
// as a share of dpo's gain.
//
// A race ends early where nothing is left to win: the verdict is Same, the
// 99 % interval lies below zero, or the mean is 5 % of dpo's gain below it.
// Anything else runs to the cap. In particular a lead does not end a race:
// looking at a 95 % interval after every seed and stopping at the first that
// excludes zero would call dpo itself better far more often than 2.5 % of the
// time. As it is, "better" is only ever said after one look, at the cap, and
// the seeds go to the objectives that will be ranked.
//
// With two seeds Student's factor is 12.7 (64 at 99 %), so that the first
// round ends a race by the mean or by near equality, hardly ever as worse.
func NeedsSeed(shares []float64, effort Effort) bool {
	effort = effort.withDefaults()
	if len(shares) < effort.MinSeeds {
		return true
	}
	return len(shares) < effort.MaxSeeds && !settled(shares)
}

func settled(shares []float64) bool {
	if verdictOf(intervalOf(shares), SameShare) == Same {
		return true
	}
	_, high := stats.TInterval(shares, earlyLevel)
	return high < 0 || mean(shares) < -hopelessShare
}
