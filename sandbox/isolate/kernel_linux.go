package isolate

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	llsyscall "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// enterKernel applies a layer of the Linux kernel to the whole process.
func enterKernel(l Layer, limits Limits) (detail string, err error) {
	switch l {
	case Descriptors:
		return closeDescriptors()
	case Rlimits:
		return setRlimits(limits)
	case ParentDeath:
		return parentDeath()
	case Landlock:
		return restrictAccess()
	case Seccomp:
		return filterCalls()
	}
	return "", fmt.Errorf("unknown layer %q", l)
}

// closeDescriptors closes every file but the standard three and those by which
// the Go runtime waits for timers.
func closeDescriptors() (string, error) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return "", err
	}
	closed := 0
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= 2 {
			continue
		}
		link, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || strings.HasPrefix(link, "anon_inode:[event") && !inherited(fd) {
			continue // the directory itself, closed meanwhile, or epoll and eventfd
		}
		if unix.Close(fd) == nil {
			closed++
		}
	}
	return fmt.Sprintf("%d closed", closed), nil
}

// inherited reports whether a descriptor was open when the program started: those
// that the Go runtime makes are closed on exec, which an inherited one survived.
func inherited(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}

// idleCPU is processor time that a process may use while it waits for a source.
const idleCPU = time.Second / 2

// setRlimits sets hard limits. The address space is not limited, since the Go
// runtime reserves much more than it uses; what it may write to is.
func setRlimits(limits Limits) (string, error) {
	startThreads()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return "", fmt.Errorf("getrusage: %w", err)
	}
	used := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	cpu := uint64((used+limits.CPU+idleCPU)/time.Second) + 1
	data := 2*limits.MemoryBytes + 128<<20
	for _, r := range [...]struct {
		resource int
		limit    uint64
	}{
		{unix.RLIMIT_DATA, data},
		{unix.RLIMIT_CPU, cpu},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_FSIZE, 0},
		{unix.RLIMIT_MEMLOCK, 0},
		{unix.RLIMIT_MSGQUEUE, 0},
		{unix.RLIMIT_NPROC, 0},
		{unix.RLIMIT_NOFILE, 0},
	} {
		if err := unix.Setrlimit(r.resource, &unix.Rlimit{Cur: r.limit, Max: r.limit}); err != nil {
			return "", fmt.Errorf("setrlimit %d: %w", r.resource, err)
		}
	}
	return fmt.Sprintf("%d MiB, %d s, no files, no processes", data>>20, cpu), nil
}

// parentDeath asks the kernel to kill the process with the thread that started
// it. Confine has done so before the program started; this holds without it.
func parentDeath() (string, error) {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return "", err
	}
	return "", nil
}

// restrictAccess gives up all that landlock can take: every access to files,
// TCP, and, where the kernel knows them, abstract sockets and signals to
// processes outside.
func restrictAccess() (string, error) {
	abi, err := llsyscall.LandlockGetABIVersion()
	if err != nil {
		return "", fmt.Errorf("the kernel has no landlock: %w", err)
	}
	if err := landlock.V11.BestEffort().Restrict(); err != nil {
		return "", err
	}
	return "ABI " + strconv.Itoa(abi), nil
}

// spareThreads is the number of threads that the Go runtime keeps after
// startThreads. With one processor it needs one to run, one to watch, and one
// for each goroutine blocked in a system call, of which there are two.
const spareThreads = 4

// startThreads makes the Go runtime start the threads that it may need later,
// when it may not start any, and the descriptors behind its timers.
var startThreads = sync.OnceFunc(func() {
	ready, release, gone := make(chan bool), make(chan bool), make(chan bool)
	for range spareThreads {
		go func() {
			runtime.LockOSThread()
			ready <- true
			<-release
			runtime.UnlockOSThread()
			gone <- true
		}()
	}
	for range spareThreads {
		<-ready
	}
	close(release)
	for range spareThreads {
		<-gone
	}
	time.Sleep(time.Nanosecond)
})
