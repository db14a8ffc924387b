package archive

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bbolt "go.etcd.io/bbolt"
)

const many = 100_000

// manyCandidates makes an archive of n candidates, with prompts and cells, in a few
// transactions.
func manyCandidates(b testing.TB, n int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	a := must(Create(dir, "run", settings()))(b)
	rng := rand.New(rand.NewPCG(1, 1))
	code := strings.Repeat("\tx := b.Margin().Mul(b.Beta)\n", 20)
	for first := 1; first <= n; first += 10_000 {
		err := a.file.update(func(tx *bbolt.Tx) error {
			for id := first; id < min(first+10_000, n+1); id++ {
				c := scored(id, rng.NormFloat64())
				c.Code, c.Prompt = code, ""
				if err := put(tx, candidateBucket, idKey(id), c); err != nil {
					return err
				}
				if err := put(tx, promptBucket, idKey(id), code+code); err != nil {
					return err
				}
				for seed := range uint64(14) {
					k := cell(seed)
					if err := put(tx, cellBucket, cellKey(id, &k), k); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := a.Rebuild(); err != nil {
		b.Fatal(err)
	}
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d candidates, %d MiB", n, must(os.Stat(filepath.Join(dir, "run", fileName)))(b).Size()>>20)
	return dir
}

// BenchmarkManyCandidates times what a search does with a large archive.
func BenchmarkManyCandidates(b *testing.B) {
	dir := manyCandidates(b, many)
	b.Run("open and resume", func(b *testing.B) {
		for b.Loop() {
			a := must(Open(dir, "run"))(b)
			must(a.NextID())(b)
			must(a.Totals())(b)
			must(a.State())(b)
			a.Close()
		}
	})
	a := must(Open(dir, "run"))(b)
	defer a.Close()
	b.Run("top 20", func(b *testing.B) {
		for b.Loop() {
			must(a.Top(20))(b)
		}
	})
	b.Run("recent 20", func(b *testing.B) {
		for b.Loop() {
			must(a.Recent(Scored, 20))(b)
		}
	})
	b.Run("fingerprint", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, found, err := a.ByFingerprint(fmt.Sprintf("f%d", 1+i%many)); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("apply", func(b *testing.B) {
		id, spent := must(a.NextID())(b), processTime()
		for ; b.Loop(); id++ {
			apply(b, a, scored(id, float64(id%17)))
		}
		b.ReportMetric(float64(processTime()-spent)/float64(b.N), "cpu-ns/op")
	})
	b.Run("save cell", func(b *testing.B) {
		spent := processTime()
		for seed := uint64(0); b.Loop(); seed++ {
			if err := a.SaveCell(many*2, cell(seed)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(processTime()-spent)/float64(b.N), "cpu-ns/op")
	})
}

// BenchmarkCheck times the consistency check and the rebuilding of indices.
func BenchmarkCheck(b *testing.B) {
	dir := manyCandidates(b, many)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := Check(dir, "run"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("rebuild", func(b *testing.B) {
		a := must(Open(dir, "run"))(b)
		defer a.Close()
		for b.Loop() {
			if err := a.Rebuild(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("content hash", func(b *testing.B) {
		r := must(OpenReadOnly(dir, "run"))(b)
		defer r.Close()
		for b.Loop() {
			must(r.ContentHash())(b)
		}
	})
}
