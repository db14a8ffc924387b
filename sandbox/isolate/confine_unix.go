//go:build unix && !linux

package isolate

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Confine makes cmd start in a process group of its own.
func Confine(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Kill ends the process group of a confined command that has not been waited for.
func Kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// Executable returns the path of the running program.
func Executable() (string, error) { return os.Executable() }

// CPUTime returns false: the system does not tell what a running process has used.
func CPUTime(*os.Process) (used time.Duration, ok bool) { return 0, false }

// OwnCPUTime returns false, too.
func OwnCPUTime() (used time.Duration, ok bool) { return 0, false }
