package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomLookup returns a table of some rows and an index into it for each example.
func randomLookup(rng *rand.Rand, examples, cols int) Lookup {
	l := Lookup{Table: padded(rng, 1+rng.IntN(6), cols)}
	rows := make([]int32, examples)
	for i := range rows {
		rows[i] = int32(rng.IntN(l.Table.Rows))
	}
	l.Index = NewIndex(rows)
	return l
}

func TestGatherTanh(t *testing.T) {
	eachShape(t, func(t *testing.T, rng *rand.Rand, rows, cols int) {
		a, b, c := randomLookup(rng, rows, cols), randomLookup(rng, rows, cols), randomLookup(rng, rows, cols)
		h := padded(rng, rows, cols)
		old := h.clone()
		GatherTanh(h, a, b, c)
		h.each(func(i, j int, got float64) {
			want := math.Tanh(at(a.Table, int(a.Index.rows[i]), j) + at(b.Table, int(b.Index.rows[i]), j) + at(c.Table, int(c.Index.rows[i]), j))
			if math.Abs(got-want) > 1e-6 {
				t.Fatalf("%d×%d (%d, %d) = %g, want %g", rows, cols, i, j, got, want)
			}
		})
		checkGaps(t, "GatherTanh", h, old)
	})
}

func TestScatterAdd(t *testing.T) {
	eachShape(t, func(t *testing.T, rng *rand.Rand, rows, cols int) {
		dst, src := randomLookup(rng, rows, cols), padded(rng, rows, cols)
		old, want := dst.Table.clone(), dst.Table.clone()
		ScatterAdd(dst, src)
		src.each(func(i, j int, x float64) { want.Row(int(dst.Index.rows[i]))[j] += float32(x) })
		want.each(func(i, j int, x float64) {
			if at(dst.Table, i, j) != x {
				t.Fatalf("%d×%d (%d, %d) = %g, want %g", rows, cols, i, j, at(dst.Table, i, j), x)
			}
		})
		checkGaps(t, "ScatterAdd", dst.Table, old)
	})
}

func TestEmbeddingsKeepSpecialValues(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const cols = 21
		for j := range cols {
			for which := range 3 {
				for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
					var l [3]Lookup
					for k := range l {
						l[k] = Lookup{Dense(1, cols, make([]float32, cols)), NewIndex([]int32{0})}
					}
					l[which].Table.Data[j] = special
					h := make([]float32, cols)
					GatherTanh(Dense(1, cols, h), l[0], l[1], l[2])
					want := float32(math.Tanh(float64(special)))
					if h[j] != want && (h[j] == h[j] || want == want) || h[(j+1)%cols] != 0 {
						t.Fatalf("%g in table %d, column %d: %v", special, which, j, h)
					}
				}
			}
		}
	})
}
