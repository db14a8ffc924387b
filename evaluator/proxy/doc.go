// Package proxy assembles the proxy tasks: a definition names a task, the policy
// that is trained on it and how, and [Source] prepares its instances for an
// evaluator.
//
// What is costly about an instance, the fitted reference and the pairs sampled
// from it, is plain data (Setup) and cached on disk.
package proxy
