// Package task defines the proxy tasks: what a policy is asked, which of two
// answers is preferred, and what an answer is worth.
//
// A Text task lives in a synthetic language (a Grammar) in which the true reward
// of a text is a function of a running integer score. A policy is an order-2
// language model: the next token depends on the genre and the last two tokens.
// Because both are finite, the expected reward and the KL divergence of a policy
// are computed exactly, by dynamic programming (Exact), not sampled.
//
// A Bandit task asks for one of a few dozen responses and is exact by
// enumeration.
//
// The package knows nothing of how a policy is represented or trained: it reads
// tables of conditional probabilities. Every draw comes from a Stream, so a task
// is a function of its parameters and a seed.
package task
