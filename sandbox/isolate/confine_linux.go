package isolate

import (
	"os"
	"os/exec"
	"syscall"
)

// Confine makes cmd start in a process group of its own and die with the thread
// that starts it, which must therefore be locked until the process is reaped.
func Confine(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Kill ends the process group of a confined command that has not been waited for.
func Kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// Executable returns the path of the running program: a link that the kernel
// keeps even if the file is replaced meanwhile.
func Executable() (string, error) { return "/proc/self/exe", nil }
