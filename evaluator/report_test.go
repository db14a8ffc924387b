package evaluator

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/graph"
)

func TestReportsHaveTheDocumentedShape(t *testing.T) {
	m := &Metrics{
		Fitness: .25, CI95: Interval{.125, .375}, Verdict: Better,
		Tasks: []TaskScore{{Task: "reviews", Advantage: .5, CI95: Interval{.25, .75}, Verdict: Better}},
		Cells: []Cell{
			{Task: "reviews", Beta: .1, Seed: 3, Reward: .5, KL: .25, Seconds: .125},
			{Task: "reviews", Beta: 1, Seed: 3, BlewUp: true},
		},
	}
	one := &Metrics{CI95: Interval{math.Inf(-1), math.Inf(1)}, Verdict: Undecided}
	reports := Reports{Results: []Report{
		Scored("lrml", m),
		Scored("one seed", one),
		Failed("sft", &Failure{Stage: StageScreen, Reason: "hopeless"}),
		Rejected("bad.go", "parse", "not Go"),
	}, Setting: Setting{Tasks: []json.RawMessage{[]byte(`{"name":"reviews","version":1}`)}, Tier: "avx2"}}
	data, err := json.Marshal(reports)
	if err != nil {
		t.Fatal(err)
	}
	// Keys beyond those that DESIGN documents may be added, so the task is
	// compared by its documented keys.
	for _, want := range []string{
		`{"results":[{"objective":"lrml"`, `],"tasks":[{"name":"reviews","version":1}],"tier":"avx2"}`,
		`{"objective":"lrml","status":"ok","stage":"","reason":"","fitness":0.25,"ci95":[0.125,0.375],"verdict":"better","tasks":[{"task":"reviews","advantage":0.5,"ci95":[0.25,0.75],"verdict":"better",`,
		`"cells":[{"task":"reviews","beta":0.1,"seed":3,"reward":0.5,"kl":0.25,"blew_up":false,"seconds":0.125},{"task":"reviews","beta":1,"seed":3,"reward":null,"kl":null,"blew_up":true,"seconds":0}]`,
		`{"objective":"one seed","status":"ok","stage":"","reason":"","fitness":0,"ci95":null,"verdict":"undecided","tasks":[],"cells":[],"beside":[],"label_noise":null,"stress":null}`,
		`{"objective":"sft","status":"failed","stage":"screen","reason":"hopeless","fitness":null,"ci95":null,"verdict":null,"tasks":[],"cells":[],"beside":[],"label_noise":null,"stress":null}`,
		`{"objective":"bad.go","status":"rejected","stage":"parse","reason":"not Go","fitness":null,"ci95":null,"verdict":null,"tasks":[],"cells":[],"beside":[],"label_noise":null,"stress":null}`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s\nin %s", want, data)
		}
	}
}

func TestCellJSON(t *testing.T) {
	for _, cell := range []Cell{
		{Task: "reviews", Beta: .1, Seed: math.MaxUint64, Reward: .1 + .2, KL: 1e-300, Seconds: .5},
		{Task: "reviews", Beta: .1, BlewUp: true},
	} {
		data, err := json.Marshal(cell)
		if err != nil {
			t.Fatal(err)
		}
		var back Cell
		if err := json.Unmarshal(data, &back); err != nil || back != cell {
			t.Errorf("%s reads back as %+v, %v", data, back, err)
		}
	}
}

func TestNothingThatIsNotFiniteGetsIntoACell(t *testing.T) {
	nan := math.NaN()
	for _, out := range []Outcome{{Reward: nan}, {KL: nan}, {KL: math.Inf(1)}, {Reward: nan, KL: nan, BlewUp: true}} {
		cell := newCell(Key{Task: "reviews"}, out, 0)
		if cell != (Cell{Task: "reviews", BlewUp: true}) {
			t.Errorf("%+v became %+v", out, cell)
		}
	}
	if cell := newCell(Key{}, Outcome{KL: -1e-12, Reward: .5}, 0); cell.KL != 0 || cell.BlewUp {
		t.Errorf("a KL a rounding below zero became %+v", cell)
	}
}

// An archive stores metrics as JSON and must read back what it stored.
func TestMetricsSurviveJSON(t *testing.T) {
	m, _, err := newEvaluator(t, &fakeSource{noise: .01}, 2).Evaluate(t.Context(), skilled(explosiveAt), Effort{NoScreen: true}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Metrics
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, &back); diff != "" {
		t.Error(diff)
	}
}

func TestEffort(t *testing.T) {
	tests := []struct {
		effort Effort
		min    int
		max    int
		wrong  string
	}{
		{Effort{}, 2, 4, ""},
		{Effort{MaxSeeds: 1}, 1, 1, ""},
		{Effort{MinSeeds: 6}, 6, 6, ""},
		{Effort{MinSeeds: 3, MaxSeeds: 5}, 3, 5, ""},
		{Effort{MinSeeds: 3, MaxSeeds: 2}, 3, 2, "max_seeds: 2 is less than min_seeds 3"},
		{Effort{MinSeeds: -1}, -1, 4, "min_seeds: -1"},
		{Effort{Tasks: []string{}}, 2, 4, "tasks: none"},
		{Effort{Tasks: []string{"a", "a"}}, 2, 4, "twice"},
		{Effort{Betas: []float64{}}, 2, 4, "betas: none"},
		{Effort{Betas: []float64{.1, .1}}, 2, 4, "betas: [0.1 0.1] holds one twice"},
		{Effort{Budgets: []float64{math.NaN()}}, 2, 4, "budgets: NaN"},
	}
	for _, test := range tests {
		full := test.effort.withDefaults()
		if full.MinSeeds != test.min || full.MaxSeeds != test.max {
			t.Errorf("%+v means %d to %d seeds, want %d to %d", test.effort, full.MinSeeds, full.MaxSeeds, test.min, test.max)
		}
		err := test.effort.Validate()
		if (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%+v: %v, want %q", test.effort, err, test.wrong)
		}
		if !reflect.DeepEqual(full, full.withDefaults()) {
			t.Errorf("%+v: defaults are not settled", test.effort)
		}
	}
}

// The dense grid is what DESIGN asks for: 15 betas with the 7 among them.
func TestDenseGrid(t *testing.T) {
	if got := baselineBetas(DefaultBudgets()); len(got) != 15 {
		t.Errorf("%d betas: %v", len(got), got)
	}
	betas := baselineBetas(DefaultBetas())
	if len(betas) != 15 {
		t.Errorf("the default betas are not in the grid: %v", betas)
	}
	for i := 1; i < len(betas); i++ {
		if ratio := betas[i] / betas[i-1]; ratio < 1.35 || ratio > 1.42 {
			t.Errorf("%v to %v is a factor of %v", betas[i-1], betas[i], ratio)
		}
	}
	if got := baselineBetas([]float64{.07}); len(got) != 16 {
		t.Errorf("a budget of its own is not trained: %v", got)
	}
}

// dpo is −log σ(β·margin): with β = .5 and a margin of (−1+3) − (−4+5) = 1
// it is log(1 + exp(−.5)), and its slope −.5·σ(−.5).
func TestDPOGraph(t *testing.T) {
	plan, err := graph.Compile(dpo())
	if err != nil {
		t.Fatal(err)
	}
	var out graph.Result
	plan.NewRunner().Run(&graph.Batch{
		PolicyChosen: []float64{-1}, RefChosen: []float64{-3},
		PolicyRejected: []float64{-4}, RefRejected: []float64{-5},
		ChosenLen: []float64{9}, RejectedLen: []float64{2}, Beta: .5,
	}, 0, &out)
	slope := -.5 / (1 + math.Exp(.5))
	if !closeTo([]float64{out.Loss[0], out.GradChosen[0], out.GradRejected[0]}, []float64{math.Log1p(math.Exp(-.5)), slope, -slope}) {
		t.Errorf("loss %v, gradients %v %v", out.Loss, out.GradChosen, out.GradRejected)
	}
}
