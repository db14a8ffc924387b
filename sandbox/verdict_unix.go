//go:build unix

package sandbox

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/objdisco/discover/sandbox/gate"
)

// signalVerdict explains the end of a child by a signal that this process did
// not send; nil if there was none.
func signalVerdict(state *os.ProcessState, timeout time.Duration) *Rejection {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return nil
	}
	used := state.UserTime() + state.SystemTime()
	switch sig := status.Signal(); {
	case sig == syscall.SIGSYS:
		return &Rejection{Stage: gate.StageSyscall, Reason: "the kernel stopped a forbidden system call", Hint: "compute the loss with the given operations only"}
	case sig == syscall.SIGKILL && used >= timeout: // the limit on processor time
		return &Rejection{Stage: gate.StageTime, Reason: fmt.Sprintf("no result within %v of processor time", timeout), Hint: "use fewer loop iterations"}
	default:
		return protocolRejection(fmt.Sprintf("the child was ended by a signal: %v", sig))
	}
}
