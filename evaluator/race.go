package evaluator

import "github.com/objdisco/discover/evaluator/stats"

const (
	// farBelow is the share of dpo's gain that a mean must lose for a 95 %
	// interval to end the race as worse. Good objectives differ by a fifth of it.
	farBelow = .05
	// earlyLevel is the level of the interval that ends a race as worse
	// otherwise.
	earlyLevel = .99
)

// NeedsSeed decides whether an objective is given one more seed. It is a pure
// function of the objective's own results: for each seed so far, its advantage
// as a share of dpo's gain.
//
// A race ends early where nothing is left to win: the verdict is Same, the
// 99 % interval lies below zero, or the 95 % interval does and the mean is 5 %
// of dpo's gain below it. Anything else runs to the cap. In particular a lead
// does not end a race: looking at a 95 % interval after every seed and stopping
// at the first that excludes zero would call dpo itself better far more often
// than 2.5 % of the time. As it is, "better" is only ever said after one look,
// at the cap, and the seeds go to the objectives that will be ranked.
//
// With two seeds Student's factor is 12.7 (64 at 99 %), so that the first round
// ends the race of what is nearly dpo or far worse, and of little else.
func NeedsSeed(shares []float64, effort Effort) bool {
	effort = effort.withDefaults()
	if len(shares) < effort.MinSeeds {
		return true
	}
	return len(shares) < effort.MaxSeeds && !settled(shares)
}

func settled(shares []float64) bool {
	verdict := verdictOf(intervalOf(shares), SameShare)
	_, high := stats.TInterval(shares, earlyLevel)
	return verdict == Same || high < 0 || verdict == Worse && mean(shares) < -farBelow
}
