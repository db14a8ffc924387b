package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is a register tile: the number of vectors of C in a row, of which the last may be
// half a vector, and the numbers of rows taken at once, most first, 1 last.
type tile struct {
	vectors int
	half    bool
	rows    []int
}

// gemm emits one function for each width of a strip of C, and one for strips
// narrower than a vector.
func (t tier) gemm() {
	for _, shape := range t.tiles {
		t.strip(shape, false)
	}
	t.strip(tile{vectors: 1, rows: []int{4, 1}}, true)
}

// strip is the state of a strip function.
type strip struct {
	tier
	tile
	lanes                   *mask // of a strip narrower than a vector
	m, a, b, c, init        reg.GPVirtual
	rowStep, columnStep     reg.GPVirtual // of A, bytes
	bStep, last, k, cursorB reg.GPVirtual
}

// strip emits C = init + A·B for a strip of C. The last of its vectors begins at
// an offset of its own: where the columns are no multiple of the lanes it
// overlaps the one before, with equal results in the lanes they share.
func (t tier) strip(shape tile, masked bool) {
	name := fmt.Sprintf("gemm%d", shape.vectors)
	width := fmt.Sprintf("%d vectors", shape.vectors)
	if shape.half {
		name += "Half"
		width = fmt.Sprintf("%d.5 vectors", shape.vectors-1)
	}
	if masked {
		name = "gemmMasked"
	}
	t.text(name, "(m, k int, a *float32, aRow, aColumn int, b *float32, bRow int, "+
		"init *float32, initRow int, c *float32, cRow int, last int)",
		fmt.Sprintf("computes C = init + A·B for m rows and %s of C. Strides are", width),
		"in elements; a nil init is 0; last is the first column of the last vector,",
		"or with masks the number of columns.")
	s := strip{tier: t, tile: shape}
	s.m, s.a, s.b, s.c, s.init = pointer("m"), pointer("a"), pointer("b"), pointer("c"), pointer("init")
	s.rowStep, s.columnStep, s.bStep = stride("aRow"), stride("aColumn"), stride("bRow")
	s.k, s.cursorB = GP64(), GP64()
	if masked {
		lanes := t.firstLanes(pointer("last"))
		s.lanes = &lanes
	} else if shape.vectors > 1 {
		s.last = stride("last")
	}
	for i, rows := range shape.rows {
		s.tiles(rows, i == len(shape.rows)-1)
	}
	VZEROUPPER()
	RET()
}

// tiles emits the loop over tiles of the given rows while that many are left.
func (s strip) tiles(rows int, last bool) {
	name := fmt.Sprintf("rows%d", rows)
	next := name + "Next"
	Label(name)
	CMPQ(s.m, U32(rows))
	JLT(LabelRef(next))
	acc := make([][]reg.VecVirtual, rows)
	for r := range acc {
		acc[r] = collect(s.vectors, s.vector)
	}
	s.begin(name, acc)
	s.multiply(name, acc)
	s.end(acc)
	step := GP64()
	IMUL3Q(U32(rows), s.rowStep, step)
	ADDQ(step, s.a)
	SUBQ(U32(rows), s.m)
	JMP(LabelRef(name))
	Label(next)
}

// begin sets the accumulators to init, or 0 where it is nil, and moves init on.
func (s strip) begin(name string, acc [][]reg.VecVirtual) {
	TESTQ(s.init, s.init)
	JEQ(LabelRef(name + "Zero"))
	step := stride("initRow")
	for _, row := range acc {
		for v, x := range row {
			s.read(s.at(s.init, v), x)
		}
		ADDQ(step, s.init)
	}
	JMP(LabelRef(name + "Begun"))
	Label(name + "Zero")
	for _, row := range acc {
		for _, x := range row {
			s.clear(x)
		}
	}
	Label(name + "Begun")
}

// multiply emits the loop over k.
func (s strip) multiply(name string, acc [][]reg.VecVirtual) {
	Load(Param("k"), s.k)
	MOVQ(s.b, s.cursorB)
	// One cursor into A for every three rows: row 0, 1 and 2 steps away.
	cursors := make([]reg.GPVirtual, (len(acc)+2)/3)
	for i := range cursors {
		cursors[i] = GP64()
		if i == 0 {
			MOVQ(s.a, cursors[0])
		} else {
			LEAQ(Mem{Base: cursors[i-1], Index: s.rowStep, Scale: 2}, cursors[i])
			ADDQ(s.rowStep, cursors[i])
		}
	}
	Label(name + "Loop")
	s.outer(cursors, acc)
	for _, cursor := range cursors {
		ADDQ(s.columnStep, cursor)
	}
	ADDQ(s.bStep, s.cursorB)
	DECQ(s.k)
	JNE(LabelRef(name + "Loop"))
}

// outer emits the outer product of a column of A and a row of B. The shorter of
// the two stays in registers while the other passes through one.
func (s strip) outer(cursors []reg.GPVirtual, acc [][]reg.VecVirtual) {
	row := func(r int) reg.VecVirtual {
		address := Mem{Base: cursors[r/3]}
		if r%3 > 0 {
			address.Index, address.Scale = s.rowStep, uint8(r%3)
		}
		return s.broadcast(address)
	}
	column := func(v int) reg.VecVirtual {
		b := s.vector(v)
		s.read(s.at(s.cursorB, v), b)
		return b
	}
	if len(acc) < s.vectors {
		a := collect(len(acc), row)
		for v := range s.vectors {
			b := column(v)
			for r := range acc {
				VFMADD231PS(b, s.narrowed(a[r], v), acc[r][v])
			}
		}
		return
	}
	b := collect(s.vectors, column)
	for r := range acc {
		a := row(r)
		for v := range b {
			VFMADD231PS(b[v], s.narrowed(a, v), acc[r][v])
		}
	}
}

// collect returns the registers that load gives for 0 to n−1.
func collect(n int, load func(int) reg.VecVirtual) []reg.VecVirtual {
	all := make([]reg.VecVirtual, n)
	for i := range all {
		all[i] = load(i)
	}
	return all
}

// end stores the accumulators and moves c on.
func (s strip) end(acc [][]reg.VecVirtual) {
	step := stride("cRow")
	for _, row := range acc {
		for v, x := range row {
			if s.lanes != nil {
				s.storeMasked(x, s.at(s.c, v), *s.lanes)
			} else {
				VMOVUPS(x, s.at(s.c, v))
			}
		}
		ADDQ(step, s.c)
	}
}

// halved reports whether vector v of a row is half a vector.
func (s strip) halved(v int) bool { return s.half && v == s.vectors-1 }

// vector returns a fresh register for vector v of a row.
func (s strip) vector(v int) reg.VecVirtual {
	if s.halved(v) {
		return YMM()
	}
	return s.vec()
}

// narrowed returns what of a register is as wide as vector v of a row.
func (s strip) narrowed(x reg.VecVirtual, v int) Op {
	if s.halved(v) {
		return x.AsY()
	}
	return x
}

// at returns vector v of the strip in the row at base.
func (s strip) at(base reg.GPVirtual, v int) Mem {
	if v > 0 && v == s.vectors-1 {
		return Mem{Base: base, Index: s.last, Scale: 1}
	}
	return Mem{Base: base, Disp: v * s.bytes()}
}

// read loads a vector of the strip into v.
func (s strip) read(m Mem, v reg.VecVirtual) {
	if s.lanes == nil {
		VMOVUPS(m, v)
	} else {
		s.loadMaskedInto(m, *s.lanes, v)
	}
}

// spin emits a loop of independent multiply-adds in registers, to measure the peak.
func (t tier) spin() {
	t.text("spin", "(iterations int) (multiplyAdds int)",
		"runs independent multiply-adds in registers and returns their number per iteration.")
	x := t.resident(0.5)
	acc := t.vecs(t.chains)
	for _, v := range acc {
		t.clear(v)
	}
	n := pointer("iterations")
	Label("loop")
	for _, v := range acc {
		VFMADD213PS(x, x, v)
	}
	DECQ(n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	count := GP64()
	MOVQ(U32(t.chains*t.lanes), count)
	Store(count, ReturnIndex(0))
	RET()
}
