package catalog

import (
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// vector is one case computed by PyTorch's autograd in float64.
type vector struct {
	Objective string `json:"objective"`
	graph.Batch
	Loss         []float64 `json:"loss"`
	GradChosen   []float64 `json:"grad_policy_chosen"`
	GradRejected []float64 `json:"grad_policy_rejected"`
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/objectives.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []vector `json:"cases"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

func TestAgreesWithPyTorch(t *testing.T) {
	const tolerance = 1e-9 // relative
	cases := readVectors(t)
	if len(cases) != 116 {
		t.Fatalf("%d cases, want 116", len(cases))
	}
	for _, c := range cases {
		e, ok := Lookup(c.Objective)
		if !ok {
			t.Errorf("no entry %q", c.Objective)
			continue
		}
		got := run(t, e, &c.Batch)
		for _, check := range []struct {
			what      string
			got, want []float64
		}{{"loss", got.Loss, c.Loss}, {"chosen gradient", got.GradChosen, c.GradChosen}, {"rejected gradient", got.GradRejected, c.GradRejected}} {
			for i := range check.want {
				if d := math.Abs(check.got[i] - check.want[i]); !(d <= tolerance*math.Abs(check.want[i])) {
					t.Errorf("%s at beta %g: %s of pair %d is %v, want %v", c.Objective, c.Beta, check.what, i, check.got[i], check.want[i])
				}
			}
		}
	}
}

func run(t *testing.T, e Entry, b *graph.Batch) graph.Result {
	t.Helper()
	g, err := e.Graph()
	if err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	var out graph.Result
	plan.NewRunner().Run(b, 0, &out)
	return out
}

func TestEveryFolderIsAnEntry(t *testing.T) {
	files, err := fs.Glob(sources, "*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := path.Dir(file)
		if losses[name] == nil || path.Base(file) != name+".go" {
			t.Errorf("%s is not the file of an entry", file)
		}
	}
	if len(files) != len(losses) || len(All()) != len(losses) {
		t.Errorf("%d files, %d entries, want %d of each", len(files), len(All()), len(losses))
	}
}

func TestAllIsSortedWithDPOFirst(t *testing.T) {
	all := All()
	if all[0].Name != "dpo" {
		t.Errorf("the first entry is %q, want dpo", all[0].Name)
	}
	for i := 2; i < len(all); i++ {
		if all[i-1].Name >= all[i].Name {
			t.Errorf("%q comes before %q", all[i-1].Name, all[i].Name)
		}
	}
}

func TestAliasesLeadToEntries(t *testing.T) {
	for alias, name := range aliases {
		if losses[alias] != nil {
			t.Errorf("alias %q hides an entry", alias)
		}
		if e, ok := Lookup(alias); !ok || e.Name != name {
			t.Errorf("Lookup(%q) = %q, %v, want %q", alias, e.Name, ok, name)
		}
	}
	if _, ok := Lookup("nonesuch"); ok {
		t.Error("Lookup finds an entry that does not exist")
	}
}

func TestFormulasAreThoseOfTheCode(t *testing.T) {
	for _, e := range All() {
		g, err := e.Graph()
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		if want := graph.Formula(g); e.Formula != want {
			t.Errorf("%s: the comment should say\n//   - Formula: %s", e.Name, want)
		}
	}
}

// TestClosedForms checks the entries that have no PyTorch vectors against the
// definitions in their papers.
func TestClosedForms(t *testing.T) {
	logSigmoid := func(x float64) float64 { return -math.Log1p(math.Exp(-x)) }
	logOdds := func(logp float64) float64 { return math.Log(math.Exp(logp) / (1 - math.Exp(logp))) }
	// pair holds the log-probabilities and log-ratios of a pair and its lengths.
	type pair struct{ chosen, rejected, c, r, chosenLen, rejectedLen, beta float64 }
	forms := map[string]func(p pair) float64{
		"orpo": func(p pair) float64 { // likelihood and log odds ratio, log-probabilities per token
			w, l := p.chosen/p.chosenLen, p.rejected/p.rejectedLen
			return -w - p.beta*logSigmoid(logOdds(w)-logOdds(l))
		},
		"irpo": func(p pair) float64 {
			return -logSigmoid(p.beta*(p.c-p.r)) - p.chosen/p.chosenLen
		},
		"rdpo": func(p pair) float64 {
			return -logSigmoid(p.beta*(p.c-p.r) + 0.05*(p.chosenLen-p.rejectedLen))
		},
		"fdpo_jsd": func(p pair) float64 { // f'(u) = log(2u/(1+u))
			score := func(x float64) float64 { return math.Log(2 * math.Exp(x) / (1 + math.Exp(x))) }
			return -logSigmoid(p.beta*score(p.c) - p.beta*score(p.r))
		},
		"fdpo_fkl": func(p pair) float64 { // f'(u) = −1/u
			return -logSigmoid(p.beta*-1/math.Exp(p.c) - p.beta*-1/math.Exp(p.r))
		},
	}
	covered := map[string]bool{}
	cases := readVectors(t)
	for _, c := range cases {
		covered[c.Objective] = true
	}
	for _, e := range All() {
		form, ok := forms[e.Name]
		if !ok && !covered[e.Name] {
			t.Errorf("%s is checked against nothing", e.Name)
		}
		for _, c := range cases[:4] {
			if !ok {
				break
			}
			got := run(t, e, &c.Batch)
			for i, loss := range got.Loss {
				want := form(pair{
					c.PolicyChosen[i], c.PolicyRejected[i], c.PolicyChosen[i] - c.RefChosen[i], c.PolicyRejected[i] - c.RefRejected[i],
					c.ChosenLen[i], c.RejectedLen[i], c.Beta,
				})
				if !(math.Abs(loss-want) <= 1e-9*math.Abs(want)) {
					t.Errorf("%s at beta %g: loss of pair %d is %v, want %v", e.Name, c.Beta, i, loss, want)
				}
			}
		}
	}
}

func TestParseEntry(t *testing.T) {
	const source = `// Package x is the loss x.
//
//   - Formula: h
//   - Paper: A title, with a comma, arXiv 2406.08414
//   - Betas: 0.05, 1 (as others do)
package x
`
	e, err := parseEntry("x", source)
	if err != nil {
		t.Fatal(err)
	}
	if e.Title != "loss x" || e.Formula != "h" || e.Paper != "A title, with a comma" ||
		e.URL != "https://arxiv.org/abs/2406.08414" || len(e.Betas) != 2 || e.Betas[0] != 0.05 || e.Betas[1] != 1 {
		t.Errorf("parsed %+v", e)
	}
}

func TestParseEntryRejects(t *testing.T) {
	const good = "- Formula: h\n//   - Paper: A, arXiv 2406.08414\n//   - Betas: 1"
	for what, comment := range map[string]string{
		"another package":  "Package y is a loss.\n//\n//   " + good,
		"a missing stop":   "Package x is a loss\n//\n//   " + good,
		"no formula":       "Package x is a loss.\n//\n//   - Paper: A, arXiv 2406.08414\n//   - Betas: 1",
		"no paper":         "Package x is a loss.\n//\n//   - Formula: h\n//   - Betas: 1",
		"no betas":         "Package x is a loss.\n//\n//   - Formula: h\n//   - Paper: A, arXiv 2406.08414",
		"a beta that is 0": "Package x is a loss.\n//\n//   - Formula: h\n//   - Paper: A, arXiv 2406.08414\n//   - Betas: 0",
	} {
		if _, err := parseEntry("x", "// "+comment+"\npackage x\n"); err == nil {
			t.Errorf("accepts %s", what)
		}
	}
}

func TestGraphRefusesALossThatIsNotPerPair(t *testing.T) {
	e := Entry{Loss: func(b objective.Batch) objective.Vec { return b.Beta }}
	if _, err := e.Graph(); err == nil {
		t.Error("a scalar loss is accepted")
	}
}
