package kernel

import "math"

func dotGo(a, b []float32) float64 {
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

func rowDotsGo(dst []float32, a, b Matrix) {
	for i := range dst {
		dst[i] = float32(dotGo(a.Row(i), b.Row(i)))
	}
}

func logSoftmaxGo(dst, src Matrix, lse []float32) {
	for i := range src.Rows {
		top, norm := logSumExpGo(src.Row(i))
		out := dst.Row(i)
		for j, x := range src.Row(i) {
			out[j] = x - top - norm
		}
		if lse != nil {
			lse[i] = top + norm
		}
	}
}

// logSumExpGo returns the maximum of a row and the logarithm of the sum of
// exp(x − maximum).
func logSumExpGo(row []float32) (top, norm float32) {
	top = float32(math.Inf(-1))
	for _, x := range row {
		top = max(top, x)
	}
	var sum float32
	for _, x := range row {
		sum += exp32(x - top)
	}
	return top, log32(sum)
}

func softmaxBackwardGo(d, logp Matrix, weight []float32) {
	for i, w := range weight {
		row := d.Row(i)
		for j, x := range logp.Row(i) {
			row[j] -= w * exp32(x)
		}
	}
}

func gatherTanhGo(h Matrix, a, b, c Lookup) {
	for i := range h.Rows {
		row := h.Row(i)
		addGo(row, a.Table.Row(int(a.Index.rows[i])), b.Table.Row(int(b.Index.rows[i])))
		addGo(row, row, c.Table.Row(int(c.Index.rows[i])))
		tanhGo(row, row)
	}
}

func scatterAddGo(dst Lookup, src Matrix) {
	for i, r := range dst.Index.rows {
		row := dst.Table.Row(int(r))
		addGo(row, row, src.Row(i))
	}
}
