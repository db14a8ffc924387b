package main

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowGroup is the number of vectors of a row that go side by side.
const rowGroup = 4

// operand is a matrix with contiguous rows. In the signature it is a pointer,
// its row stride in elements, and for an indexed one a pointer to row numbers.
type operand struct {
	name    string
	indexed bool
}

// rowMap is a kernel over rows of n columns: each vector of the output depends
// on the same vector of the inputs and on values per row.
type rowMap struct {
	name, does string
	out        operand
	ins        []operand // may contain out
	perRow     []string  // one float32 a row
	prepare    func() func(in [][]Op, perRow []reg.VecVirtual) group
}

// operands returns the distinct operands, the output first.
func (m rowMap) operands() []operand {
	all := []operand{m.out}
	for _, o := range m.ins {
		if !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

// signature lists the parameters.
func (m rowMap) signature() string {
	var s strings.Builder
	for _, o := range m.operands() {
		fmt.Fprintf(&s, "%s *float32, %sStride int, ", o.name, o.name)
		if o.indexed {
			fmt.Fprintf(&s, "%sIndex *int32, ", o.name)
		}
	}
	for _, p := range m.perRow {
		fmt.Fprintf(&s, "%s *float32, ", p)
	}
	return "(" + s.String() + "rows, n int)"
}

// rowMap emits the function. A row is cut into groups of vectors of which the
// last ends with the row, so that its last vector overlaps the one before where
// n is no multiple of the lanes: masked stores are slow. A group reads all its
// inputs before it writes, so that an output may be an input. Rows shorter than
// a vector are masked.
func (t tier) rowMap(m rowMap) {
	t.text(m.name, m.signature(), m.does)
	compute := m.prepare()
	row, n := GP64(), pointer("n")
	XORQ(row, row)
	CMPQ(n, U32(t.lanes))
	JLT(LabelRef("short"))

	last, column := GP64(), GP64() // last is the first column of the last vector
	LEAQ(Mem{Base: n, Disp: -t.lanes}, last)
	Label("row")
	at, perRow := m.locate(t, row)
	XORQ(column, column)
	write := func(vectors int, ends bool) {
		place := func(o operand, i int) Op {
			if ends && i == vectors-1 {
				return Mem{Base: at[o.name], Index: last, Scale: 4}
			}
			return Mem{Base: at[o.name], Index: column, Scale: 4, Disp: i * t.bytes()}
		}
		for i, v := range compute(m.read(vectors, place), perRow) {
			VMOVUPS(v, place(m.out, i))
		}
	}
	left := GP64()
	Label("groups")
	MOVQ(last, left)
	SUBQ(column, left)
	CMPQ(left, U32((rowGroup-1)*t.lanes))
	JLE(LabelRef("end"))
	CMPQ(left, U32(rowGroup*t.lanes))
	JLE(LabelRef("fewer")) // a whole group would leave a vector that overlaps it
	write(rowGroup, false)
	ADDQ(U32(rowGroup*t.lanes), column)
	JMP(LabelRef("groups"))
	Label("fewer")
	write(rowGroup-1, false)
	ADDQ(U32((rowGroup-1)*t.lanes), column)
	JMP(LabelRef("groups"))
	Label("end")
	for vectors := 1; vectors < rowGroup; vectors++ {
		CMPQ(left, U32((vectors-1)*t.lanes))
		JLE(LabelRef(fmt.Sprintf("end%d", vectors)))
	}
	for vectors := rowGroup; vectors >= 1; vectors-- {
		Label(fmt.Sprintf("end%d", vectors))
		write(vectors, true)
		JMP(LabelRef("next"))
	}
	Label("next")
	m.next(row, "row")

	Label("short")
	lanes := t.firstLanes(n)
	Label("shortRow")
	at, perRow = m.locate(t, row)
	in := m.read(1, func(o operand, _ int) Op { return t.loadMasked(Mem{Base: at[o.name]}, lanes) })
	t.storeMasked(compute(in, perRow)[0], Mem{Base: at[m.out.name]}, lanes)
	m.next(row, "shortRow")
}

// next goes on with the row after, or returns.
func (m rowMap) next(row reg.GPVirtual, loop string) {
	rows := pointer("rows")
	INCQ(row)
	CMPQ(row, rows)
	JLT(LabelRef(loop))
	VZEROUPPER()
	RET()
}

// locate returns the addresses of the row in each operand and its values per row.
func (m rowMap) locate(t tier, row reg.GPVirtual) (map[string]reg.GPVirtual, []reg.VecVirtual) {
	at := map[string]reg.GPVirtual{}
	for _, o := range m.operands() {
		p := GP64()
		if o.indexed {
			MOVLQSX(Mem{Base: pointer(o.name + "Index"), Index: row, Scale: 4}, p)
		} else {
			MOVQ(row, p)
		}
		IMULQ(pointer(o.name+"Stride"), p)
		LEAQ(Mem{Base: pointer(o.name), Index: p, Scale: 4}, p)
		at[o.name] = p
	}
	var perRow []reg.VecVirtual
	for _, name := range m.perRow {
		perRow = append(perRow, t.broadcast(Mem{Base: pointer(name), Index: row, Scale: 4}))
	}
	return at, perRow
}

// read returns the operands of a group.
func (m rowMap) read(vectors int, place func(o operand, i int) Op) [][]Op {
	in := make([][]Op, len(m.ins))
	for k, o := range m.ins {
		for i := range vectors {
			in[k] = append(in[k], place(o, i))
		}
	}
	return in
}

// rows emits the kernels over rows.
func (t tier) rows() {
	src, d := operand{name: "src"}, operand{name: "d"}
	for _, m := range []rowMap{
		{name: "normalizeRows", does: "stores (src − top[row]) − norm[row] in dst.",
			out: operand{name: "dst"}, ins: []operand{src}, perRow: []string{"top", "norm"}, prepare: t.normalize},
		{name: "softmaxBackward", does: "subtracts weight[row]·exp(logp) from d.",
			out: d, ins: []operand{d, {name: "logp"}}, perRow: []string{"weight"}, prepare: t.softmaxSlope},
		{name: "gatherTanh", does: "stores tanh of the sum of three indexed rows in h.",
			out: operand{name: "h"}, ins: []operand{{"a", true}, {"b", true}, {"c", true}}, prepare: t.tanhSum},
	} {
		t.rowMap(m)
	}
}

// normalize is the body of normalizeRows.
func (t tier) normalize() func(in [][]Op, perRow []reg.VecVirtual) group {
	return func(in [][]Op, perRow []reg.VecVirtual) group {
		x := t.loads(in[0])
		t.each(VSUBPS, perRow[0], x)
		t.each(VSUBPS, perRow[1], x)
		return x
	}
}

// softmaxSlope is the body of softmaxBackward.
func (t tier) softmaxSlope() func(in [][]Op, perRow []reg.VecVirtual) group {
	e := t.exponential()
	return func(in [][]Op, perRow []reg.VecVirtual) group {
		p := e.apply(t.loads(in[1]))
		for i := range p {
			VFNMADD213PS(in[0][i], perRow[0], p[i])
		}
		return p
	}
}

// tanhSum is the body of gatherTanh.
func (t tier) tanhSum() func(in [][]Op, perRow []reg.VecVirtual) group {
	h := t.hyperbolic()
	return func(in [][]Op, perRow []reg.VecVirtual) group {
		x := t.loads(in[0])
		for _, more := range in[1:] {
			for i := range x {
				VADDPS(more[i], x[i], x[i])
			}
		}
		return h.apply(x)
	}
}
