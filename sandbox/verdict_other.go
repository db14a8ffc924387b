//go:build !unix

package sandbox

import "time"

// outOfTime returns false: processes have no limit on processor time here.
func (p *process) outOfTime(time.Duration) bool { return false }

// signalDeath returns nil: processes do not end by signals here.
func (p *process) signalDeath() *Rejection { return nil }
