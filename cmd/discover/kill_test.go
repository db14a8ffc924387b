package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	bbolt "go.etcd.io/bbolt"

	"github.com/objdisco/discover/archive"
)

var kills = flag.Int("kills", 3, "how often each test of killed searches kills one")

// A search that is killed with SIGKILL again and again, at random moments, ends
// with the archive of an undisturbed one, and trains nothing twice.
func TestKilledSearchLosesNothing(t *testing.T) {
	h := newHarness(t)
	began := time.Now()
	h.finish(t, "run", "--name", "whole")
	undisturbed := time.Since(began)

	rng := rand.New(rand.NewPCG(uint64(*kills), 1))
	for run := 1; h.killed < *kills; run++ {
		name := fmt.Sprintf("killed%d", run)
		start := []string{"run", "--name", name, "--config", h.config}
		before := h.killed
		for h.sitting(t, name, start, time.Duration(rng.Int64N(int64(undisturbed/3)))) {
			h.killed++
		}
		h.compare(t, "whole", name)
		// Who goes on writes settings and status; a cell that is trained again, as many
		// more as there are of it.
		if got, most := h.writes(t, name), h.writes(t, "whole")+2*(h.killed-before); got > most {
			t.Errorf("run %s was written %d times, want at most %d: something was scored twice", name, got, most)
		}
	}
}

// harness starts this test binary as discover, in processes of their own, on
// searches that take a second.
type harness struct {
	dir, config string
	env         []string
	killed      int // searches
}

func newHarness(t *testing.T) *harness {
	return newHarnessWith(t, "candidates: 4\ntasks: [bandit]\nseeds: 2\nscreen: false\n", "OPENAI_API_KEY=", "OPENAI_BASE_URL=")
}

func newHarnessWith(t *testing.T, config string, env ...string) *harness {
	h := &harness{dir: t.TempDir(), env: env}
	h.config = filepath.Join(h.dir, "small.yaml")
	if err := os.WriteFile(h.config, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *harness) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], append(args, "--runs", filepath.Join(h.dir, "runs"))...)
	cmd.Env = append(os.Environ(), asDiscover+"=1", "XDG_CACHE_HOME="+filepath.Join(h.dir, "cache"))
	cmd.Env = append(cmd.Env, h.env...)
	return cmd
}

// finish runs a command to its end.
func (h *harness) finish(t *testing.T, args ...string) {
	t.Helper()
	if args[0] == "run" {
		args = append(args, "--config", h.config)
	}
	if out, err := h.command(t.Context(), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// sitting runs a command, which goes on with the run where it would start one that is
// there, and kills it after a while. It reports whether it came to that.
func (h *harness) sitting(t *testing.T, name string, start []string, after time.Duration) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	args := start
	if _, err := os.Stat(filepath.Join(h.dir, "runs", name, "run.db")); err == nil && start[0] == "run" {
		args = []string{"resume", name}
	}
	out, err := h.command(ctx, args...).CombinedOutput()
	switch {
	case err == nil:
		return false
	case ctx.Err() == nil:
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return true
}

// compare holds two runs to have the same content, and the second to have
// stored each cell once.
func (h *harness) compare(t *testing.T, want, got string) {
	t.Helper()
	a, b := h.open(t, want), h.open(t, got)
	if hashA, hashB := content(t, a), content(t, b); hashA != hashB {
		t.Errorf("run %s has content %s, an undisturbed one %s; they differ in:\n%s", got, hashB, hashA, differences(t, a, b))
	}
	if cellsA, cellsB := totals(t, a).Cells, totals(t, b).Cells; cellsA != cellsB {
		t.Errorf("run %s has %d cells, an undisturbed one %d", got, cellsB, cellsA)
	}
}

func (h *harness) open(t *testing.T, name string) *archive.Reader {
	t.Helper()
	r, err := archive.OpenReadOnly(filepath.Join(h.dir, "runs"), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// writes counts the transactions that a run, which nothing has open, was written by.
func (h *harness) writes(t *testing.T, name string) (n int) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(h.dir, "runs", name, "run.db"), 0o644, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func content(t *testing.T, r *archive.Reader) string {
	t.Helper()
	hash, err := r.ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func totals(t *testing.T, r *archive.Reader) archive.Totals {
	t.Helper()
	totals, err := r.Totals()
	if err != nil {
		t.Fatal(err)
	}
	return totals
}

// differences says in which candidates, and where in them, two runs differ.
func differences(t *testing.T, a, b *archive.Reader) string {
	t.Helper()
	return cmp.Diff(candidates(t, a), candidates(t, b), cmpopts.IgnoreFields(archive.Candidate{}, "Created"))
}

func candidates(t *testing.T, r *archive.Reader) []archive.Candidate {
	t.Helper()
	var all []archive.Candidate
	for c, err := range r.Candidates(1) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}
