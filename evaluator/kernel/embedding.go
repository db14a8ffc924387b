package kernel

import "fmt"

// Index names a row of a table for each of a list of examples. It shares the memory
// of the list, which must not change afterwards.
type Index struct {
	rows []int32
	end  int // all rows are below it
}

// NewIndex returns the index of a list of rows. It panics if one is negative.
func NewIndex(rows []int32) Index {
	x := Index{rows: rows}
	for i, r := range rows {
		if r < 0 {
			panic(fmt.Sprintf("kernel: row %d of an index is %d", i, r))
		}
		x.end = max(x.end, int(r)+1)
	}
	return x
}

// Len returns the number of examples.
func (x Index) Len() int { return len(x.rows) }

// Slice returns the index of examples first to last, last excluded.
func (x Index) Slice(first, last int) Index {
	x.rows = x.rows[first:last]
	return x
}

// Lookup names a row of a table for each example: example i uses row i of the index.
// If the index is a slice of another, the table must have all rows that the other names.
type Lookup struct {
	Table Matrix
	Index Index
}

// check panics unless the table has the given row length and every index is a row of it.
func (l Lookup) check(name string, examples, cols int) {
	l.Table.checkShape(name, l.Table.Rows, cols)
	if l.Index.Len() != examples {
		panic(fmt.Sprintf("kernel: %s has %d indices, want %d", name, l.Index.Len(), examples))
	}
	if l.Index.end > l.Table.Rows {
		panic(fmt.Sprintf("kernel: an index of %s is %d, table has %d rows", name, l.Index.end-1, l.Table.Rows))
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

// ScatterAdd adds row i of src to row i of dst.Index in dst.Table, in ascending
// order of i, so that repeated indices accumulate in a fixed order.
func ScatterAdd(dst Lookup, src Matrix) {
	src.checkRows("src")
	dst.check("dst", src.Rows, src.Cols)
	active().scatterAdd(dst, src)
}
