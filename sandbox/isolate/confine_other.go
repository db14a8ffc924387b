//go:build !unix

package isolate

import (
	"os"
	"os/exec"
	"time"
)

// Confine does nothing: there are no process groups here.
func Confine(*exec.Cmd) {}

// Kill ends a confined command.
func Kill(p *os.Process) error { return p.Kill() }

// Executable returns the path of the running program.
func Executable() (string, error) { return os.Executable() }

// CPUTime returns false: the system does not tell what a running process has used.
func CPUTime(*os.Process) (used time.Duration, ok bool) { return 0, false }

// OwnCPUTime returns false, too.
func OwnCPUTime() (used time.Duration, ok bool) { return 0, false }
