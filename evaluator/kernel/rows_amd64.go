//go:build !purego

package kernel

import "unsafe"

// data returns the address of the first element.
func (m Matrix) data() *float32 { return unsafe.SliceData(m.Data) }

// index returns the address of the first index.
func (l Lookup) index() *int32 { return unsafe.SliceData(l.Index.rows) }

// empty reports whether m has no elements, which the assembly does not expect.
func (m Matrix) empty() bool { return m.Rows == 0 || m.Cols == 0 }

func (t tier) rowDots(dst []float32, a, b Matrix) {
	switch {
	case a.empty():
		clear(dst)
	case t == tierAVX512:
		rowDotsAVX512(&dst[0], a.data(), a.RowStride, b.data(), b.RowStride, a.Rows, a.Cols)
	case t == tierAVX2:
		rowDotsAVX2(&dst[0], a.data(), a.RowStride, b.data(), b.RowStride, a.Rows, a.Cols)
	default:
		rowDotsGo(dst, a, b)
	}
}

func (t tier) softmaxBackward(d, logp Matrix, weight []float32) {
	switch {
	case d.empty():
	case t == tierAVX512:
		softmaxBackwardAVX512(d.data(), d.RowStride, logp.data(), logp.RowStride, &weight[0], d.Rows, d.Cols)
	case t == tierAVX2:
		softmaxBackwardAVX2(d.data(), d.RowStride, logp.data(), logp.RowStride, &weight[0], d.Rows, d.Cols)
	default:
		softmaxBackwardGo(d, logp, weight)
	}
}

func (t tier) gatherTanh(h Matrix, a, b, c Lookup) {
	switch {
	case h.empty():
	case t == tierAVX512:
		gatherTanhAVX512(h.data(), h.RowStride, a.Table.data(), a.Table.RowStride, a.index(),
			b.Table.data(), b.Table.RowStride, b.index(), c.Table.data(), c.Table.RowStride, c.index(), h.Rows, h.Cols)
	case t == tierAVX2:
		gatherTanhAVX2(h.data(), h.RowStride, a.Table.data(), a.Table.RowStride, a.index(),
			b.Table.data(), b.Table.RowStride, b.index(), c.Table.data(), c.Table.RowStride, c.index(), h.Rows, h.Cols)
	default:
		gatherTanhGo(h, a, b, c)
	}
}

func (t tier) scatterAdd(dst Lookup, src Matrix) {
	switch {
	case src.empty():
	case t == tierAVX512:
		scatterAddAVX512(dst.Table.data(), dst.Table.RowStride, dst.index(), src.data(), src.RowStride, src.Rows, src.Cols)
	case t == tierAVX2:
		scatterAddAVX2(dst.Table.data(), dst.Table.RowStride, dst.index(), src.data(), src.RowStride, src.Rows, src.Cols)
	default:
		scatterAddGo(dst, src)
	}
}

// softmaxRows is the number of rows whose maxima and sums logSoftmax holds at once.
const softmaxRows = 64

func (t tier) logSoftmax(dst, src Matrix, lse []float32) {
	if t == tierGo || src.empty() {
		logSoftmaxGo(dst, src, lse)
		return
	}
	var top, norm [softmaxRows]float32
	for i := 0; i < src.Rows; i += softmaxRows {
		rows := min(softmaxRows, src.Rows-i)
		in, out := &src.Data[i*src.RowStride], &dst.Data[i*dst.RowStride]
		if t == tierAVX512 {
			rowTopsAVX512(&top[0], in, src.RowStride, rows, src.Cols)
			rowSumsAVX512(&norm[0], &top[0], in, src.RowStride, rows, src.Cols)
			logAVX512(norm[:rows], norm[:rows])
			normalizeRowsAVX512(out, dst.RowStride, in, src.RowStride, &top[0], &norm[0], rows, src.Cols)
		} else {
			rowTopsAVX2(&top[0], in, src.RowStride, rows, src.Cols)
			rowSumsAVX2(&norm[0], &top[0], in, src.RowStride, rows, src.Cols)
			logAVX2(norm[:rows], norm[:rows])
			normalizeRowsAVX2(out, dst.RowStride, in, src.RowStride, &top[0], &norm[0], rows, src.Cols)
		}
		if lse != nil {
			t.add(lse[i:i+rows], top[:rows], norm[:rows])
		}
	}
}
