package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// padded returns a random rows × cols matrix with a gap after each row.
func padded(rng *rand.Rand, rows, cols int) Matrix {
	m := Matrix{Rows: rows, Cols: cols, RowStride: cols + rng.IntN(3), ColStride: 1}
	m.Data = random(rng, rows*m.RowStride)
	return m
}

// clone returns the matrix with memory of its own.
func (m Matrix) clone() Matrix {
	m.Data = slices.Clone(m.Data)
	return m
}

// each calls f for every element.
func (m Matrix) each(f func(i, j int, x float64)) {
	for i := range m.Rows {
		for j := range m.Cols {
			f(i, j, at(m, i, j))
		}
	}
}

// checkGaps fails unless what lies between the rows is as it was.
func checkGaps(t *testing.T, name string, got, old Matrix) {
	t.Helper()
	for i := range got.Data {
		if i%got.RowStride >= got.Cols && got.Data[i] != old.Data[i] {
			t.Fatalf("%s %d×%d wrote past row %d", name, got.Rows, got.Cols, i/got.RowStride)
		}
	}
}

// eachShape calls f on every tier with widths past two groups of vectors, and
// with more rows than one chunk of LogSoftmax.
func eachShape(t *testing.T, f func(t *testing.T, rng *rand.Rand, rows, cols int)) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for cols := range 150 {
			f(t, rng, rng.IntN(5), cols)
		}
		for _, cols := range []int{1, 53, 56, 64} {
			f(t, rng, 150, cols)
		}
	})
}

func TestLogSoftmax(t *testing.T) {
	eachShape(t, func(t *testing.T, rng *rand.Rand, rows, cols int) {
		x := padded(rng, rows, cols)
		Scale(x.Data, float32(math.Exp(4*rng.NormFloat64())))
		got, lse := padded(rng, rows, cols), make([]float32, rows)
		old := got.clone()
		LogSoftmax(got, x, lse)
		for i := range rows {
			want := 0.0
			top := float64(slices.Max(append(slices.Clone(x.Row(i)), float32(math.Inf(-1)))))
			for _, v := range x.Row(i) {
				want += math.Exp(float64(v) - top)
			}
			want = top + math.Log(want)
			if cols > 0 && math.Abs(float64(lse[i])-want) > 1e-6*(1+math.Abs(want)) {
				t.Fatalf("log-sum-exp of %v = %g, want %g", x.Row(i), lse[i], want)
			}
			for j, v := range x.Row(i) {
				if w := float64(v) - want; math.Abs(at(got, i, j)-w) > 1e-6*(1+math.Abs(w)) {
					t.Fatalf("%d×%d (%d, %d) = %g, want %g", rows, cols, i, j, at(got, i, j), w)
				}
			}
		}
		checkGaps(t, "LogSoftmax", got, old)
		place := x.clone()
		LogSoftmax(place, place, nil)
		place.each(func(i, j int, v float64) {
			if v != at(got, i, j) {
				t.Fatalf("in place (%d, %d) = %g, elsewhere %g", i, j, v, at(got, i, j))
			}
		})
		checkGaps(t, "LogSoftmax in place", place, x)
	})
}

// TestLogSoftmaxKeepsSpecialValues: −Inf is an impossible outcome; NaN, +Inf and
// a row of −Inf only make the row NaN, as in PyTorch; other rows are untouched.
func TestLogSoftmaxKeepsSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachTier(t, func(t *testing.T) {
		for cols := 1; cols < 70; cols++ {
			for j := range cols {
				x := Dense(4, cols, make([]float32, 4*cols))
				x.Row(0)[j], x.Row(1)[j], x.Row(2)[j] = nan, inf, -inf
				lse := make([]float32, 4)
				LogSoftmax(x, x, lse)
				for k := range cols {
					even := float32(-math.Log(float64(cols)))
					rest := float32(-math.Log(float64(cols - 1)))
					if x.Row(0)[k] == x.Row(0)[k] || x.Row(1)[k] == x.Row(1)[k] || ulps(x.Row(3)[k], float64(even)) > 2 {
						t.Fatalf("%d columns, special %d: rows NaN, +Inf, 0 at %d: %g, %g, %g", cols, j, k, x.Row(0)[k], x.Row(1)[k], x.Row(3)[k])
					}
					got := x.Row(2)[k]
					switch {
					case cols == 1 && got == got, cols > 1 && k == j && got != -inf, cols > 1 && k != j && ulps(got, float64(rest)) > 2:
						t.Fatalf("%d columns, −Inf at %d: %g at %d", cols, j, got, k)
					}
				}
				if lse[0] == lse[0] || lse[1]-lse[1] == 0 || (cols > 1) != (lse[2]-lse[2] == 0) {
					t.Fatalf("log-sum-exp %v", lse)
				}
			}
		}
	})
}

func TestSoftmaxBackward(t *testing.T) {
	eachShape(t, func(t *testing.T, rng *rand.Rand, rows, cols int) {
		d, logp, weight := padded(rng, rows, cols), padded(rng, rows, cols), random(rng, rows)
		old := d.clone()
		SoftmaxBackward(d, logp, weight)
		d.each(func(i, j int, got float64) {
			p := float64(weight[i]) * math.Exp(at(logp, i, j))
			if want := at(old, i, j) - p; math.Abs(got-want) > 3e-7*(math.Abs(at(old, i, j))+math.Abs(p)) {
				t.Fatalf("%d×%d (%d, %d) = %g, want %g", rows, cols, i, j, got, want)
			}
		})
		checkGaps(t, "SoftmaxBackward", d, old)
	})
}

// TestSoftmaxBackwardIsTheGradient compares with finite differences of
// Σ d(i, j)·logp(i, j) by the logits.
func TestSoftmaxBackwardIsTheGradient(t *testing.T) {
	const cols, step = 7, 1e-2
	rng := rand.New(rand.NewPCG(5, 6))
	x, d := Dense(1, cols, random(rng, cols)), Dense(1, cols, random(rng, cols))
	value := func(j int, shift float32) float64 {
		moved := x.clone()
		moved.Data[j] += shift
		LogSoftmax(moved, moved, nil)
		return Dot(d.Data, moved.Data)
	}
	want := make([]float64, cols)
	for j := range want {
		want[j] = (value(j, step) - value(j, -step)) / (2 * step)
	}
	logp, total := x.clone(), float32(0)
	LogSoftmax(logp, logp, nil)
	for _, v := range d.Data {
		total += v
	}
	SoftmaxBackward(d, logp, []float32{total})
	for j, got := range d.Data {
		if math.Abs(float64(got)-want[j]) > 1e-4 {
			t.Errorf("gradient %d = %g, finite difference %g", j, got, want[j])
		}
	}
}

func TestReductions(t *testing.T) {
	eachShape(t, func(t *testing.T, rng *rand.Rand, rows, cols int) {
		a, b := padded(rng, rows, cols), padded(rng, rows, cols)
		dots, sums := make([]float32, rows), random(rng, cols)
		rowWant, rowSize := make([]float64, rows), make([]float64, rows)
		colWant, colSize := make([]float64, cols), make([]float64, cols)
		for j, x := range sums {
			colWant[j], colSize[j] = float64(x), math.Abs(float64(x))
		}
		RowDots(dots, a, b)
		AddColumnSums(sums, a)
		a.each(func(i, j int, x float64) {
			term := x * at(b, i, j)
			rowWant[i], rowSize[i] = rowWant[i]+term, rowSize[i]+math.Abs(term)
			colWant[j], colSize[j] = colWant[j]+x, colSize[j]+math.Abs(x)
		})
		for i, want := range rowWant {
			if math.Abs(float64(dots[i])-want) > 1e-6*rowSize[i] {
				t.Fatalf("%d×%d RowDots %d = %g, want %g", rows, cols, i, dots[i], want)
			}
		}
		for j, want := range colWant {
			if math.Abs(float64(sums[j])-want) > 3e-6*colSize[j] {
				t.Fatalf("%d×%d AddColumnSums %d = %g, want %g", rows, cols, j, sums[j], want)
			}
		}
		x, y := a.Data, b.Data[:min(len(a.Data), len(b.Data))]
		x = x[:len(y)]
		want, size := 0.0, 0.0
		for i, v := range x {
			want += float64(v) * float64(y[i])
			size += math.Abs(float64(v) * float64(y[i]))
		}
		if got := Dot(x, y); math.Abs(got-want) > 1e-14*size {
			t.Fatalf("Dot of %d = %g, want %g", len(x), got, want)
		}
	})
}

// TestReductionsKeepSpecialValues puts NaN and infinity at every place.
func TestReductionsKeepSpecialValues(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for n := 1; n < 70; n++ {
			for at := range n {
				for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1)), math.MaxFloat32} {
					x, dots, sums := ones32(n), make([]float32, 1), make([]float32, 1)
					x[at] = special
					RowDots(dots, Dense(1, n, x), Dense(1, n, ones32(n)))
					AddColumnSums(sums, Dense(n, 1, x))
					squares := SumSquares(x)
					if dots[0] == dots[0] && dots[0] < special || sums[0] == sums[0] && sums[0] < special {
						t.Fatalf("%g at %d of %d: RowDots %g, AddColumnSums %g", special, at, n, dots[0], sums[0])
					}
					if finite := squares-squares == 0; finite != (special == math.MaxFloat32) {
						t.Fatalf("%g at %d of %d: SumSquares %g", special, at, n, squares)
					}
					if special != special && (dots[0] == dots[0] || sums[0] == sums[0]) {
						t.Fatalf("NaN at %d of %d: RowDots %g, AddColumnSums %g", at, n, dots[0], sums[0])
					}
				}
			}
		}
	})
}
