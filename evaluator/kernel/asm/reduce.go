package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tailMasks returns the masks of the parts of a block for its first n lanes, 0 ≤ n < 16.
func (t tier) tailMasks(n reg.GPVirtual) []mask {
	masks := make([]mask, t.parts())
	for i := range masks {
		lanes, most := GP64(), GP64()
		MOVQ(n, lanes)
		if i > 0 {
			zero := GP64()
			XORQ(zero, zero)
			SUBQ(U32(i*t.lanes), lanes)
			CMOVQLT(zero, lanes)
		}
		MOVQ(U32(t.lanes), most)
		CMPQ(lanes, most)
		CMOVQGT(most, lanes)
		masks[i] = t.firstLanes(lanes)
	}
	return masks
}

// fold reduces a block, one register a part, to a scalar in the low lane of its result, always in the
// order lane i with lane i+8, i+4, i+2, i+1.
func (t tier) fold(v group, op func(a, b, dst Op)) reg.VecVirtual {
	low, high := v[0].AsY(), YMM()
	if t.wide() {
		VEXTRACTF64X4(U8(1), v[0], high)
	} else {
		high = v[1]
	}
	op(high, low, low)
	x, y := v[0].AsX(), XMM()
	t.upperHalf(v[0], y)
	op(y, x, x)
	VPSHUFD(U8(0x0E), x, y)
	op(y, x, x)
	VPSHUFD(U8(0x01), x, y)
	op(y, x, x)
	return v[0]
}

// upperHalf copies lanes 4 to 7 of v, the upper half of its low 256 bits, to x.
func (t tier) upperHalf(v reg.VecVirtual, x Op) {
	if t.wide() {
		VEXTRACTF32X4(U8(1), v, x)
	} else {
		VEXTRACTF128(U8(1), v, x)
	}
}

// reductions emits the kernels that sum across lanes.
func (t tier) reductions() {
	t.rowTops()
	t.rowSums()
	t.rowDots()
	t.dot()
}

// pointer loads a parameter.
func pointer(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// stride loads a stride in elements and returns it in bytes.
func stride(name string) reg.GPVirtual {
	s := pointer(name)
	SHLQ(U8(2), s)
	return s
}

// rowLoop is the shape of the kernels that reduce rows of n columns to scalars:
// blocks of 16 lanes, two at a time, of which the last may be masked.
type rowLoop struct {
	tier
	n      reg.GPVirtual // columns
	whole  reg.GPVirtual // columns in whole blocks
	column reg.GPVirtual
	masks  []mask // of the last block
}

// rowLoop loads n and derives the rest.
func (t tier) rowLoop() rowLoop {
	n := pointer("n")
	rest, whole := GP64(), GP64()
	MOVQ(n, rest)
	ANDQ(U32(block-1), rest)
	MOVQ(n, whole)
	SUBQ(rest, whole)
	return rowLoop{tier: t, n: n, whole: whole, column: GP64(), masks: t.tailMasks(rest)}
}

// emit writes the loop over one row. add adds the parts of one or more blocks,
// in ascending order of columns: in[k] are those of input k, of which the last
// masked ones are masked.
func (l rowLoop) emit(name string, inputs []reg.GPVirtual, add func(in [][]Op, masked int)) {
	label := func(s string) string { return name + s }
	at := func(base reg.GPVirtual, i int) Mem {
		return Mem{Base: base, Index: l.column, Scale: 4, Disp: i * l.bytes()}
	}
	parts := func(blocks int, masked bool) {
		in, n, tail := make([][]Op, len(inputs)), blocks*l.parts(), 0
		for k, base := range inputs {
			for i := range n {
				in[k] = append(in[k], at(base, i))
			}
			if masked {
				tail = l.parts()
				for i, lanes := range l.masks {
					in[k] = append(in[k], l.loadMasked(at(base, n+i), lanes))
				}
			}
		}
		add(in, tail)
	}
	XORQ(l.column, l.column)
	next := GP64()
	Label(label("Blocks"))
	LEAQ(Mem{Base: l.column, Disp: 2 * block}, next)
	CMPQ(next, l.whole)
	JGT(LabelRef(label("Rest")))
	parts(2, false)
	MOVQ(next, l.column)
	JMP(LabelRef(label("Blocks")))

	Label(label("Rest"))
	CMPQ(l.column, l.whole)
	JEQ(LabelRef(label("Masked")))
	CMPQ(l.n, l.whole)
	JEQ(LabelRef(label("One")))
	parts(1, true)
	JMP(LabelRef(label("Done")))
	Label(label("One"))
	parts(1, false)
	JMP(LabelRef(label("Done")))
	Label(label("Masked"))
	CMPQ(l.n, l.whole)
	JEQ(LabelRef(label("Done")))
	parts(0, true)
	Label(label("Done"))
}

// rowTops emits the maximum of each row. NaN may miss it, but not the sum below.
func (t tier) rowTops() {
	t.text("rowTops", "(top, src *float32, srcStride, rows, n int)",
		"stores the maximum of each row in top.")
	lowest := t.resident(math.Inf(-1))
	top, src, next, rows := pointer("top"), pointer("src"), stride("srcStride"), pointer("rows")
	loop := t.rowLoop()
	acc := t.vecs(t.parts())
	Label("row")
	for _, v := range acc {
		VMOVUPS(lowest, v)
	}
	loop.emit("top", []reg.GPVirtual{src}, func(in [][]Op, masked int) {
		whole := len(in[0]) - masked
		for i, x := range in[0] {
			if i >= whole {
				t.keep(x.(reg.VecVirtual), lowest, loop.masks[i-whole])
			}
			VMAXPS(x, acc[i%t.parts()], acc[i%t.parts()])
		}
	})
	t.fold(acc, maxPS)
	VMOVSS(acc[0].AsX(), Mem{Base: top})
	ADDQ(U32(4), top)
	ADDQ(next, src)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// rowSums emits the sum of exp(x − top) of each row.
func (t tier) rowSums() {
	t.text("rowSums", "(sum, top, src *float32, srcStride, rows, n int)",
		"stores the sum of exp(x − top[row]) of each row in sum; x is at most top[row].")
	e := t.exponential()
	sum, top, src, next, rows := pointer("sum"), pointer("top"), pointer("src"), stride("srcStride"), pointer("rows")
	loop := t.rowLoop()
	acc := t.vecs(t.parts())
	Label("row")
	for _, v := range acc {
		t.clear(v)
	}
	loop.emit("sum", []reg.GPVirtual{src}, func(in [][]Op, masked int) {
		x, highest := t.loads(in[0]), t.broadcast(Mem{Base: top})
		t.each(VSUBPS, highest, x)
		p := e.applyNegative(x)
		for i, whole := 0, len(p)-masked; i < len(p); i++ {
			if i >= whole {
				t.drop(p[i], loop.masks[i-whole])
			}
			VADDPS(p[i], acc[i%t.parts()], acc[i%t.parts()])
		}
	})
	t.fold(acc, addPS)
	VMOVSS(acc[0].AsX(), Mem{Base: sum})
	ADDQ(U32(4), top)
	ADDQ(U32(4), sum)
	ADDQ(next, src)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// maxPS and addPS have the type of a fold's operation.
func maxPS(a, b, dst Op) { VMAXPS(a, b, dst) }
func addPS(a, b, dst Op) { VADDPS(a, b, dst) }

// rowDots emits the dot product of each pair of rows.
func (t tier) rowDots() {
	t.text("rowDots", "(dst, a *float32, aStride int, b *float32, bStride, rows, n int)",
		"stores the dot product of rows of a and b in dst.")
	dst, a, b, rows := pointer("dst"), pointer("a"), pointer("b"), pointer("rows")
	nextA, nextB := stride("aStride"), stride("bStride")
	loop := t.rowLoop()
	acc := t.vecs(t.parts())
	Label("row")
	for _, v := range acc {
		t.clear(v)
	}
	loop.emit("sum", []reg.GPVirtual{a, b}, func(in [][]Op, _ int) {
		for i, x := range t.loads(in[0]) {
			VFMADD231PS(in[1][i], x, acc[i%t.parts()])
		}
	})
	t.fold(acc, addPS)
	VMOVSS(acc[0].AsX(), Mem{Base: dst})
	ADDQ(U32(4), dst)
	ADDQ(nextA, a)
	ADDQ(nextB, b)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// dot emits the dot product in float64.
func (t tier) dot() {
	t.text("dot", "(a, b *float32, n int) float64", "returns the sum of a[i]·b[i], in float64.")
	loop := t.rowLoop()
	acc := t.vecs(2 * t.parts())
	for _, v := range acc {
		t.clear(v)
	}
	loop.emit("sum", []reg.GPVirtual{pointer("a"), pointer("b")}, func(in [][]Op, _ int) {
		for i := range in[0] {
			x, y, k := t.doubles(t.load(in[0][i])), t.doubles(t.load(in[1][i])), 2*(i%t.parts())
			VFMADD231PD(x[0], y[0], acc[k])
			VFMADD231PD(x[1], y[1], acc[k+1])
		}
	})
	t.foldDoubles(acc)
	Store(acc[0].AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// foldDoubles reduces a block of float64 lanes to the low lane of its first
// register, in the order of fold.
func (t tier) foldDoubles(acc group) {
	half := len(acc) / 2
	for i := range half {
		VADDPD(acc[half+i], acc[i], acc[i])
	}
	high, x := YMM(), XMM()
	if t.wide() {
		VEXTRACTF64X4(U8(1), acc[0], high)
	} else {
		VMOVUPD(acc[1], high)
	}
	VADDPD(high, acc[0].AsY(), acc[0].AsY())
	t.upperHalf(acc[0], x)
	VADDPD(x, acc[0].AsX(), acc[0].AsX())
	VUNPCKHPD(acc[0].AsX(), acc[0].AsX(), x)
	VADDSD(x, acc[0].AsX(), acc[0].AsX())
}

// doubles returns the two halves of v in float64.
func (t tier) doubles(v reg.VecVirtual) [2]reg.VecVirtual {
	out := [2]reg.VecVirtual{t.vec(), t.vec()}
	if t.wide() {
		VCVTPS2PD(v.AsY(), out[0])
		high := YMM()
		VEXTRACTF64X4(U8(1), v, high)
		VCVTPS2PD(high, out[1])
	} else {
		VCVTPS2PD(v.AsX(), out[0])
		high := XMM()
		VEXTRACTF128(U8(1), v, high)
		VCVTPS2PD(high, out[1])
	}
	return out
}
