//go:build !unix

package isolate

import (
	"os"
	"os/exec"
)

// Confine does nothing: there are no process groups here.
func Confine(*exec.Cmd) {}

// Kill ends a confined command.
func Kill(p *os.Process) error { return p.Kill() }

// Executable returns the path of the running program.
func Executable() (string, error) { return os.Executable() }
