package discover

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
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
