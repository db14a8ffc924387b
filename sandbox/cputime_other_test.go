//go:build !linux

package sandbox

import (
	"testing"
	"time"
)

// started is when threadTime began to count.
var started = time.Now()

// threadTime returns the time by the clock on the wall, for want of a better one.
func threadTime(*testing.T) time.Duration { return time.Since(started) }
