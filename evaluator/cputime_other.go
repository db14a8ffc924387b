//go:build !linux

package evaluator

import "time"

var started = time.Now()

// ThreadTime is wall time where there is no clock of a thread's CPU time.
func ThreadTime() time.Duration { return time.Since(started) }
