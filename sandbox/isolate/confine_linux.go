package isolate

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
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

// Waited returns how long the threads of a running process have been ready to
// run without a processor, together; 0 if the kernel does not tell.
func Waited(p *os.Process) time.Duration {
	dir := fmt.Sprintf("/proc/%d/task", p.Pid)
	threads, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	var total time.Duration
	for _, thread := range threads {
		var ran, waited int64 // nanoseconds; the third field is not needed
		data, err := os.ReadFile(filepath.Join(dir, thread.Name(), "schedstat"))
		if err != nil {
			continue // the thread has ended
		}
		if n, _ := fmt.Sscan(string(data), &ran, &waited); n == 2 {
			total += time.Duration(waited)
		}
	}
	return total
}
