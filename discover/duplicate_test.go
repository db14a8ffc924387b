package discover

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// A known loss with another beta, or times a constant, is answered without being
// trained; what is close to one, or too far scaled to have its fitness, is not.
func TestRescaledKnownLossIsADuplicate(t *testing.T) {
	s := newSearch(t, t.TempDir(), 1)
	s.Catalog = catalog.All()
	s.Config.Candidates = 0
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	sit := &sitting{Search: s}
	scaled := func(name string, beta, factor float64) func(objective.Batch) objective.Vec {
		e, ok := catalog.Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		return func(b objective.Batch) objective.Vec {
			b.Beta = b.Beta.Scale(beta)
			return e.Loss(b).Scale(factor)
		}
	}
	for _, test := range []struct {
		what string
		loss func(objective.Batch) objective.Vec
		want string // in the reason; "": it is trained
	}{
		{"cell", scaled("cell", 2, 1), "it is cell with beta × 2, which amounts to the same objective as candidate 10, cell, whose fitness is known"},
		{"dpo", scaled("dpo", .3, 7), "it is dpo with beta × 0.3, times 7, which amounts"},
		{"dpo as it is", scaled("dpo", 1, 1), "it is the same objective as candidate 1, dpo, whose fitness is known"},
		{"far scaled", scaled("dpo", 7, 1), ""},
		{"a huge factor", scaled("dpo", 1, 1000), ""},
		{"another", func(b objective.Batch) objective.Vec {
			return b.Margin().Mul(b.Beta).Neg().Softplus().Add(b.Margin().Mul(b.Beta).Square().Scale(.001))
		}, ""},
	} {
		g, err := objective.Trace(test.loss)
		if err != nil {
			t.Fatal(err)
		}
		record := archive.Candidate{ID: len(s.Catalog) + 5}
		if err := Describe(&record, g); err != nil {
			t.Fatal(err)
		}
		known, err := sit.duplicateOf(&record)
		if err != nil || known != (test.want != "") || !strings.Contains(record.Reason, test.want) {
			t.Errorf("%s: duplicate %v, %v, because %q; want %q", test.what, known, err, record.Reason, test.want)
		}
		if known && (record.Status != archive.Duplicate || record.DuplicateOf == "") {
			t.Errorf("%s: status %q of %q", test.what, record.Status, record.DuplicateOf)
		}
	}
}

// What repeats a rescaled known loss is one of the known loss, too: nobody is told
// that it failed, or must follow a chain of reasons.
func TestDuplicateOfADuplicateNamesTheOriginal(t *testing.T) {
	s := newSearch(t, t.TempDir(), 1)
	s.Catalog = catalog.All()
	s.Config.Candidates = 12
	e, _ := catalog.Lookup("cell")
	s.Checker, s.Proposer = constantChecker{func(b objective.Batch) objective.Vec {
		b.Beta = b.Beta.Scale(2)
		return e.Loss(b)
	}}, constantProposer{}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	cell, err := s.Archive.Candidate(10)
	if err != nil || cell.Name != "cell" || cell.Score == nil {
		t.Fatalf("candidate 10 is %s, %v; want a scored cell", cell.Name, err)
	}
	want := fmt.Sprintf("it is cell with beta × 2, which amounts to the same objective as candidate 10, cell, whose fitness is known: %+.2f %% of dpo's gain, %s",
		100*cell.Score.Fitness, cell.Score.Verdict)
	for id := len(s.Catalog) + 1; id <= len(s.Catalog)+s.Config.Candidates; id++ {
		c, err := s.Archive.Candidate(id)
		if err != nil {
			t.Fatal(err)
		}
		if c.Origin != originTuned && (c.Status != archive.Duplicate || c.DuplicateOf != "10" || c.Reason != want) {
			t.Errorf("candidate %d: %s of %s: %q\nwant %q", id, c.Status, c.DuplicateOf, c.Reason, want)
		}
	}
}

// constantProposer proposes the same again and again.
type constantProposer struct{}

func (constantProposer) Propose(context.Context, propose.Request) (propose.Proposal, error) {
	return propose.Proposal{Name: "again", Code: "again", Operator: "new"}, nil
}

// constantChecker takes the code of a constantProposer for a loss.
type constantChecker struct {
	loss func(objective.Batch) objective.Vec
}

func (c constantChecker) Check(ctx context.Context, source string) (*sandbox.Compiled, *sandbox.Rejection, error) {
	if source != "again" {
		return fakeChecker{}.Check(ctx, source)
	}
	g, err := objective.Trace(c.loss)
	return &sandbox.Compiled{Source: source, Graph: g}, nil, err
}

// A fitness is told in the unit of the history that it is shown beside: with one task
// it is stored in that of the task's reward.
func TestOutcomeIsAShareOfDPOsGain(t *testing.T) {
	detail, err := json.Marshal([]evaluator.TaskScore{{Task: "reviews", Gain: .25}})
	if err != nil {
		t.Fatal(err)
	}
	c := archive.Candidate{Score: &archive.Score{Fitness: .01, Verdict: "better", Tasks: []archive.TaskScore{{Task: "reviews"}}, Detail: detail}}
	got, err := outcome(c)
	if want := "whose fitness is known: +4.00 % of dpo's gain, better"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}
