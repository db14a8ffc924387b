package graph

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestStudyFindsTheSame: in whatever order a study is asked, it answers as the
// functions do that look at the graph anew.
func TestStudyFindsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		fingerprint, err := Fingerprint(g)
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := Inspect(g)
		if err != nil {
			t.Fatal(err)
		}
		known, err := NewLibrary([]Known{{"dpo", dpo()}, {"std", opGraph(Std, nil)}})
		if err != nil {
			t.Fatal(err)
		}
		nearest, err := known.Nearest(g)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewStudy(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, question := range rapid.Permutation([]int{0, 1, 2, 0, 2}).Draw(t, "questions") {
			var got, want any
			switch question {
			case 0:
				got, want = s.Fingerprint(), fingerprint
			case 1:
				got, want = s.Datasheet(), sheet
			case 2:
				match, err := known.NearestTo(s)
				if err != nil {
					t.Fatal(err)
				}
				got, want = match, nearest
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
