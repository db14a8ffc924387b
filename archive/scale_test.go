package archive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counting counts what a reader is sent.
type counting struct {
	source
	pages, docs int
}

func (c *counting) fetch(q scan) (page, error) {
	p, err := c.source.fetch(q)
	c.pages++
	c.docs += len(p.Docs)
	return p, err
}

// TestReadingDoesNotGrowWithTheArchive: what a search asks of its archive when it
// begins, for each candidate and for the leaderboard takes as many pages and
// documents from one that is ten times as large.
func TestReadingDoesNotGrowWithTheArchive(t *testing.T) {
	const few = 400
	type reading struct{ Pages, Docs int }
	reads := map[int]map[string]reading{}
	for _, n := range []int{few, 10 * few} {
		a := must(Open(manyCandidates(t, n), "run"))(t)
		reads[n] = map[string]reading{}
		for what, read := range map[string]func(*Reader) (any, error){
			"next":          func(r *Reader) (any, error) { return r.NextID() },
			"totals":        func(r *Reader) (any, error) { return r.Totals() },
			"state":         func(r *Reader) (any, error) { return r.State() },
			"top":           func(r *Reader) (any, error) { return r.Top(100) },
			"recent":        func(r *Reader) (any, error) { return r.Recent(Scored, 100) },
			"none rejected": func(r *Reader) (any, error) { return r.Recent(Rejected, 100) },
			"fingerprint":   func(r *Reader) (any, error) { _, found, err := r.ByFingerprint("f7"); return found, err },
			"candidate":     func(r *Reader) (any, error) { return r.Candidate(n / 2) },
			"cells":         func(r *Reader) (any, error) { return r.Cells(n / 2) },
			"the last": func(r *Reader) (any, error) {
				for _, err := range r.Candidates(n - 100) {
					if err != nil {
						return nil, err
					}
				}
				return nil, nil
			},
		} {
			c := &counting{source: a.Reader.source}
			if _, err := read(&Reader{name: "run", source: c}); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			reads[n][what] = reading{c.pages, c.docs}
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(reads[few], reads[10*few]); diff != "" {
		t.Errorf("pages and documents for %d candidates (-) and for ten times as many (+):\n%s", few, diff)
	}
	if reads[few]["top"] != (reading{1, 100}) {
		t.Errorf("the leaderboard took %+v", reads[few]["top"])
	}
}
