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
	Objective      string    `json:"objective"`
	Beta           float64   `json:"beta"`
	PolicyChosen   []float64 `json:"policy_chosen"`
	PolicyRejected []float64 `json:"policy_rejected"`
	RefChosen      []float64 `json:"ref_chosen"`
	RefRejected    []float64 `json:"ref_rejected"`
	ChosenLen      []float64 `json:"chosen_len"`
	RejectedLen    []float64 `json:"rejected_len"`
	Loss           []float64 `json:"loss"`
	GradChosen     []float64 `json:"grad_policy_chosen"`
	GradRejected   []float64 `json:"grad_policy_rejected"`
}

func (v *vector) batch() *graph.Batch {
	return &graph.Batch{
		PolicyChosen: v.PolicyChosen, PolicyRejected: v.PolicyRejected,
		RefChosen: v.RefChosen, RefRejected: v.RefRejected,
		ChosenLen: v.ChosenLen, RejectedLen: v.RejectedLen, Beta: v.Beta,
	}
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
		got := run(t, e, c.batch())
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
