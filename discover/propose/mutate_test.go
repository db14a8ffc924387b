package propose

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// TestMutationsOfTheCatalog applies every mutation to every known objective.
func TestMutationsOfTheCatalog(t *testing.T) {
	for _, c := range mutations {
		m := c.value
		applied, acceptables := 0, 0
		for i, e := range catalog.All() {
			g, err := e.Graph()
			if err != nil {
				t.Fatal(err)
			}
			out, err := m.apply(newSubject(rand.New(rand.NewPCG(2, uint64(i))), g))
			if errors.Is(err, errNoSite) {
				continue
			}
			if err != nil {
				t.Errorf("%s of %s: %v", m.suffix, e.Name, err)
				continue
			}
			if applied++; acceptable(out.graph) == nil {
				acceptables++
			}
			if out.what == "" || out.why == "" {
				t.Errorf("%s of %s says %q, %q", m.suffix, e.Name, out.what, out.why)
			}
		}
		if applied < 5 || acceptables < applied/2 {
			t.Errorf("%s applies to %d of the catalog and %d results are acceptable", m.suffix, applied, acceptables)
		}
	}
}

func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"dpo": "dpo", "dpo_gated": "dpo", "dpo_gated_2": "dpo", "kto_pair_sum_tuned_far_13": "kto_pair_sum",
		"dpo_hinge_blend": "dpo_hinge", "far": "far", "gated_2": "gated",
		"a_name_that_a_model_made_up_and_that_goes_on_and_on": "a_name_that_a_model_made_up_and_that",
	} {
		if got := stem(name); got != want {
			t.Errorf("stem(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestJoint(t *testing.T) {
	for _, tt := range [][3]string{{"kto_pair_sum", "dpo", "kto_dpo"}, {"lrml_gated", "lrml_far_2", "lrml"}} {
		if got := joint(tt[0], tt[1]); got != tt[2] {
			t.Errorf("joint(%q, %q) = %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}
