package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// scatter is the state of scatterAdd.
type scatter struct {
	tier
	dst, dstStride, index reg.GPVirtual
	src, srcStride, rows  reg.GPVirtual
}

// scatterAdd emits the sum of rows of src into indexed rows of dst. A slice of
// columns goes through all rows; while the index stays the same, the row of dst stays in
// registers, for a sum in memory would wait for each store before.
func (t tier) scatterAdd() {
	t.text("scatterAdd", "(dst *float32, dstStride int, dstIndex *int32, src *float32, srcStride int, rows, n int)",
		"adds rows of src to indexed rows of dst.")
	s := scatter{t, pointer("dst"), stride("dstStride"), pointer("dstIndex"), pointer("src"), stride("srcStride"), pointer("rows")}
	left := pointer("n")
	for _, slice := range []struct {
		name    string
		vectors int
	}{{"wide", rowGroup}, {"narrow", 1}} {
		Label(slice.name)
		CMPQ(left, U32(slice.vectors*t.lanes))
		JLT(LabelRef(slice.name + "Over"))
		s.columns(slice.name, slice.vectors, nil)
		ADDQ(U32(slice.vectors*t.bytes()), s.dst)
		ADDQ(U32(slice.vectors*t.bytes()), s.src)
		SUBQ(U32(slice.vectors*t.lanes), left)
		JMP(LabelRef(slice.name))
		Label(slice.name + "Over")
	}
	TESTQ(left, left)
	JEQ(LabelRef("done"))
	lanes := t.firstLanes(left)
	s.columns("masked", 1, &lanes)
	Label("done")
	VZEROUPPER()
	RET()
}

// columns emits the loop over rows for so many vectors of columns, or the masked
// lanes of one.
func (s scatter) columns(name string, vectors int, lanes *mask) {
	read := func(base reg.GPVirtual, i int) reg.VecVirtual {
		if lanes != nil {
			return s.loadMasked(Mem{Base: base}, *lanes)
		}
		return s.load(Mem{Base: base, Disp: i * s.bytes()})
	}
	from, row, next, at := GP64(), GP64(), GP64(), GP64()
	MOVQ(s.src, from)
	XORQ(row, row)
	sum := s.vecs(vectors)
	Label(name + "Row")
	MOVLQSX(Mem{Base: s.index, Index: row, Scale: 4}, next)
	MOVQ(next, at)
	IMULQ(s.dstStride, at)
	ADDQ(s.dst, at)
	for i := range sum {
		VMOVUPS(read(at, i), sum[i])
	}
	same := GP64()
	MOVQ(next, same)
	Label(name + "Same")
	for i := range sum {
		VADDPS(read(from, i), sum[i], sum[i])
	}
	ADDQ(s.srcStride, from)
	INCQ(row)
	CMPQ(row, s.rows)
	JEQ(LabelRef(name + "Last"))
	MOVLQSX(Mem{Base: s.index, Index: row, Scale: 4}, next)
	CMPQ(next, same)
	JEQ(LabelRef(name + "Same"))
	s.write(sum, at, lanes)
	JMP(LabelRef(name + "Row"))
	Label(name + "Last")
	s.write(sum, at, lanes)
}

// write stores the vectors of a row.
func (s scatter) write(sum []reg.VecVirtual, at reg.GPVirtual, lanes *mask) {
	for i, v := range sum {
		if lanes != nil {
			s.storeMasked(v, Mem{Base: at}, *lanes)
		} else {
			VMOVUPS(v, Mem{Base: at, Disp: i * s.bytes()})
		}
	}
}
