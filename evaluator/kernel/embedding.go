package kernel

import "fmt"

// Lookup names a row of a table for each example: example i uses row Index[i].
type Lookup struct {
	Table Matrix
	Index []int32
}

// check panics unless the table has the given row length and every index is a row of it.
func (l Lookup) check(name string, examples, cols int) {
	l.Table.checkShape(name, l.Table.Rows, cols)
	if len(l.Index) != examples {
		panic(fmt.Sprintf("kernel: %s has %d indices, want %d", name, len(l.Index), examples))
	}
	checkIndex(name, l.Index, l.Table.Rows)
}

// checkIndex panics unless every index is in [0, rows).
func checkIndex(name string, index []int32, rows int) {
	top := uint32(0) // a negative index is a large one
	for _, r := range index {
		top = max(top, uint32(r))
	}
	if len(index) > 0 && int64(top) >= int64(rows) {
		panic(fmt.Sprintf("kernel: an index of %s is %d, table has %d rows", name, int32(top), rows))
	}
}

// GatherTanh stores tanh(a + b + c) in row i of h, where a, b and c are the rows
// that the three lookups name for example i. All matrices have contiguous rows
// of equal length.
func GatherTanh(h Matrix, a, b, c Lookup) {
	h.checkRows("h")
	a.check("a", h.Rows, h.Cols)
	b.check("b", h.Rows, h.Cols)
	c.check("c", h.Rows, h.Cols)
	active().gatherTanh(h, a, b, c)
}

// ScatterAdd adds row i of src to row dst.Index[i] of dst.Table, in ascending
// order of i, so that repeated indices accumulate in a fixed order.
func ScatterAdd(dst Lookup, src Matrix) {
	src.checkRows("src")
	dst.check("dst", src.Rows, src.Cols)
	active().scatterAdd(dst, src)
}
