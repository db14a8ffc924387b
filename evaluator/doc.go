// Package evaluator scores objectives: how much reward an objective buys for
// the KL that dpo spends, with an interval and a verdict.
//
// A task has an exactly known reward, a frozen reference policy and preference
// pairs. A cell is (objective, task, beta, seed): one policy trained and scored
// exactly. Seed s gives every objective the same reference, pairs, order and
// initial weights, so that comparisons are paired.
//
// # The advantage
//
// For one task and seed, the objective is trained at each beta of the effort.
// Its non-dominated (KL, reward) points, joined by a monotone cubic in the root
// of KL, are its frontier; a blown-up cell is left out and flagged. dpo is
// trained on a grid of 15 betas. At each budget, the KL that dpo spends at beta
// .05, .1 and .25, the two frontiers are read, and the advantage is the mean
// difference in reward. Where a budget lies outside what the sweep spends, the
// objective is also trained at betas beyond it, up to 256 times as far; where the
// sweep brackets a budget, at the beta that should spend just that, so that
// little is left to interpolation. The advantage does not change when an objective is rescaled. The
// fitness is the mean over tasks of the advantage divided by what dpo gains
// over the reference; with one task alone it is the advantage itself.
//
// # The screen
//
// Before the race an objective must keep a tenth of dpo's gain on the task
// bandit, and 70 % of it on one seed of the first task. The bandit predicts the
// fitness too badly to drop more: an objective that lost 82 % of the gain there
// was as good as dpo on the tasks of the fitness.
//
// # Seeds and verdicts
//
// The samples of every statistic are one number per seed. The interval is
// Student's t; from six seeds on it is widened to hold the percentile
// bootstrap's as well. Two seeds leave one degree of freedom, where the
// interval reaches nine times the samples' standard deviation to either side:
// at two seeds hardly anything is decided except what is exactly like dpo, which
// is what the first round is for. [NeedsSeed] says how
// racing goes on from there, and why "better" is said at the last seed only.
//
// # What the score does not see through
//
// A constant factor on the loss changes nothing unless it is so large that
// gradients are clipped (then it costs), and a factor that depends on progress
// is undone by package train. But an objective whose gradient shrinks faster as
// training goes on still lowers its own step size, which helps where labels are
// noisy, and part of what a beta that changes with progress gains is of this
// kind. The best of the betas counts at each budget, so an objective that is
// erratic in beta is flattered: by up to 5 % of dpo's gain, if it is noise.
//
// Results depend on the graph, the effort and the tasks alone: not on the
// number of workers, on other candidates, or on what a cache or memo held.
package evaluator
