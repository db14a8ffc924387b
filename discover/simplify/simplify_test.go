package simplify_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/objdisco/discover/discover/simplify"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func trace(t testing.TB, loss func(objective.Batch) objective.Vec) *graph.Graph {
	t.Helper()
	g, err := objective.Trace(loss)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func known(t testing.TB, name string) *graph.Graph {
	t.Helper()
	e, ok := catalog.Lookup(name)
	if !ok {
		t.Fatalf("no %q", name)
	}
	return trace(t, e.Loss)
}

func bh(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta) }

// likeness judges an objective by how like target's its gradients are: its
// fitness is minus their difference relative to their size, and the verdict is
// same up to a hundredth.
func likeness(t testing.TB, target *graph.Graph) simplify.Judge {
	want := gradients(t, target)
	return func(_ context.Context, g *graph.Graph) (*evaluator.Metrics, string, error) {
		off, size, verdict := 0., 0., evaluator.Same
		for i, v := range gradients(t, g) {
			off, size = off+math.Abs(v-want[i]), size+math.Abs(want[i])
		}
		if !(off < size/100) {
			verdict = evaluator.Worse
		}
		f := -off / size
		return &evaluator.Metrics{Fitness: f, PerSeed: []float64{f - .001, f + .001}, Verdict: verdict}, "", nil
	}
}

// gradients are those of margins from −5 to 5.
func gradients(t testing.TB, g *graph.Graph) []float64 {
	t.Helper()
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	b := &graph.Batch{Beta: .3, Progress: .4}
	for m := -5.; m <= 5; m++ {
		b.PolicyChosen, b.PolicyRejected = append(b.PolicyChosen, -30+m), append(b.PolicyRejected, -31-.5*m)
		b.RefChosen, b.RefRejected = append(b.RefChosen, -30), append(b.RefRejected, -31)
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, 20-m), append(b.RejectedLen, 20+m)
	}
	var r graph.Result
	plan.NewRunner().Run(b, 2, &r)
	return slices.Concat(r.GradChosen, r.GradRejected)
}

// padded are objectives that are a known one but for padding.
var padded = []struct {
	what, known string
	loss        func(objective.Batch) objective.Vec
}{
	{"a small square", "dpo", func(b objective.Batch) objective.Vec {
		return bh(b).Neg().Softplus().Add(bh(b).Square().Scale(.0001))
	}},
	{"a factor", "dpo", func(b objective.Batch) objective.Vec { return bh(b).Neg().Softplus().Scale(1.0003) }},
	{"all kinds of padding", "dpo", func(b objective.Batch) objective.Vec {
		x := bh(b).AddConst(.0004).Scale(.99987)
		tiny := b.ChosenLen.Log().Mul(b.LogRatioChosen().Detach()).Scale(1e-6)
		gate := b.Progress.Scale(.0001).AddConst(1)
		return x.Neg().Softplus().Mul(gate).Sub(tiny.Tanh()).Add(bh(b).Std().Scale(1e-5))
	}},
	{"a clamp far away", "hinge", func(b objective.Batch) objective.Vec {
		return bh(b).Neg().AddConst(1.00002).ReLU().ClampMax(1e6)
	}},
}

func TestPaddingGoes(t *testing.T) {
	for _, tt := range padded {
		t.Run(tt.what, func(t *testing.T) {
			want := known(t, tt.known)
			r, err := simplify.Simplify(t.Context(), trace(t, tt.loss), likeness(t, want), simplify.Limits{Evaluations: 60, Give: .001})
			if err != nil {
				t.Fatal(err)
			}
			got, _ := graph.Fingerprint(r.Simplest.Graph)
			if fingerprint, _ := graph.Fingerprint(want); got != fingerprint {
				t.Errorf("simplified to %s, want %s", graph.Formula(r.Simplest.Graph), graph.Formula(want))
			}
			if r.Simplest.Operations() >= r.Original.Operations() {
				t.Errorf("%d operations became %d", r.Original.Operations(), r.Simplest.Operations())
			}
		})
	}
}

// What is computed of constants alone is folded before anything is scored, and in
// every edit: no evaluation goes to it.
func TestConstantsAreFolded(t *testing.T) {
	loss := func(b objective.Batch) objective.Vec {
		l := bh(b).LogSigmoid()
		gate := objective.Const(.83).Sigmoid().Add(b.Progress.Scale(.0001).Tanh())
		return l.Scale(.64).Add(l.Mul(gate)).Mul(objective.Const(2).Log()).Neg()
	}
	judge := likeness(t, trace(t, loss))
	r, err := simplify.Simplify(t.Context(), trace(t, loss), func(ctx context.Context, g *graph.Graph) (*evaluator.Metrics, string, error) {
		for _, n := range g.Nodes {
			if len(n.Args) > 0 && !slices.ContainsFunc(n.Args, func(a int) bool { return g.Nodes[a].Op != graph.Const }) {
				t.Errorf("%s of constants in %s", n.Op, graph.Formula(g))
			}
		}
		return judge(ctx, g)
	}, simplify.Limits{Evaluations: 60, Give: .001})
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range r.Trials {
		if trial.Part == "σ(0.83)" || trial.Part == "log(2)" {
			t.Errorf("an evaluation was spent on %s instead of %s", trial.Instead, trial.Part)
		}
	}
	// Without the padding there is one multiple of the logistic loss left.
	if n := r.Simplest.Operations(); n > operationsOf(t, "dpo")+1 {
		t.Errorf("%s has %d operations", graph.Formula(r.Simplest.Graph), n)
	}
}

func operationsOf(t *testing.T, name string) int {
	return simplify.Scored{Graph: known(t, name)}.Operations()
}

// What an objective needs stays, and the report says what it is worth.
func TestWhatMattersStays(t *testing.T) {
	lrml := known(t, "lrml")
	r, err := simplify.Simplify(t.Context(), lrml, likeness(t, lrml), simplify.Limits{Evaluations: 300, Give: .001})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Complete {
		t.Errorf("not complete after %d evaluations", r.Evaluations)
	}
	if lost := -r.Simplest.Metrics.Fitness; lost > .001 {
		t.Errorf("%s is %v away from lrml", graph.Formula(r.Simplest.Graph), lost)
	}
	if !slices.ContainsFunc(r.Trials, func(t simplify.Trial) bool {
		return !t.Removed && t.Worth > .01 && t.CI95[0] <= t.Worth && t.Worth <= t.CI95[1] && strings.Contains(t.Part, "σ(")
	}) {
		t.Errorf("no trial says what the gate is worth: %+v", r.Trials)
	}
}

func TestLimits(t *testing.T) {
	g := trace(t, padded[2].loss)
	var judged []string
	judge := likeness(t, known(t, "dpo"))
	count := func(ctx context.Context, g *graph.Graph) (*evaluator.Metrics, string, error) {
		judged = append(judged, g.Hash())
		return judge(ctx, g)
	}
	for _, n := range []int{1, 2, 7} {
		judged = nil
		r, err := simplify.Simplify(t.Context(), g, count, simplify.Limits{Evaluations: n, Give: .001})
		if err != nil {
			t.Fatal(err)
		}
		if len(judged) != n || r.Evaluations != n || len(r.Trials) != n-1 || r.Complete {
			t.Errorf("limit %d: %d judged, result %+v", n, len(judged), r)
		}
		slices.Sort(judged)
		if len(slices.Compact(judged)) != n {
			t.Errorf("limit %d: an objective was judged twice", n)
		}
	}
	if _, err := simplify.Simplify(t.Context(), g, count, simplify.Limits{}); err == nil {
		t.Error("no evaluations: no error")
	}
}

// Give bounds the loss of all removals together.
func TestGive(t *testing.T) {
	g := trace(t, padded[2].loss)
	lost := func(give float64) float64 {
		// Every operation is worth .001.
		r, err := simplify.Simplify(t.Context(), g, func(_ context.Context, g *graph.Graph) (*evaluator.Metrics, string, error) {
			fitness := .001 * float64(simplify.Scored{Graph: g}.Operations())
			return &evaluator.Metrics{Fitness: fitness, PerSeed: []float64{fitness, fitness}, Verdict: evaluator.Better}, "", nil
		}, simplify.Limits{Evaluations: 100, Give: give})
		if err != nil {
			t.Fatal(err)
		}
		return r.Original.Metrics.Fitness - r.Simplest.Metrics.Fitness
	}
	if d := lost(0); d != 0 {
		t.Errorf("give 0 lost %g", d)
	}
	if d := lost(.0045); !(d > .001 && d <= .0045) {
		t.Errorf("give .0045 lost %g", d)
	}
}

// A part goes only if the verdict is as good without it.
func TestVerdictStands(t *testing.T) {
	for _, tt := range []struct {
		before, after evaluator.Verdict
		want          bool
	}{
		{evaluator.Better, evaluator.Better, true}, {evaluator.Better, evaluator.Undecided, false}, {evaluator.Better, evaluator.Same, false},
		{evaluator.Undecided, evaluator.Better, true}, {evaluator.Undecided, evaluator.Worse, false}, {evaluator.Same, evaluator.Undecided, false},
		{evaluator.Worse, evaluator.Undecided, true},
	} {
		verdict := tt.before
		r, err := simplify.Simplify(t.Context(), trace(t, padded[2].loss), func(context.Context, *graph.Graph) (*evaluator.Metrics, string, error) {
			m := &evaluator.Metrics{PerSeed: []float64{0, 0}, Verdict: verdict}
			verdict = tt.after
			return m, "", nil
		}, simplify.Limits{Evaluations: 3, Give: 1})
		if err != nil || r.Trials[0].Removed != tt.want {
			t.Errorf("from %s to %s: %+v, %v", tt.before, tt.after, r.Trials, err)
		}
	}
}

// Where the verdict does not say how bad an objective may be, the paired seeds must
// show that it has not lost more than the limit against the original.
func TestPairedSeedsDecideWithoutAVerdict(t *testing.T) {
	before := []float64{-.03, .01, .05, -.01}
	for _, tt := range []struct {
		what    string
		verdict evaluator.Verdict // of both
		lost    []float64         // of each seed
		want    bool
	}{
		{"nothing is lost", evaluator.Undecided, []float64{0, 0, 0, 0}, true},
		{"surely less than the limit", evaluator.Undecided, []float64{.0004, .0006, .0005, .0005}, true},
		{"surely more than the limit", evaluator.Undecided, []float64{.02, .021, .02, .019}, false},
		{"a little more on the mean", evaluator.Undecided, []float64{.0011, .0011, .0011, .0011}, false},
		{"nothing on the mean, of which the seeds know little", evaluator.Undecided, []float64{.05, -.05, .04, -.04}, false},
		{"a lucky gain, of which the seeds know little", evaluator.Undecided, []float64{.05, -.08, .04, -.06}, false},
		{"a gain that is sure", evaluator.Undecided, []float64{-.05, -.06, -.05, -.055}, true},
		{"worse, and nothing on the mean", evaluator.Worse, []float64{.05, -.05, .04, -.04}, false},
		{"better says enough", evaluator.Better, []float64{.003, -.003, .004, -.004}, true},
		{"better, and too much is lost", evaluator.Better, []float64{.003, .001, .004, .002}, false},
		{"same says enough", evaluator.Same, []float64{.003, -.003, .004, -.004}, true},
	} {
		lost := make([]float64, len(before))
		r, err := simplify.Simplify(t.Context(), trace(t, padded[2].loss), func(context.Context, *graph.Graph) (*evaluator.Metrics, string, error) {
			m := &evaluator.Metrics{Verdict: tt.verdict}
			for i, v := range before {
				m.PerSeed = append(m.PerSeed, v-lost[i])
				m.Fitness += (v - lost[i]) / float64(len(before))
			}
			lost = tt.lost
			return m, "", nil
		}, simplify.Limits{Evaluations: 2, Give: .001})
		if err != nil || r.Trials[0].Removed != tt.want {
			t.Errorf("%s: %+v, %v; want removed %v", tt.what, r.Trials, err, tt.want)
		}
	}
}

// What is lost counts against the original, not against the step before.
func TestLossesAddUp(t *testing.T) {
	calls := 0.
	r, err := simplify.Simplify(t.Context(), trace(t, padded[2].loss), func(context.Context, *graph.Graph) (*evaluator.Metrics, string, error) {
		fitness := -.0004 * calls
		calls++
		return &evaluator.Metrics{Fitness: fitness, PerSeed: []float64{fitness + .1, fitness - .1}, Verdict: evaluator.Undecided}, "", nil
	}, simplify.Limits{Evaluations: 6, Give: .001})
	if err != nil {
		t.Fatal(err)
	}
	removed := 0
	for _, trial := range r.Trials {
		if trial.Removed {
			removed++
		}
	}
	if removed != 2 {
		t.Errorf("%d parts of .0004 each went, want 2: %+v", removed, r.Trials)
	}
}

func TestUnscored(t *testing.T) {
	g, calls := known(t, "lrml"), 0
	r, err := simplify.Simplify(t.Context(), g, func(context.Context, *graph.Graph) (*evaluator.Metrics, string, error) {
		if calls++; calls > 1 {
			return nil, "it blew up", nil
		}
		return &evaluator.Metrics{PerSeed: []float64{0, 0}}, "", nil
	}, simplify.Limits{Evaluations: 5})
	if err != nil || len(r.Trials) != 4 || r.Trials[0].Unscored != "it blew up" || r.Trials[0].Removed {
		t.Errorf("%+v, %v", r, err)
	}
	refused := func(context.Context, *graph.Graph) (*evaluator.Metrics, string, error) { return nil, "no policy", nil }
	if _, err := simplify.Simplify(t.Context(), g, refused, simplify.Limits{Evaluations: 5}); err == nil || !strings.Contains(err.Error(), "no policy") {
		t.Errorf("unscored original: %v", err)
	}
	broken := errors.New("broken")
	fails := func(context.Context, *graph.Graph) (*evaluator.Metrics, string, error) { return nil, "", broken }
	if _, err := simplify.Simplify(t.Context(), g, fails, simplify.Limits{Evaluations: 5}); !errors.Is(err, broken) {
		t.Errorf("failing judge: %v", err)
	}
}

func TestReproducible(t *testing.T) {
	run := func() simplify.Result {
		r, err := simplify.Simplify(t.Context(), trace(t, padded[2].loss), likeness(t, known(t, "dpo")), simplify.Limits{Evaluations: 12, Give: .001})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Error(diff)
	}
}

// A part that was refused is not scored again as the sum of its parts: a term, its
// factor and what is inside, each made constant, all leave out the same.
func TestWhatTrainsAlikeIsScoredOnce(t *testing.T) {
	mixed := trace(t, func(b objective.Batch) objective.Vec {
		return bh(b).Neg().Softplus().Add(bh(b).Neg().AddConst(1).ReLU().Scale(.3))
	})
	judge, calls := likeness(t, mixed), map[string]int{}
	count := func(ctx context.Context, g *graph.Graph) (*evaluator.Metrics, string, error) {
		fingerprint, err := graph.Fingerprint(g)
		if err != nil {
			t.Fatal(err)
		}
		calls[fingerprint]++
		return judge(ctx, g)
	}
	r, err := simplify.Simplify(t.Context(), mixed, count, simplify.Limits{Evaluations: 100, Give: .001})
	if err != nil || !r.Complete || len(r.Trials) < 5 {
		t.Fatalf("%v, complete %v, %d trials", err, r.Complete, len(r.Trials))
	}
	for fingerprint, n := range calls {
		if n > 1 {
			t.Errorf("%s was scored %d times", fingerprint, n)
		}
	}
}
