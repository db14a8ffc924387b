//go:build !linux

package evaluator

import "time"

var started = time.Now()

// threadTime is wall time where there is no clock of a thread's CPU time.
func threadTime() time.Duration { return time.Since(started) }
