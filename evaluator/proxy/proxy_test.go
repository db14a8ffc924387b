package proxy

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// planOf compiles an objective of the catalog.
func planOf(t testing.TB, name string) *graph.Plan {
	t.Helper()
	entry, ok := catalog.Lookup(name)
	if !ok {
		t.Fatalf("no objective %q", name)
	}
	g, err := entry.Graph()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// smallText is a task that trains in milliseconds.
func smallText() Definition {
	d, err := Lookup("reviews")
	if err != nil {
		panic(err)
	}
	text := *d.Text
	text.Corpus, text.NewTokens, text.Pairs, text.Hidden = 100, 8, 24, 6
	text.Reference.Steps, text.Reference.Batch = 20, 16
	d.Text = &text
	d.Training.Steps, d.Training.BatchPairs, d.Training.WarmUp = 8, 8, 2
	return d
}

func mustTrain(t testing.TB, instance evaluator.Instance, plan *graph.Plan, beta float64) evaluator.Outcome {
	t.Helper()
	out, err := instance.Train(context.Background(), plan, beta)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryTaskIsKnownByName(t *testing.T) {
	for _, d := range Definitions() {
		if _, err := Lookup(d.Name); err != nil {
			t.Error(err)
		}
		if (d.Text == nil) == (d.Bandit == nil) {
			t.Errorf("task %q is not of exactly one kind", d.Name)
		}
		if d.About == "" || d.Version < 1 {
			t.Errorf("task %q: about %q, version %d", d.Name, d.About, d.Version)
		}
	}
	_, err := Source{}.Describe("revues")
	if err == nil || !strings.Contains(err.Error(), `"revues"`) || !strings.Contains(err.Error(), "reviews-flip") {
		t.Errorf("error = %v, want it to name the unknown and the known tasks", err)
	}
}

func TestIdentityChangesWithTheParameters(t *testing.T) {
	a := smallText()
	seen := map[string]string{a.identity(): "the task itself"}
	for name, change := range map[string]func(*Definition){
		"version": func(d *Definition) { d.Version++ },
		"text":    func(d *Definition) { text := *d.Text; text.Flip = .1; d.Text = &text },
		"fit":     func(d *Definition) { text := *d.Text; text.Reference.Rate = .1; d.Text = &text },
		"recipe":  func(d *Definition) { d.Training.MicroBatch = 4 },
	} {
		b := a
		change(&b)
		if other, same := seen[b.identity()]; same {
			t.Errorf("a change of the %s has the identity of %s", name, other)
		}
		seen[b.identity()] = name
	}
	b := a
	b.About = "other words"
	if a.identity() != b.identity() {
		t.Error("the identity depends on the description")
	}
}

func TestOutcomesAreReproducible(t *testing.T) {
	small := func(seed uint64) evaluator.Instance {
		setup, err := drawSetup(context.Background(), smallText(), seed)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newTextInstance(smallText(), seed, setup)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	bandit, err := Source{}.Prepare(context.Background(), "bandit", 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, instance := range map[string]evaluator.Instance{"text": small(1), "bandit": bandit} {
		plan := planOf(t, "dpo")
		want := mustTrain(t, instance, plan, .1)
		if want.BlewUp || want.KL <= 0 || want.Reward == instance.Reference().Reward {
			t.Errorf("%s: training led from %+v to %+v", name, instance.Reference(), want)
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if got := mustTrain(t, instance, plan, .1); got != want {
					t.Errorf("%s: outcome %+v, then %+v", name, want, got)
				}
			})
		}
		wait.Wait()
	}
	if small(1).Reference() != small(1).Reference() || small(1).Reference() == small(2).Reference() {
		t.Error("the reference is not a function of the seed")
	}
}

func TestCachedSetupIsTheDrawnOne(t *testing.T) {
	d := smallText()
	source := Source{Cache: evaluator.Cache{Dir: t.TempDir()}}
	drawn, err := source.setup(context.Background(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(source.Cache.Dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the cache holds %v, error %v, want one file", files, err)
	}
	cached, err := source.setup(context.Background(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	if string(cached.encode()) != string(drawn.encode()) {
		t.Error("the cached set-up differs from the drawn one")
	}
	if err := os.Truncate(files[0], 1000); err != nil {
		t.Fatal(err)
	}
	again, err := source.setup(context.Background(), d, 1)
	if err != nil || string(again.encode()) != string(drawn.encode()) {
		t.Errorf("a damaged cache changed the set-up, error %v", err)
	}
}

func TestPrepareAndTrainStopWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	source := Source{Cache: evaluator.Cache{Dir: t.TempDir()}}
	if _, err := source.Prepare(ctx, "reviews", 1); err == nil {
		t.Error("a cancelled Prepare returned an instance")
	}
	bandit, err := source.Prepare(context.Background(), "bandit", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bandit.Train(ctx, planOf(t, "dpo"), .1); err != context.Canceled {
		t.Errorf("error = %v, want the context's", err)
	}
}

func TestBlowUpIsAnOutcome(t *testing.T) {
	bandit, err := Source{}.Prepare(context.Background(), "bandit-stress", 1)
	if err != nil {
		t.Fatal(err)
	}
	if out := mustTrain(t, bandit, planOf(t, "cell"), 5); !out.BlewUp {
		t.Errorf("cell at beta 5 reached %+v, want it to blow up", out)
	}
	if out := mustTrain(t, bandit, planOf(t, "dpo"), 5); out.BlewUp {
		t.Error("dpo at beta 5 blew up")
	}
}
