package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bbolt "go.etcd.io/bbolt"
)

// create makes an archive in a fresh directory. When the test ends it is closed and
// must be consistent.
func create(t testing.TB) (a *Archive, dir string) {
	t.Helper()
	dir = t.TempDir()
	a, err := Create(dir, "run", settings())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		checkWithBolt(t, a)
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := Check(dir, "run"); err != nil {
			t.Errorf("after the test: %v", err)
		}
	})
	return a, dir
}

// checkWithBolt has bbolt's own checker look for what checkPages looks for.
func checkWithBolt(t testing.TB, a *Archive) {
	t.Helper()
	if a.file.db.Path() == "" { // the test closed it
		return
	}
	err := a.file.view(func(tx *bbolt.Tx) error {
		for problem := range tx.Check() {
			t.Errorf("bbolt's check: %v", problem)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func settings() Settings {
	return Settings{
		Config:     json.RawMessage(`{"candidates":30}`),
		ConfigHash: "c0ffee",
		Seed:       1<<63 + 1,
		Proposer:   "evolve",
		Version:    "test",
		Created:    time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC),
	}
}

// scored returns a candidate with every field set.
func scored(id int, fitness float64) Candidate {
	return Candidate{
		ID: id, Origin: "llm", Name: fmt.Sprintf("loss %d", id), Thought: "a thought, with \"quotes\"\nand lines",
		Code: "package candidate", Parents: []string{"1", "2"}, Operator: "mutate", Model: "m", Prompt: fmt.Sprintf("prompt %d", id), Rendered: fmt.Sprintf("another %d", id),
		Status:      Scored,
		Attempts:    []Attempt{{Code: "package", Rejection: Rejection{Stage: "parse", Line: 1, Column: 8, Reason: "no name", Hint: "name it"}}},
		Fingerprint: fmt.Sprintf("f%d", id), Graph: json.RawMessage(`{"version":1,"nodes":[],"output":0}`),
		Nearest: &Nearest{Name: "dpo", BetaScale: 0.5, Distance: 1e-17},
		Facts:   []string{"convex in the margin"},
		Score: &Score{
			Fitness: fitness, CI95: [2]float64{fitness - .1, fitness + .1}, Verdict: "undecided", Seeds: 2,
			Tasks:  []TaskScore{{Task: "reviews", Advantage: .004, CI95: [2]float64{.003, .005}, Verdict: "better"}},
			Detail: json.RawMessage(`{"personal":0.1}`),
		},
		Created: time.Date(2025, 1, 2, 3, 4, id, 0, time.UTC),
	}
}

func rejected(id int) Candidate {
	return Candidate{ID: id, Origin: "evolve", Name: "bad", Code: "?", Status: Rejected,
		Rejection: Rejection{Stage: "types", Line: 3, Column: 2, Reason: "undefined: x"}}
}

func cell(seed uint64) Cell {
	reward, kl := 0.93210123456789, 0.425
	return Cell{Task: "reviews", TaskVersion: "1", Beta: 0.1, Seed: seed, Reward: &reward, KL: &kl, Seconds: 0.25}
}

// failer is what *testing.T and *rapid.T share.
type failer interface {
	Helper()
	Fatal(...any)
}

func must[T any](v T, err error) func(failer) T {
	return func(t failer) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func readFile(t failer, path string) []byte {
	t.Helper()
	return must(os.ReadFile(path))(t)
}

func apply(t failer, a *Archive, cs ...Candidate) {
	t.Helper()
	for _, c := range cs {
		if err := a.Apply(c, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// Everything that is saved reads back as it was, also in another process's eyes.
func TestRecordsReadBack(t *testing.T) {
	dir := t.TempDir()
	a := must(Create(dir, "run", settings()))(t)
	want := scored(1, 0.25)
	reply := Reply{Turn: 0, Model: "m", Raw: "{\"code\": \"\u2028 <&>\"}", Finish: "stop", Usage: Usage{Calls: 1, InputTokens: 10, OutputTokens: 20, NanoUSD: 1500}, Seconds: 2}
	blewUp := Cell{Task: "reviews", TaskVersion: "1", Beta: 1, Seed: 1<<64 - 1, BlewUp: true}
	for _, err := range []error{
		a.SaveReply(1, reply), a.SaveCell(1, cell(7)), a.SaveCell(1, blewUp), a.SaveCell(0, cell(7)),
		a.Apply(want, json.RawMessage(`{"bandit":[1,2]}`)), a.SetStatus(Finished, ""), a.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := Check(dir, "run"); err != nil {
		t.Fatal(err)
	}
	r := must(OpenReadOnly(dir, "run"))(t)
	defer r.Close()
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"candidate", must(r.Candidate(1))(t), want},
		{"cells", must(r.Cells(1))(t), []Cell{cell(7), blewUp}},
		{"baseline", must(r.Cells(0))(t), []Cell{cell(7)}},
		{"replies", must(r.Replies(1))(t), []Reply{reply}},
		{"state", string(must(r.State())(t)), `{"bandit":[1,2]}`},
		{"run", must(r.Run())(t), Run{Name: "run", Settings: settings(), Status: Finished}},
		{"totals", must(r.Totals())(t), Totals{Candidates: map[string]int{Scored: 1}, Cells: 3, Usage: reply.Usage}},
		{"next", must(r.NextID())(t), 2},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

func TestApplyKeepsOrderAndRules(t *testing.T) {
	a, _ := create(t)
	nan := scored(1, 0)
	nan.Score.CI95[0] /= 0
	unscored := scored(1, 1)
	unscored.Score = nil
	for _, c := range []struct {
		name string
		c    Candidate
	}{
		{"gap", scored(2, 1)}, {"zero", scored(0, 1)}, {"not finite", nan}, {"scored without score", unscored},
		{"rejected with score", Candidate{ID: 1, Status: Rejected, Score: &Score{}}}, {"no status", Candidate{ID: 1}},
	} {
		if err := a.Apply(c.c, nil); err == nil {
			t.Errorf("%s: applied", c.name)
		}
	}
	apply(t, a, scored(1, 1))
	if err := a.Apply(scored(1, 1), nil); err == nil {
		t.Error("applied twice")
	}
	if _, err := a.Candidate(2); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing candidate: %v", err)
	}
}

func TestSavedOnce(t *testing.T) {
	a, _ := create(t)
	again := cell(1)
	again.Seconds = 99
	other := cell(1)
	other.Reward = new(float64)
	half := cell(2)
	half.KL = nil
	r := Reply{Raw: "first", Usage: Usage{Calls: 1, NanoUSD: 5}}
	for _, c := range []struct {
		name string
		err  error
		want error
	}{
		{"cell", a.SaveCell(1, cell(1)), nil},
		{"same cell", a.SaveCell(1, again), nil},
		{"other result", a.SaveCell(1, other), fs.ErrExist},
		{"reply", a.SaveReply(1, r), nil},
		{"same reply", a.SaveReply(1, r), nil},
		{"other reply", a.SaveReply(1, Reply{Raw: "second"}), fs.ErrExist},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.err, c.want)
		}
	}
	if err := a.SaveCell(1, half); err == nil {
		t.Error("saved a cell with a reward and no KL")
	}
	if got := must(a.Totals())(t); got.Cells != 1 || got.Usage != r.Usage {
		t.Errorf("counted %+v", got)
	}
	want := Usage{Calls: 3, OutputTokens: 6, NanoUSD: 19}
	if err := errors.Join(a.SaveLost(Usage{Calls: 1, NanoUSD: 7}), a.SaveLost(Usage{Calls: 1, OutputTokens: 6, NanoUSD: 7})); err != nil {
		t.Error(err)
	}
	for range 2 {
		if got := must(a.Totals())(t); got.Usage != want {
			t.Errorf("with lost replies: counted %+v, want %+v", got.Usage, want)
		}
		if err := a.Rebuild(); err != nil { // keeps them
			t.Error(err)
		}
	}
	if got, found, err := a.Reply(1, 0); err != nil || !found || got.Raw != "first" {
		t.Errorf("reply %+v, %v, %v", got, found, err)
	}
	if _, found, err := a.Reply(1, 1); err != nil || found {
		t.Errorf("reply of a turn that was not taken: %v, %v", found, err)
	}
}

func TestNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, "a b", "a:b", "-v", "a.", "con", "NUL.txt", "é", "a\x00b", string(make([]byte, 65))} {
		if _, err := Create(dir, name, settings()); err == nil {
			t.Errorf("created %q", name)
		}
		if _, err := Open(dir, name); err == nil {
			t.Errorf("opened %q", name)
		}
	}
	if left := must(os.ReadDir(dir))(t); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	for _, name := range []string{"a", "2025-01-02_quick.v1", "console"} {
		a := must(Create(dir, name, settings()))(t)
		a.Close()
	}
}

// A run that is made with what is in it is there when all is in it, or not at all:
// what a process that is killed leaves is what is seen from within.
func TestCreateFilled(t *testing.T) {
	dir := t.TempDir()
	full := errors.New("full")
	missing := func(when string) {
		t.Helper()
		if names, err := Names(dir); len(names) > 0 || err != nil {
			t.Errorf("%s there are runs %q, error %v", when, names, err)
		}
		if _, err := Open(dir, "r"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s it is opened with error %v", when, err)
		}
	}
	if err := CreateFilled(dir, "r", Settings{}, func(*Archive) error { return full }); !errors.Is(err, full) {
		t.Errorf("error %v, want that of fill", err)
	}
	missing("after an error")
	err := CreateFilled(dir, "r", Settings{}, func(a *Archive) error {
		missing("while it is filled")
		return a.Apply(rejected(1), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenReadOnly(dir, "r")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if next, err := r.NextID(); next != 2 || err != nil {
		t.Errorf("next candidate %d, error %v", next, err)
	}
	if err := CreateFilled(dir, "r", Settings{}, func(*Archive) error { return full }); !errors.Is(err, fs.ErrExist) {
		t.Errorf("again: error %v, want that it exists", err)
	}
}

func TestCreateAndOpenMissing(t *testing.T) {
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	if _, err := Create(dir, "run", settings()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create again: %v", err)
	}
	if _, err := Open(dir, "other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open missing: %v", err)
	}
	if _, err := OpenReadOnly(dir, "other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read missing: %v", err)
	}
	// A directory that a killed Create left without an archive is no run.
	if err := os.Mkdir(filepath.Join(dir, "half"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "half", "run.db.1.new"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := must(Create(dir, "half", settings()))(t)
	defer b.Close()
}

func TestListShowsEveryRun(t *testing.T) {
	t.Parallel()
	a, dir := create(t)
	apply(t, a, scored(1, 1), rejected(2))
	done := must(Create(dir, "done", settings()))(t)
	apply(t, done, rejected(1), scored(2, 3), scored(3, 2))
	if err := errors.Join(done.SetStatus(Finished, ""), done.Close()); err != nil {
		t.Fatal(err)
	}
	damagedRun(t, dir, "odd")
	os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o644)

	runs := must(List(dir))(t)
	if len(runs) != 3 {
		t.Fatalf("%d runs: %+v", len(runs), runs)
	}
	if r := runs[0]; r.Name != "done" || r.Err != nil || r.Live || r.Run.Status != Finished || r.Best == nil || r.Best.ID != 2 || r.Totals.Applied() != 3 {
		t.Errorf("done: %+v", r)
	}
	if r := runs[1]; r.Name != "odd" || !errors.Is(r.Err, ErrDamaged) {
		t.Errorf("odd: %+v", r)
	}
	if r := runs[2]; r.Name != "run" || !errors.Is(r.Err, ErrLocked) || !r.Live {
		t.Errorf("run: %+v", r)
	}
	if none, err := List(filepath.Join(dir, "none")); err != nil || len(none) != 0 {
		t.Errorf("missing directory: %v, %v", none, err)
	}
}

func damagedRun(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name, fileName), []byte("not an archive\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The hash covers content and nothing else.
func TestContentHash(t *testing.T) {
	hash := func(change func(*Candidate, *Cell, *Reply, *Settings)) string {
		c, k, r, s := scored(1, 1), cell(1), Reply{Raw: "x"}, settings()
		change(&c, &k, &r, &s)
		dir := t.TempDir()
		a := must(Create(dir, "run", s))(t)
		defer a.Close()
		if err := errors.Join(a.SaveReply(1, r), a.SaveCell(1, k), a.SaveCell(2, cell(9)), a.Apply(c, nil)); err != nil {
			t.Fatal(err)
		}
		return must(a.ContentHash())(t)
	}
	base := hash(func(*Candidate, *Cell, *Reply, *Settings) {})
	for name, same := range map[string]func(*Candidate, *Cell, *Reply, *Settings){
		"times": func(c *Candidate, k *Cell, r *Reply, s *Settings) {
			c.Created, k.Seconds, r.Seconds = time.Time{}, 9, 9
		},
		"spending": func(_ *Candidate, _ *Cell, r *Reply, _ *Settings) { r.Usage.InputTokens = 5 },
		"settings": func(_ *Candidate, _ *Cell, _ *Reply, s *Settings) { *s = Settings{Version: "2"} },
	} {
		if hash(same) != base {
			t.Errorf("%s changed the hash", name)
		}
	}
	for name, other := range map[string]func(*Candidate, *Cell, *Reply, *Settings){
		"code":     func(c *Candidate, _ *Cell, _ *Reply, _ *Settings) { c.Code += " " },
		"rendered": func(c *Candidate, _ *Cell, _ *Reply, _ *Settings) { c.Rendered += " " },
		"prompt":   func(c *Candidate, _ *Cell, _ *Reply, _ *Settings) { c.Prompt += " " },
		"score":    func(c *Candidate, _ *Cell, _ *Reply, _ *Settings) { c.Score.Fitness += 1e-15 },
		"cell":     func(_ *Candidate, k *Cell, _ *Reply, _ *Settings) { *k.KL += 1e-15 },
		"seed":     func(_ *Candidate, k *Cell, _ *Reply, _ *Settings) { k.Seed++ },
		"reply":    func(_ *Candidate, _ *Cell, r *Reply, _ *Settings) { r.Raw += " " },
	} {
		if hash(other) == base {
			t.Errorf("%s did not change the hash", name)
		}
	}
}
