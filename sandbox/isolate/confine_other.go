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

// Waited returns 0: the system does not tell how long a process was kept waiting.
func Waited(*os.Process) time.Duration { return 0 }
