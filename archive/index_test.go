package archive

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	bbolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

// derived dumps every index entry and the totals.
func derived(t failer, a *Archive) []string {
	t.Helper()
	var out []string
	err := a.file.view(func(tx *bbolt.Tx) error {
		for _, name := range indexBuckets {
			tx.Bucket([]byte(name)).ForEach(func(k, _ []byte) error {
				out = append(out, fmt.Sprintf("%s %x", name, k))
				return nil
			})
		}
		out = append(out, string(tx.Bucket([]byte(metaBucket)).Get(totalsKey)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ids(cs []Candidate) []int {
	out := []int{}
	for _, c := range cs {
		out = append(out, c.ID)
	}
	return out
}

// For any history of writes, the indices answer as a plain search through the
// records would, and rebuilding them changes nothing.
func TestIndicesAgreeWithRecords(t *testing.T) {
	statuses := []string{Scored, Rejected, Duplicate, Failed}
	draw := func(t *rapid.T, id int) Candidate {
		c := Candidate{ID: id, Status: rapid.SampledFrom(statuses).Draw(t, "status"), Name: strconv.Itoa(id)}
		c.Fingerprint = rapid.SampledFrom([]string{"", "a", "aa", "b"}).Draw(t, "fingerprint")
		if c.Status == Scored {
			c.Score = &Score{Fitness: rapid.OneOf(rapid.Just(0.), rapid.Just(math.Copysign(0, -1)), rapid.Float64Range(-1e300, 1e300)).Draw(t, "fitness")}
		}
		return c
	}
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		name := must(os.MkdirTemp(dir, "r"))(t)
		a := must(Create(dir, filepath.Base(name), settings()))(t)
		defer os.RemoveAll(name)
		defer a.Close()
		var model []Candidate
		for range rapid.IntRange(0, 12).Draw(rt, "n") {
			if len(model) > 0 && rapid.Bool().Draw(rt, "revise") {
				i := rapid.IntRange(0, len(model)-1).Draw(rt, "which")
				model[i] = draw(rt, i+1)
				if err := a.Revise(model[i]); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			model = append(model, draw(rt, len(model)+1))
			apply(t, a, model[len(model)-1])
		}
		compareWithModel(rt, a, model)
		before := derived(rt, a)
		if err := a.Rebuild(); err != nil {
			rt.Fatal(err)
		}
		if diff := gocmp.Diff(before, derived(rt, a)); diff != "" {
			rt.Errorf("rebuilding changed the indices: -before +after\n%s", diff)
		}
		a.Close()
		if err := Check(dir, filepath.Base(name)); err != nil {
			rt.Error(err)
		}
	})
}

func compareWithModel(t *rapid.T, a *Archive, model []Candidate) {
	ranked := slices.DeleteFunc(slices.Clone(model), func(c Candidate) bool { return c.Score == nil })
	slices.SortStableFunc(ranked, func(x, y Candidate) int { return cmp.Compare(y.Score.Fitness, x.Score.Fitness) })
	for _, k := range []int{0, 1, 3, 100} {
		want := ids(ranked[:min(k, len(ranked))])
		if diff := gocmp.Diff(want, ids(must(a.Top(k))(t))); diff != "" {
			t.Errorf("top %d: -want +got\n%s", k, diff)
		}
	}
	for _, status := range []string{Scored, Rejected, Duplicate, Failed} {
		of := slices.DeleteFunc(slices.Clone(model), func(c Candidate) bool { return c.Status != status })
		slices.Reverse(of)
		if diff := gocmp.Diff(ids(of), ids(must(a.Recent(status, 100))(t))); diff != "" {
			t.Errorf("recent %s: -want +got\n%s", status, diff)
		}
	}
	for _, f := range []string{"a", "aa", "b", "c"} {
		i := slices.IndexFunc(model, func(c Candidate) bool { return c.Fingerprint == f })
		c, found, err := a.ByFingerprint(f)
		if err != nil || found != (i >= 0) || found && c.ID != i+1 {
			t.Errorf("fingerprint %q: candidate %d, %v, %v; want %d", f, c.ID, found, err, i+1)
		}
	}
}

// Keys sort as the numbers they stand for.
func TestNumbersSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64().Draw(t, "x"), rapid.Float64().Draw(t, "y")
		if got := cmp.Compare(ascending(x), ascending(y)); got != cmp.Compare(x, y) {
			t.Errorf("%v and %v: %d", x, y, got)
		}
		if got := bytes.Compare(fitnessKey(y, 1), fitnessKey(x, 1)); got != cmp.Compare(x, y) {
			t.Errorf("fitness %v and %v: %d", x, y, got)
		}
	})
}

// Lists longer than one page arrive whole, in both directions, from the file and
// over the socket.
func TestLongLists(t *testing.T) {
	a, dir := create(t)
	const n = maxPageDocs + 40
	err := a.file.update(func(tx *bbolt.Tx) error {
		for id := 1; id <= n; id++ {
			c := rejected(id)
			if err := put(tx, candidateBucket, idKey(id), c); err != nil {
				return err
			}
			if err := put(tx, cellBucket, cellKey(1, &Cell{Seed: uint64(id)}), cell(uint64(id))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Rebuild(); err != nil {
		t.Fatal(err)
	}
	if err := a.Serve(); err != nil {
		t.Fatal(err)
	}
	r := must(OpenReadOnly(dir, "run"))(t)
	defer r.Close()
	for _, reader := range []*Reader{a.Reader, r} {
		if got := must(reader.Cells(1))(t); len(got) != n {
			t.Errorf("%d cells", len(got))
		}
		recent := ids(must(reader.Recent(Rejected, n))(t))
		if len(recent) != n || recent[0] != n || recent[n-1] != 1 {
			t.Errorf("%d recent", len(recent))
		}
		want := 500
		for c, err := range reader.Candidates(want) {
			if err != nil || c.ID != want {
				t.Fatalf("candidate %d, want %d: %v", c.ID, want, err)
			}
			want++
		}
		if want != n+1 {
			t.Errorf("iteration ended before %d", want)
		}
	}
}
