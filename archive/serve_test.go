package archive

import (
	"bufio"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// While one process holds the run, others read it over the socket.
func TestReadDuringRun(t *testing.T) {
	a, dir := create(t)
	apply(t, a, scored(1, 1), rejected(2), scored(3, 2))
	if err := errors.Join(a.SaveCell(3, cell(1)), a.Serve(), a.Serve()); err != nil {
		t.Fatal(err)
	}
	info := must(os.Stat(filepath.Join(dir, "run", socketName)))(t)
	if info.Mode().Perm() != 0o600 || info.Mode().Type() != fs.ModeSocket {
		t.Errorf("socket has mode %v", info.Mode())
	}
	r := must(OpenReadOnly(dir, "run"))(t)
	defer r.Close()
	if !r.Live() {
		t.Error("not live")
	}
	apply(t, a, scored(4, 9))
	for _, c := range []struct{ got, want any }{
		{ids(must(r.Top(10))(t)), []int{4, 3, 1}},
		{ids(must(r.Recent(Rejected, 10))(t)), []int{2}},
		{must(r.Candidate(3))(t), scored(3, 2)},
		{must(r.Cells(3))(t), []Cell{cell(1)}},
		{must(r.Run())(t), must(a.Run())(t)},
		{must(r.Totals())(t), must(a.Totals())(t)},
		{must(r.ContentHash())(t), must(a.ContentHash())(t)},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	if _, err := r.Candidate(9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing candidate: %v", err)
	}
	runs := must(List(dir))(t)
	if len(runs) != 1 || !runs[0].Live || runs[0].Err != nil || runs[0].Totals.Applied() != 4 {
		t.Errorf("list: %+v", runs)
	}
}

// Readers that come and go do not disturb the writer, nor each other.
func TestConcurrentReaders(t *testing.T) {
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	if err := a.Serve(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 * maxConnections {
		wg.Go(func() {
			r, err := OpenReadOnly(dir, "run")
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			if top, err := r.Top(5); err != nil || len(top) == 0 {
				t.Errorf("top: %v, %v", top, err)
			}
		})
	}
	for id := 2; id < 10; id++ {
		apply(t, a, scored(id, float64(id)))
	}
	wg.Wait()
}

// A socket that a killed process left is passed over by readers and replaced by the
// next run; a closed one is gone.
func TestStaleSocket(t *testing.T) {
	dir := t.TempDir()
	a := must(Create(dir, "run", settings()))(t)
	apply(t, a, scored(1, 1))
	path := filepath.Join(dir, "run", socketName)
	l := must(net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}))(t)
	l.SetUnlinkOnClose(false)
	l.Close()
	a.Close()
	r := must(OpenReadOnly(dir, "run"))(t)
	if r.Live() || len(must(r.Top(1))(t)) != 1 {
		t.Error("did not read the file")
	}
	r.Close()
	b := must(Open(dir, "run"))(t)
	if err := b.Serve(); err != nil {
		t.Fatal(err)
	}
	live := must(OpenReadOnly(dir, "run"))(t)
	defer live.Close()
	if !live.Live() {
		t.Error("the stale socket was not replaced")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := live.Top(1); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("after the run ended: %v", err)
	}
	left := must(filepath.Glob(filepath.Join(dir, "run", "*sock*")))(t)
	if hidden := must(filepath.Glob(filepath.Join(dir, "run", ".sock*")))(t); len(left)+len(hidden) != 0 {
		t.Errorf("left %v %v", left, hidden)
	}
}

// A reader that comes while a run is starting, after the file is locked and before the
// socket answers, gets its answers.
func TestReadWhileARunStarts(t *testing.T) {
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	early := must(net.Listen("unix", filepath.Join(dir, "run", socketName)))(t)
	early.(*net.UnixListener).SetUnlinkOnClose(false)
	served := make(chan error, 1)
	go func() {
		conn, err := early.Accept() // the reader's first try, which comes to nothing
		if err == nil {
			err = errors.Join(conn.Close(), early.Close(), a.Serve())
		}
		served <- err
	}()
	r, err := OpenReadOnly(dir, "run")
	if err := errors.Join(err, <-served); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !r.Live() || len(must(r.Top(1))(t)) != 1 {
		t.Error("did not ask the run")
	}
}

// A run whose socket was tidied away ends well; one that was itself moved or removed
// says so.
func TestClosedWithoutItsFiles(t *testing.T) {
	for _, test := range []struct{ gone, want string }{
		{socketName, ""},
		{fileName, "was moved or removed"},
		{"", "was moved or removed"},
	} {
		dir := t.TempDir()
		a := must(Create(dir, "run", settings()))(t)
		if err := errors.Join(a.Serve(), os.RemoveAll(filepath.Join(dir, "run", test.gone))); err != nil {
			t.Fatal(err)
		}
		err := a.Close()
		if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("without %q: %v", test.gone, err)
		}
		if err := a.Close(); test.want == "" && err != nil {
			t.Errorf("closed again: %v", err)
		}
	}
}

// A process that accepts and never answers is taken for what it is: a lock.
func TestSilentSocket(t *testing.T) {
	t.Parallel()
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	l := must(net.Listen("unix", filepath.Join(dir, "run", socketName)))(t)
	defer l.Close()
	if _, err := OpenReadOnly(dir, "run"); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
}

func TestLongPathStillServes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	a := must(Create(dir, "run", settings()))(t)
	defer a.Close()
	if err := a.Serve(); err != nil {
		t.Fatal(err)
	}
	r := must(OpenReadOnly(dir, "run"))(t)
	defer r.Close()
	if !r.Live() {
		t.Error("not live")
	}
}

// Questions that are not questions get an error, and the server goes on.
func TestHostileQuestions(t *testing.T) {
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	if err := a.Serve(); err != nil {
		t.Fatal(err)
	}
	conn := must(net.Dial("unix", filepath.Join(dir, "run", socketName)))(t)
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for _, q := range []string{"{", "null", `{"schema":1,"bucket":"none"}`, `{"schema":2,"bucket":"meta"}`, `{"schema":1,"bucket":"by_status","prefix":"!"}`} {
		conn.Write([]byte(q + "\n"))
		if !lines.Scan() || !strings.Contains(lines.Text(), `"error"`) {
			t.Errorf("%s: %s", q, lines.Text())
		}
	}
	huge := must(net.Dial("unix", filepath.Join(dir, "run", socketName)))(t)
	defer huge.Close()
	huge.Write(make([]byte, 2*maxQuestion)) // the server hangs up
	for _, q := range []string{`{"schema":1,"bucket":"candidates","from":"/////w==","limit":-5}`, `{"schema":1,"bucket":"meta","prefix":"c2NoZW1h"}`} {
		conn.Write([]byte(q + "\n"))
		if !lines.Scan() || strings.Contains(lines.Text(), `"error"`) {
			t.Errorf("%s: %s", q, lines.Text())
		}
	}
}
