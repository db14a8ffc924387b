package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// Reading commands work while a search is going on, and a second writer is turned
// away with exit code 4. They work, too, when the search was killed and its socket
// is still there.
func TestCommandsDuringASearch(t *testing.T) {
	h := newHarness(t)
	cmd := h.command(t.Context(), "run", "--name", "live", "--config", h.config, "--candidates", "100000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	waitForScore(t, h)
	h.readEveryWay(t, "live")
	if r := h.open(t, "live"); !r.Live() {
		t.Error("the search ended before it was read")
	}
	h.turnedAway(t, []string{"resume", "live"}, []string{"confirm", "live"}, []string{"db", "reindex", "live"}, []string{"db", "compact", "live"})

	cmd.Process.Kill()
	cmd.Wait()
	if _, err := os.Stat(filepath.Join(h.dir, "runs", "live", "run.sock")); err != nil {
		t.Errorf("the killed search left no socket: %v", err)
	}
	h.readEveryWay(t, "live")
}

// turnedAway runs commands that want a run for themselves, side by side: each waits for
// it a while.
func (h *harness) turnedAway(t *testing.T, commands ...[]string) {
	t.Helper()
	var group sync.WaitGroup
	for _, args := range commands {
		group.Go(func() {
			out, err := h.command(t.Context(), args...).CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitArchive {
				t.Errorf("%s during the search: %v, want exit code %d\n%s", args, err, exitArchive, out)
			}
		})
	}
	group.Wait()
}

// readEveryWay runs every command that reads a run.
func (h *harness) readEveryWay(t *testing.T, name string) {
	t.Helper()
	written := t.TempDir()
	for _, args := range [][]string{
		{"list"}, {"top", name}, {"show", name, "1"}, {"prompt", name},
		{"export", name, "--top", "1", "--format", "json", "-o", filepath.Join(written, "best")},
		{"report", name, "-o", filepath.Join(written, "report.html")},
		{"plot", name, "--figure", "search", "-o", filepath.Join(written, "search.svg")},
	} {
		h.finish(t, args...)
	}
}

// A run that is being confirmed, which takes minutes, can be read.
func TestReadDuringConfirm(t *testing.T) {
	h := newHarness(t)
	lrml, _ := catalog.Lookup("lrml")
	newScoredRun(t, filepath.Join(h.dir, "runs"), []archive.Candidate{{Name: "lrml", Code: lrml.Source}})
	cmd := h.command(t.Context(), "confirm", "first")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill()
	for live := false; !live; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("the confirmation ended unread: %v", err)
		default:
		}
		r, err := archive.OpenReadOnly(filepath.Join(h.dir, "runs"), "first")
		if err != nil {
			t.Fatal(err)
		}
		live = r.Live()
		r.Close()
	}
	h.finish(t, "top", "first")
}

// waitForScore polls the leaderboard of a running search until it has an entry.
func waitForScore(t *testing.T, h *harness) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var board leaderboard
		out, err := h.command(t.Context(), "top", "live", "--json").Output()
		if err == nil && json.Unmarshal(out, &board) == nil && len(board.Candidates) > 0 {
			return
		}
	}
	t.Fatal("the leaderboard of a running search stayed empty")
}
