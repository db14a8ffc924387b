package kernel

import "fmt"

// Matrix is a strided view: element (i, j) is Data[i*RowStride+j*ColStride].
// It does not own Data. Where a function asks for contiguous rows, ColStride
// must be 1; RowStride may then exceed Cols.
type Matrix struct {
	Rows, Cols           int
	RowStride, ColStride int
	Data                 []float32
}

// Dense views data as rows × cols in row-major order without gaps.
func Dense(rows, cols int, data []float32) Matrix {
	return Matrix{Rows: rows, Cols: cols, RowStride: cols, ColStride: 1, Data: data}
}

// T returns the transposed view of the same data.
func (m Matrix) T() Matrix {
	m.Rows, m.Cols = m.Cols, m.Rows
	m.RowStride, m.ColStride = m.ColStride, m.RowStride
	return m
}

// Row returns row i of a matrix with contiguous rows, sharing its memory.
func (m Matrix) Row(i int) []float32 {
	if m.ColStride != 1 && m.Cols > 1 {
		panic("kernel: Row of a matrix whose rows are not contiguous")
	}
	if m.Cols == 0 {
		return nil
	}
	return m.Data[i*m.RowStride:][:m.Cols]
}

// Slice returns rows first to last, last excluded, of a matrix with contiguous
// rows, sharing its memory.
func (m Matrix) Slice(first, last int) Matrix {
	m.Data = m.Data[first*m.RowStride : last*m.RowStride]
	m.Rows = last - first
	return m
}

// check panics unless every element of m lies inside its data.
func (m Matrix) check(name string) {
	if m.Rows < 0 || m.Cols < 0 || m.RowStride < 0 || m.ColStride < 0 {
		panic(fmt.Sprintf("kernel: %s has a negative extent or stride", name))
	}
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	if last := (m.Rows-1)*m.RowStride + (m.Cols-1)*m.ColStride; last >= len(m.Data) {
		panic(fmt.Sprintf("kernel: %s is %d×%d and needs %d elements, has %d", name, m.Rows, m.Cols, last+1, len(m.Data)))
	}
}

// checkRows panics unless m lies inside its data and has contiguous rows.
func (m Matrix) checkRows(name string) {
	m.check(name)
	if m.ColStride != 1 && m.Cols > 1 {
		panic(fmt.Sprintf("kernel: rows of %s are not contiguous", name))
	}
}

// checkShape panics unless m is rows × cols, lies inside its data and has contiguous rows.
func (m Matrix) checkShape(name string, rows, cols int) {
	m.checkRows(name)
	if m.Rows != rows || m.Cols != cols {
		panic(fmt.Sprintf("kernel: %s is %d×%d, want %d×%d", name, m.Rows, m.Cols, rows, cols))
	}
}

// checkLen panics unless x has n elements.
func checkLen(name string, x []float32, n int) {
	if len(x) != n {
		panic(fmt.Sprintf("kernel: %s has %d elements, want %d", name, len(x), n))
	}
}

// Transpose copies srcᵀ into dst. Both have contiguous rows and do not overlap.
func Transpose(dst, src Matrix) {
	src.checkRows("src")
	dst.checkShape("dst", src.Cols, src.Rows)
	for i := range src.Rows {
		for j, x := range src.Row(i) {
			dst.Data[j*dst.RowStride+i] = x
		}
	}
}
