//go:build !unix

package sandbox

import (
	"os"
	"time"
)

// signalVerdict returns nil: processes do not end by signals here.
func signalVerdict(*os.ProcessState, time.Duration) *Rejection { return nil }
