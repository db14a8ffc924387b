package isolate

import (
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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

// CPUTime returns the processor time that all threads of a running process have
// used; ok is false if the kernel does not tell.
func CPUTime(p *os.Process) (used time.Duration, ok bool) {
	const whole = 2 // CPUCLOCK_SCHED: the clock of a process, in nanoseconds
	return cpuTime(int32(^p.Pid<<3 | whole))
}

// OwnCPUTime returns that of this process.
func OwnCPUTime() (used time.Duration, ok bool) { return cpuTime(unix.CLOCK_PROCESS_CPUTIME_ID) }

func cpuTime(clock int32) (used time.Duration, ok bool) {
	var now unix.Timespec
	if err := unix.ClockGettime(clock, &now); err != nil {
		return 0, false
	}
	return time.Duration(now.Nano()), true
}
