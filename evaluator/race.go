package evaluator

import "github.com/objdisco/discover/evaluator/stats"

// earlyLevel is the level of the interval that ends a race as worse before its last
// seed. Looking at a 95 % interval after every seed, up to ten, calls dpo itself
// worse in 9 % of races instead of 2.5; at this level it is 3.3.
const earlyLevel = .995

// NeedsSeed decides whether an objective is given one more seed. It is a pure
// function of the objective's own results: for each seed so far, its advantage
// as a share of dpo's gain.
//
// A race ends early where nothing is left to win: the verdict is Same, or the
// 99.5 % interval lies below zero. Anything else runs to the cap. In particular a
// lead does not end a race: looking at a 95 % interval after every seed and stopping
// at the first that excludes zero would call dpo itself better far more often
// than 2.5 % of the time. As it is, "better" is only ever said after one look,
// at the cap, and the seeds go to the objectives that will be ranked.
//
// With two seeds Student's factor is 127 at that level, so that the first round
// ends the race of what is nearly dpo and of little else.
func NeedsSeed(shares []float64, effort Effort) bool {
	effort = effort.withDefaults()
	if len(shares) < effort.MinSeeds {
		return true
	}
	return len(shares) < effort.MaxSeeds && !settled(shares)
}

func settled(shares []float64) bool {
	_, high := stats.TInterval(shares, earlyLevel)
	return high < 0 || verdictOf(intervalOf(shares), SameShare) == Same
}
