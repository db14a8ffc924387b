package source_test

import (
	"flag"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/discover/propose/source"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checkRoundTrip prints g, requires gofmt's formatting and lines that fit a
// screen, and requires the trace of the text to be g.
func checkRoundTrip(t interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}, g *graph.Graph) {
	t.Helper()
	text := source.Print(g, "Loss is a test of printing.")
	formatted, err := format.Source([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if string(formatted) != text {
		t.Errorf("not as gofmt writes it:\n%s", cmp.Diff(text, string(formatted)))
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 240 {
			t.Errorf("line of %d characters: %s", len(line), line)
		}
	}
	traced, err := graphtest.Trace(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if traced.Hash() != g.Hash() {
		t.Errorf("the trace of the text is another graph:\n%s", text)
	}
}

func TestPrintRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkRoundTrip(t, graphtest.Draw(t)) })
}

func TestPrintCatalog(t *testing.T) {
	for _, e := range catalog.All() {
		t.Run(e.Name, func(t *testing.T) {
			g, err := e.Graph()
			if err != nil {
				t.Fatal(err)
			}
			checkRoundTrip(t, g)
		})
	}
}

func TestPrintGolden(t *testing.T) {
	tests := []struct {
		name, comment string
		loss          func(objective.Batch) objective.Vec
	}{
		{"dpo", "Loss is the logistic loss.", func(b objective.Batch) objective.Vec {
			return b.Margin().Mul(b.Beta).Neg().Softplus()
		}},
		{"shared", "Loss blends two links by a gate. The comment is long enough that it has to go on in a second line.",
			func(b objective.Batch) objective.Vec {
				x := b.Margin().Mul(b.Beta)
				gate := x.Scale(20).Sigmoid()
				return x.Neg().Softplus().Mul(gate.Neg().AddConst(1)).Add(x.Neg().Exp().Mul(gate))
			}},
		{"halves", "", func(b objective.Batch) objective.Vec {
			chosen, rejected := b.LogRatioChosen().Mul(b.Beta), b.LogRatioRejected().Mul(b.Beta)
			anchor := chosen.Add(rejected).Mean().ClampMin(0).Detach()
			return chosen.Sub(anchor).Neg().Sigmoid().Add(rejected.Sub(anchor).Sigmoid())
		}},
		{"params", "Loss has parameters whose names Go reserves.", func(b objective.Batch) objective.Vec {
			r, length := objective.Param("range", .5), objective.Param("len", 1e-3)
			mask := b.ChosenLen.Greater(b.RejectedLen.Mul(length))
			return objective.Where(mask, b.Margin().Mul(r).Square(), objective.Const(2).Sub(b.PolicyChosen))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := objective.Trace(tt.loss)
			if err != nil {
				t.Fatal(err)
			}
			got, path := source.Print(g, tt.comment), filepath.Join("testdata", tt.name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("Print (-want +got):\n%s", diff)
			}
			checkRoundTrip(t, g)
		})
	}
}
