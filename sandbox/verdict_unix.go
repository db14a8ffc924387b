//go:build unix

package sandbox

import (
	"fmt"
	"syscall"
	"time"

	"github.com/objdisco/discover/sandbox/gate"
)

// endedBy returns the signal that ended the child, 0 if none did.
func (p *process) endedBy() syscall.Signal {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return 0
	}
	return status.Signal()
}

// outOfTime reports whether the kernel ended the child for the processor time
// that it used since it was asked.
func (p *process) outOfTime(timeout time.Duration) bool {
	used, _ := p.used()
	return p.endedBy() == syscall.SIGKILL && used-p.before >= timeout
}

// signalDeath explains the end of a child by a signal that this process did not
// send; nil if there was none.
func (p *process) signalDeath() *Rejection {
	switch sig := p.endedBy(); sig {
	case 0:
		return nil
	case syscall.SIGSYS:
		return &Rejection{Stage: gate.StageSyscall, Reason: "the kernel stopped a forbidden system call", Hint: "compute the loss with the given operations only"}
	default:
		return protocolRejection(fmt.Sprintf("the child was ended by a signal: %v", sig))
	}
}
