package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// block is the number of float32 lanes that reductions across lanes work in, the
// same on every tier.
const block = 16

// tier is an instruction set.
type tier struct {
	suffix string // of function names
	lanes  int    // float32 values in a vector
	tiles  []tile // gemm register tiles
	chains int    // accumulators of the peak measurement
}

var tiers = map[string]tier{
	"avx2": {suffix: "AVX2", lanes: 8, chains: 12, tiles: []tile{
		{vectors: 1, rows: []int{8, 4, 1}},
		{vectors: 2, rows: []int{6, 3, 1}},
		{vectors: 3, rows: []int{4, 2, 1}},
		{vectors: 4, rows: []int{3, 2, 1}},
	}},
	"avx512": {suffix: "AVX512", lanes: 16, chains: 24, tiles: []tile{
		{vectors: 1, rows: []int{9, 3, 1}},
		{vectors: 2, rows: []int{9, 3, 1}},
		{vectors: 3, rows: []int{8, 3, 1}},
		{vectors: 4, rows: []int{6, 4, 1}},
		{vectors: 2, half: true, rows: []int{8, 4, 1}},
		{vectors: 3, half: true, rows: []int{8, 3, 1}},
		{vectors: 4, half: true, rows: []int{6, 4, 1}},
	}},
}

// text starts a function of this tier.
func (t tier) text(name, signature string, doc ...string) {
	TEXT(name+t.suffix, attr.NOSPLIT, "func"+signature)
	Pragma("noescape")
	doc[0] = name + t.suffix + " " + doc[0]
	Doc(doc...)
}

// wide reports whether vectors are 512 bits.
func (t tier) wide() bool { return t.lanes == 16 }

// bytes is the size of a vector.
func (t tier) bytes() int { return 4 * t.lanes }

// parts is the number of vectors in a block.
func (t tier) parts() int { return block / t.lanes }

// vec returns a fresh vector register.
func (t tier) vec() reg.VecVirtual {
	if t.wide() {
		return ZMM()
	}
	return YMM()
}

// vecs returns n fresh vector registers.
func (t tier) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = t.vec()
	}
	return v
}

// zero returns a vector register that holds 0.
func (t tier) zero() reg.VecVirtual {
	v := t.vec()
	t.clear(v)
	return v
}

// clear sets a vector register to 0.
func (t tier) clear(v Op) {
	VXORPS(v, v, v)
}

// load returns a fresh register with the vector at m.
func (t tier) load(m Op) reg.VecVirtual {
	v := t.vec()
	VMOVUPS(m, v)
	return v
}

// broadcast returns a fresh register with the scalar at m in every lane.
func (t tier) broadcast(m Op) reg.VecVirtual {
	v := t.vec()
	VBROADCASTSS(m, v)
	return v
}

// scalar returns a fresh register with the float32 parameter in every lane.
func (t tier) scalar(name string) reg.VecVirtual {
	m, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return t.broadcast(m.Addr)
}

// literals holds the 64-byte constants already emitted, by bits.
var literals = map[uint32]Mem{}

// literal returns read-only memory with the bits repeated over a vector.
func (t tier) literal(bits uint32) Mem {
	if m, ok := literals[bits]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("c%08x", bits), attr.RODATA|attr.NOPTR)
	for i := range t.lanes {
		DATA(4*i, U32(bits))
	}
	literals[bits] = m
	return m
}

// constant returns an operand with the value in every lane: memory with AVX2,
// whose registers are scarce, a register with AVX-512, whose data would not be
// aligned to its vectors.
func (t tier) constant(value float64) Op {
	return t.bits(math.Float32bits(float32(value)))
}

// constants returns an operand for each value.
func (t tier) constants(values []float64) []Op {
	ops := make([]Op, len(values))
	for i, v := range values {
		ops[i] = t.constant(v)
	}
	return ops
}

// register returns the operand itself if it is a register, and else a fresh one
// loaded from it.
func (t tier) register(c Op) reg.VecVirtual {
	if v, ok := c.(reg.VecVirtual); ok {
		return v
	}
	return t.load(c)
}

// bits is constant for an integer value.
func (t tier) bits(value uint32) Op {
	m := t.literal(value)
	if t.wide() {
		return t.broadcast(m)
	}
	return m
}

// resident returns a register with the value in every lane.
func (t tier) resident(value float64) reg.VecVirtual {
	return t.broadcast(t.literal(math.Float32bits(float32(value))))
}

// mask selects the first lanes of a vector.
type mask struct {
	signs Mem               // AVX2: where a vector of selecting signs lies
	k     reg.OpmaskVirtual // AVX-512
}

// firstLanes returns the mask of the first n lanes, where register n is at most
// the lanes of a vector.
func (t tier) firstLanes(n reg.GPVirtual) mask {
	if t.wide() {
		ones, k := GP64(), K()
		MOVQ(I32(-1), ones)
		BZHIQ(n, ones, ones)
		KMOVW(ones.As32(), k)
		return mask{k: k}
	}
	table := GP64()
	LEAQ(t.maskTable(), table)
	offset := GP64()
	MOVQ(U32(t.lanes), offset)
	SUBQ(n, offset)
	LEAQ(Mem{Base: table, Index: offset, Scale: 4}, table)
	return mask{signs: Mem{Base: table}}
}

// laneTable is the mask table once emitted.
var laneTable *Mem

// maskTable returns memory with a vector of ones and then one of zeros.
func (t tier) maskTable() Mem {
	if laneTable != nil {
		return *laneTable
	}
	m := GLOBL("lanes", attr.RODATA|attr.NOPTR)
	laneTable = &m
	for i := range 2 * t.lanes {
		ones := uint32(0)
		if i < t.lanes {
			ones = math.MaxUint32
		}
		DATA(4*i, U32(ones))
	}
	return m
}

// loadMasked returns a fresh register with the selected lanes at m and 0 elsewhere.
func (t tier) loadMasked(m Op, lanes mask) reg.VecVirtual {
	v := t.vec()
	t.loadMaskedInto(m, lanes, v)
	return v
}

// loadMaskedInto sets v to the selected lanes at m and 0 elsewhere.
func (t tier) loadMaskedInto(m Op, lanes mask, v reg.VecVirtual) {
	if t.wide() {
		VMOVUPS_Z(m, lanes.k, v)
	} else {
		VMASKMOVPS(m, t.load(lanes.signs), v)
	}
}

// storeMasked stores the selected lanes of v at m.
func (t tier) storeMasked(v, m Op, lanes mask) {
	if t.wide() {
		VMOVUPS(v, lanes.k, m)
	} else {
		VMASKMOVPS(v, t.load(lanes.signs), m)
	}
}

// keep sets the lanes of v that are not selected to those of other.
func (t tier) keep(v, other reg.VecVirtual, lanes mask) {
	if t.wide() {
		VBLENDMPS(v, other, lanes.k, v)
	} else {
		VBLENDVPS(t.load(lanes.signs), v, other, v)
	}
}

// drop sets the lanes of v that are not selected to 0.
func (t tier) drop(v reg.VecVirtual, lanes mask) {
	if t.wide() {
		VMOVUPS_Z(v, lanes.k, v)
	} else {
		VANDPS(lanes.signs, v, v)
	}
}

// replaceIf sets the lanes of v where a compares with b to those of value.
func (t tier) replaceIf(predicate uint8, a reg.VecVirtual, b Op, v reg.VecVirtual, value Op) {
	if t.wide() {
		k := K()
		VCMPPS(U8(predicate), b, a, k)
		VBLENDMPS(value, v, k, v)
		return
	}
	m := t.vec()
	VCMPPS(U8(predicate), b, a, m)
	VBLENDVPS(m, value, v, v)
}

// Comparison predicates of VCMPPS: none signals for a quiet NaN.
const (
	equal       = 0x00 // false for NaN
	lessThan    = 0x11 // false for NaN
	notLessThan = 0x15 // true for NaN
)
