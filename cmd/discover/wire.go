package main

import (
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/sandbox"
)

type checker = *sandbox.Checker

// newChecker returns the checker for a sandbox mode, auto or strict, and a number
// of checks, 0 if it is not known. The caller must close it.
func newChecker(mode string, checks int) checker {
	return &sandbox.Checker{Mode: sandbox.Mode(mode), Checks: checks}
}

// knownTasks returns an error that lists the tasks if names has an unknown one.
func knownTasks(names []string) error {
	for _, name := range names {
		if _, err := proxy.Lookup(name); err != nil {
			return err
		}
	}
	return nil
}

// newEvaluator returns an evaluator of the proxy tasks. microBatch 0 is the
// tasks' own.
func newEvaluator(workers, microBatch int) *evaluator.Evaluator {
	return &evaluator.Evaluator{Source: proxy.Source{MicroBatch: microBatch}, Workers: workers}
}
