package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTranspose(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for rows := range 9 {
		for cols := range 9 {
			src, dst := padded(rng, rows, cols), padded(rng, cols, rows)
			old := dst.clone()
			Transpose(dst, src)
			src.T().each(func(i, j int, want float64) {
				if got := at(dst, i, j); got != want {
					t.Fatalf("%d×%d: (%d, %d) = %g, want %g", rows, cols, i, j, got, want)
				}
			})
			checkGaps(t, "Transpose", dst, old)
		}
	}
}

func TestRowSharesMemory(t *testing.T) {
	m := Matrix{Rows: 2, Cols: 2, RowStride: 3, ColStride: 1, Data: []float32{1, 2, 0, 3, 4}}
	m.Row(1)[0] = 7
	if want := []float32{1, 2, 0, 7, 4}; !slices.Equal(m.Data, want) {
		t.Errorf("data is %v, want %v", m.Data, want)
	}
	if got := len(m.Row(0)); got != 2 {
		t.Errorf("row has %d elements, want 2", got)
	}
}
