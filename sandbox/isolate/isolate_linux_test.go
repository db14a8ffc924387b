package isolate

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(&b[0])) }

// world is what a probe could harm: a secret file and live listeners.
type world struct {
	secret string
	args   []string
}

func newWorld(t *testing.T) *world {
	dir := t.TempDir()
	w := &world{secret: filepath.Join(dir, "secret")}
	if err := os.WriteFile(w.secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { udp.Close() })
	w.args = []string{
		w.secret,
		listen(t, "tcp", "127.0.0.1:0"),
		udp.LocalAddr().String(),
		listen(t, "unix", filepath.Join(dir, "socket")),
		listen(t, "unix", fmt.Sprintf("@discover-isolate-test-%d", os.Getpid())),
	}
	return w
}

// listen accepts and closes connections until the test ends.
func listen(t *testing.T, network, address string) string {
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// try runs an act under layers and reports whether it succeeded.
func (w *world) try(t *testing.T, name string, layers ...Layer) (ok bool, how string) {
	list := make([]string, len(layers))
	for i, l := range layers {
		list[i] = string(l)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = append([]string{probeName, strings.Join(list, ","), name}, w.args...)
	cmd.Env = []string{"SECRET=secret"}
	for _, path := range []string{w.secret, w.secret + ".open"} {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, make([]*os.File, inheritedEvent-3-len(cmd.ExtraFiles))...)
	for _, f := range eventFiles(t) {
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(string(out), escaped), describe(out, cmd.ProcessState)
}

// eventFiles returns an eventfd and an epoll, which the Go runtime has, too.
func eventFiles(t *testing.T) []*os.File {
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	return []*os.File{os.NewFile(uintptr(event), "eventfd"), os.NewFile(uintptr(epoll), "epoll")}
}

// TestLayers does every hostile act without layers, where it must succeed, under
// each single layer that is to stop it, and under all.
func TestLayers(t *testing.T) {
	w := newWorld(t)
	_, how := w.try(t, "report", All...)
	missing := missingHere(how)
	t.Logf("layers that this machine lacks: %v", missing)
	for name, a := range acts {
		if a.do == nil || a.stoppedBy == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := false
			if ok, how := w.try(t, name); !ok {
				if refused = slices.Contains(refusedHere, name) && strings.Contains(how, stopped); !refused {
					t.Fatalf("without layers: %s", how)
				}
				t.Logf("this machine refuses it: %s", how)
			}
			for _, l := range a.stoppedBy {
				if slices.Contains(missing, l) {
					continue
				}
				ok, how := w.try(t, name, l)
				if ok || !endedBy(l, how, refused) {
					t.Errorf("layer %s does not stop it: %s", l, how)
				}
				t.Logf("%s: %s", l, how)
			}
			if ok, how := w.try(t, name, All...); ok {
				t.Errorf("all layers do not stop it: %s", how)
			}
		})
	}
}

// marks are what the end of a probe looks like that a layer stopped: by the kernel
// or the runtime, or by an error of the act itself.
var marks = map[Layer][]string{
	Environment: {stopped},
	Descriptors: {"bad file descriptor"},
	Memory:      {fmt.Sprintf("exit status %d", ExitMemory)},
	Stack:       {"stack exceeds", fmt.Sprintf("exit status %d", ExitStack)},
	Threads:     {"exceeds 64-thread limit"},
	Rlimits:     {"too many open files", "file too large", "out of memory", "signal: killed", "the limit is 0"},
	Landlock:    {"permission denied", "operation not permitted"},
	Seccomp:     {"signal: bad system call"},
}

// endedBy reports whether a probe ended as layer l ends one. An act that this
// machine refuses anyway can show only that its call reaches the layer that kills,
// and that another leaves it refused.
func endedBy(l Layer, how string, refused bool) bool {
	if refused && l != Seccomp {
		return strings.Contains(how, stopped)
	}
	return slices.ContainsFunc(marks[l], func(mark string) bool { return strings.Contains(how, mark) })
}

// missingHere reads which layers the act report found missing.
func missingHere(report string) []Layer {
	var missing []Layer
	for _, l := range All {
		if strings.Contains(report, "["+string(l)+"]") {
			missing = append(missing, l)
		}
	}
	return missing
}

// TestEveryLayerStopsSomething guards the list of acts.
func TestEveryLayerStopsSomething(t *testing.T) {
	for _, l := range All {
		stops := false
		for _, a := range acts {
			stops = stops || slices.Contains(a.stoppedBy, l)
		}
		if !stops {
			t.Errorf("no act shows what layer %s is for", l)
		}
	}
}

// TestHarmless checks that each layer and all together leave a process able to
// work, so that what a layer stops in TestLayers is not the process itself.
func TestHarmless(t *testing.T) {
	w := &world{secret: filepath.Join(t.TempDir(), "secret")}
	if err := os.WriteFile(w.secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, l := range All {
		if ok, how := w.try(t, "nothing", l); !ok {
			t.Errorf("layer %s: %s", l, how)
		}
	}
	if ok, how := w.try(t, "nothing", All...); !ok {
		t.Errorf("all layers: %s", how)
	}
}

// TestParentDeath has a process start another and die. The second one says so
// when it outlives the first for a while.
func TestParentDeath(t *testing.T) {
	if got := outlive(t, ""); got != "survived" {
		t.Errorf("without layers: %q", got)
	}
	if got := outlive(t, ParentDeath); got != "" {
		t.Errorf("with the layer: %q", got)
	}
}

// outlive returns what the orphan writes.
func outlive(t *testing.T, layer Layer) string {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{probeName, "", "start an orphan", string(layer)}
	cmd.Stdout = w
	err = cmd.Run()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestReport(t *testing.T) {
	r := Report{Platform: "linux/amd64", Layers: []State{
		{Layer: Landlock, Holds: true, Detail: "ABI 7"}, {Layer: Seccomp, Detail: "not built in"},
	}}
	if got, want := r.String(), "linux/amd64: landlock (ABI 7); missing: seccomp (not built in)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if missing := r.Missing(); !slices.Contains(missing, Seccomp) || slices.Contains(missing, Landlock) || len(missing) != len(All)-1 {
		t.Errorf("missing %v", missing)
	}
}
