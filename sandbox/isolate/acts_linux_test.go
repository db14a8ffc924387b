package isolate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// act is something that a candidate must not be able to do.
type act struct {
	stoppedBy []Layer // each of which suffices
	do        func(prepared int, args []string) error
}

// refusedHere lists acts that some machines refuse to every process, such as
// containers do.
var refusedHere = []string{"set up io_uring", "trace another process", "trace the parent"}

// acts by name. The test gives a path to a secret file, the address of a live
// TCP, UDP, unix and abstract unix listener, in this order.
var acts = map[string]act{
	"read a file": {[]Layer{Landlock, Rlimits, Seccomp}, func(_ int, args []string) error {
		return readSecret(args[0])
	}},
	"write a file": {[]Layer{Landlock, Rlimits, Seccomp}, func(_ int, args []string) error {
		return os.WriteFile(args[0]+".new", []byte("x"), 0o600)
	}},
	"list a directory": {[]Layer{Landlock, Rlimits, Seccomp}, func(int, []string) error {
		_, err := os.ReadDir("/")
		return err
	}},
	"read the parent's environment": {[]Layer{Landlock, Rlimits, Seccomp}, func(int, []string) error {
		_, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/environ")
		return err
	}},
	"read its own environment": {[]Layer{Environment}, func(int, []string) error {
		if os.Getenv("SECRET") == "" {
			return errors.New("no variable SECRET")
		}
		return nil
	}},
	"read an inherited file":      {[]Layer{Descriptors}, readInherited},
	"write an inherited file":     {[]Layer{Descriptors, Rlimits}, writeInherited},
	"signal an inherited event":   {[]Layer{Descriptors}, signalInherited},
	"watch an inherited epoll":    {[]Layer{Descriptors}, watchInherited},
	"connect to TCP":              {[]Layer{Landlock, Rlimits, Seccomp}, dial("tcp", 1)},
	"send UDP":                    {[]Layer{Rlimits, Seccomp}, dial("udp", 2)},
	"connect to a unix socket":    {[]Layer{Rlimits, Seccomp}, dial("unix", 3)},
	"connect to an abstract unix": {[]Layer{Landlock, Rlimits, Seccomp}, dial("unix", 4)},
	"listen on TCP": {[]Layer{Landlock, Rlimits, Seccomp}, func(int, []string) error {
		var config net.ListenConfig
		config.SetMultipathTCP(false) // which landlock does not know
		_, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
		return err
	}},
	"listen on multipath TCP": {[]Layer{Rlimits, Seccomp}, func(int, []string) error {
		_, err := net.Listen("tcp", "127.0.0.1:0")
		return err
	}},
	"execute a program": {[]Layer{Landlock, Seccomp}, func(int, []string) error {
		return syscall.Exec("/proc/self/exe", []string{probeName, "", "nothing"}, nil)
	}},
	"fork": {[]Layer{Seccomp}, fork},
	"signal the parent": {[]Layer{Landlock, Seccomp}, func(int, []string) error {
		return syscall.Kill(os.Getppid(), syscall.SIGURG)
	}},
	"trace another process": {[]Layer{Landlock, Seccomp}, func(pid int, _ []string) error { return seize(pid) }},
	"trace the parent":      {[]Layer{Landlock, Seccomp}, func(int, []string) error { return seize(os.Getppid()) }},
	"create a memory file": {[]Layer{Rlimits, Seccomp}, func(int, []string) error {
		_, err := unix.MemfdCreate("x", 0)
		return err
	}},
	"set up io_uring": {[]Layer{Rlimits, Seccomp}, func(int, []string) error {
		params := make([]byte, 120)
		return errno(syscall.RawSyscall(unix.SYS_IO_URING_SETUP, 1, addressOf(params), 0))
	}},
	"map executable memory": {[]Layer{Seccomp}, func(int, []string) error {
		_, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
		return err
	}},
	"leave the process group": {[]Layer{Seccomp}, func(int, []string) error {
		if err := syscall.Setpgid(0, 0); err != nil {
			_, err = syscall.Setsid()
			return err
		}
		return nil
	}},
	"change its limits": {[]Layer{Seccomp}, func(int, []string) error {
		return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	}},
	"ignore the parent's death": {[]Layer{Seccomp}, func(int, []string) error {
		return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0)
	}},
	"use 240 MiB of memory":   {[]Layer{Memory, Rlimits}, useMemory},
	"use 8 MiB of stack":      {[]Layer{Stack}, func(int, []string) error { return recurse(8 << 20) }},
	"start 200 threads":       {[]Layer{Threads, Seccomp}, startManyThreads},
	"use much processor time": {[]Layer{Rlimits}, spin},
	"outlive its parent":      {stoppedBy: []Layer{ParentDeath}}, // in TestParentDeath
	"start an orphan":         {nil, startOrphan},
	"be an orphan":            {nil, beOrphan},
	"wait": {nil, func(int, []string) error {
		time.Sleep(30 * time.Second)
		return nil
	}},
	"nothing":                 {nil, func(int, []string) error { return nil }},
	"dump core on abort":      {[]Layer{Rlimits}, dumpable},
	"open many files at once": {[]Layer{Rlimits, Landlock, Seccomp}, openMany},
}

// prepare does what an act needs before the layers are applied.
func prepare(name string) int {
	if name != "trace another process" {
		return 0
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{probeName, "", "wait"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	return cmd.Process.Pid
}

func readSecret(path string) error {
	data, err := os.ReadFile(path)
	if err == nil && string(data) != "secret" {
		return errors.New("not the secret")
	}
	return err
}

// The test passes the secret file as descriptors 3 and 4, the second for writing,
// and an eventfd and an epoll beyond those that the runtime of the probe may open
// once they are closed.
const (
	inheritedEvent = 20
	inheritedEpoll = 21
)

func readInherited(int, []string) error {
	_, err := os.NewFile(3, "").Read(make([]byte, 6))
	return err
}

func writeInherited(int, []string) error {
	_, err := syscall.Write(4, []byte("x"))
	return err
}

func signalInherited(int, []string) error {
	_, err := syscall.Write(inheritedEvent, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	return err
}

func watchInherited(int, []string) error {
	return unix.EpollCtl(inheritedEpoll, unix.EPOLL_CTL_ADD, inheritedEvent, &unix.EpollEvent{Events: unix.EPOLLIN})
}

func dial(network string, arg int) func(int, []string) error {
	return func(_ int, args []string) error {
		conn, err := net.DialTimeout(network, args[arg], 5*time.Second)
		if err != nil || network != "udp" {
			return err
		}
		_, err = conn.Write([]byte("x"))
		return err
	}
}

func errno(_, _ uintptr, e syscall.Errno) error {
	if e != 0 {
		return e
	}
	return nil
}

// seize begins to trace a process, without stopping it.
func seize(pid int) error {
	runtime.LockOSThread()
	return errno(syscall.RawSyscall6(syscall.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(pid), 0, 0, 0, 0))
}

func fork(int, []string) error {
	pid, _, e := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if e == 0 && pid == 0 {
		syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
	}
	return errno(pid, 0, e)
}

// useMemory touches memory in pieces, as a growing slice would.
func useMemory(int, []string) error {
	var kept [][]byte
	for range 60 {
		piece := make([]byte, 4<<20)
		for i := 0; i < len(piece); i += 4096 {
			piece[i] = 1
		}
		kept = append(kept, piece)
		time.Sleep(time.Millisecond)
	}
	runtime.KeepAlive(kept)
	return nil
}

// recurse uses about n bytes of stack.
func recurse(n int) error {
	var frame [1024]byte
	if n <= len(frame) {
		return nil
	}
	err := recurse(n - len(frame))
	runtime.KeepAlive(&frame)
	return err
}

func startManyThreads(int, []string) error {
	release := make(chan bool)
	ready := make(chan bool)
	for range 200 {
		go func() {
			runtime.LockOSThread()
			ready <- true
			<-release
		}()
	}
	for range 200 {
		<-ready
	}
	return nil
}

func spin(int, []string) error {
	for {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			return err
		}
		if time.Duration(usage.Utime.Nano()+usage.Stime.Nano()) > 2300*time.Millisecond {
			return nil
		}
	}
}

// startOrphan starts a process under a layer, waits until the layer holds, and dies.
func startOrphan(_ int, args []string) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{probeName, args[0], "be an orphan"}
	cmd.Stdout, cmd.ExtraFiles = os.Stdout, []*os.File{w}
	if err := cmd.Start(); err != nil {
		return err
	}
	w.Close()
	_, err = r.Read(make([]byte, 1))
	if err == nil {
		os.Exit(0)
	}
	return err
}

func beOrphan(int, []string) error {
	if _, err := syscall.Write(3, []byte("x")); err != nil {
		return err
	}
	time.Sleep(time.Second)
	os.Stdout.WriteString("survived")
	os.Exit(0)
	return nil
}

// dumpable reports whether the kernel would write a core file.
func dumpable(int, []string) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return err
	}
	if limit.Max == 0 {
		return errors.New("the limit is 0")
	}
	return nil
}

func openMany(int, []string) error {
	for range 100 {
		if _, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0); err != nil {
			return err
		}
	}
	return nil
}

// describe says how a probe ended.
func describe(out []byte, state *os.ProcessState) string {
	line, _, _ := strings.Cut(string(out), "\n")
	return fmt.Sprintf("%s: %s", state, line)
}
