package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Coefficients of the elementary functions; ../math_go.go has the same in Go and
// says where they come from.
var (
	expPoly = []float64{0.00138145936629, 0.00836871735127, 0.0416683881495, 0.166665206266, 0.499999934473, 1, 1}
	tanhNum = []float64{1.33241569e-8, 2.05926972e-5, 0.0034948485, 0.133804947, 1}
	tanhDen = []float64{7.76571937e-7, 0.000328424212, 0.0258744471, 0.467138171, 1}
	logPoly = []float64{2. / 9, 2. / 7, 2. / 5, 2. / 3}
)

const (
	expLow, expHigh = -104, 89
	tanhLimit       = 9.25
	ln2High         = 0.693359375
	ln2Low          = -2.1219444e-4
	rounder         = 3 << 22
)

// group is a set of vectors that go through the same operations side by side:
// each instruction is emitted for all of them before the next, because one
// vector after the other would fill the scheduler with a chain that waits.
type group = []reg.VecVirtual

// copyOf returns fresh registers with the values of v.
func (t tier) copyOf(v group) group {
	c := t.vecs(len(v))
	for i := range v {
		VMOVUPS(v[i], c[i])
	}
	return c
}

// filled returns n fresh registers with a constant.
func (t tier) filled(c Op, n int) group {
	v := t.vecs(n)
	for i := range v {
		VMOVUPS(c, v[i])
	}
	return v
}

// each emits op(c, v, v) for each vector, with the constant in a register.
func (t tier) each(op func(...Op), c Op, v group) {
	k := t.register(c)
	for i := range v {
		op(k, v[i], v[i])
	}
}

// fused emits op(c, a, v), a fused multiply-add that updates v, for each vector,
// with the constant in a register.
func (t tier) fused(op func(...Op), c Op, a, v group) {
	k := t.register(c)
	for i := range v {
		op(k, a[i], v[i])
	}
}

// horner returns fresh registers with the polynomial in x, highest power first.
func (t tier) horner(poly []Op, x group) group {
	p := t.filled(poly[0], len(x))
	for _, c := range poly[1:] {
		t.fused(VFMADD213PS, c, x, p)
	}
	return p
}

// clamp limits x to [low, high]. x is the last operand: then NaN passes through.
func (t tier) clamp(x group, low, high Op) {
	lo := t.register(low)
	for _, v := range x {
		VMAXPS(v, lo, v)
	}
	hi := t.register(high)
	for _, v := range x {
		VMINPS(v, hi, v)
	}
}

// exponential emits exp; its constants are placed once per function.
type exponential struct {
	tier
	low, high, lowNormal          Op
	log2e, rounder, ln2Hi, ln2Low Op
	one                           Op
	poly                          []Op
}

// exponential places the constants of exp.
func (t tier) exponential() exponential {
	return exponential{
		tier: t, low: t.constant(expLow), high: t.constant(expHigh), lowNormal: t.constant(-87),
		log2e: t.constant(math.Log2E), rounder: t.constant(rounder),
		ln2Hi: t.constant(ln2High), ln2Low: t.constant(ln2Low),
		one: t.constant(1), poly: t.constants(expPoly),
	}
}

// reduce splits x = n·ln 2 + r in place: x becomes r, and the result holds n in
// its low bits.
func (e exponential) reduce(x group) (n group) {
	n = e.filled(e.rounder, len(x))
	e.fused(VFMADD231PS, e.log2e, x, n)
	whole, shift := e.vecs(len(x)), e.register(e.rounder)
	for i := range x {
		VSUBPS(shift, n[i], whole[i])
	}
	e.fused(VFNMADD231PS, e.ln2Hi, whole, x)
	e.fused(VFNMADD231PS, e.ln2Low, whole, x)
	return n
}

// apply returns exp(x) over the full range, spoiling x. The power of two is
// applied in two factors, so that overflow and subnormal results round once.
func (e exponential) apply(x group) group {
	e.clamp(x, e.low, e.high)
	n := e.reduce(x)
	p := e.horner(e.poly, x)
	half := e.vecs(len(x))
	for i := range n {
		VPSRAD(U8(1), n[i], half[i])
	}
	for i := range n {
		VPSUBD(half[i], n[i], n[i])
	}
	e.scale(p, half)
	e.scale(p, n)
	return p
}

// applyNegative returns exp(x) for x of at most 0, spoiling x; results below
// 2⁻¹²⁵ become about that.
func (e exponential) applyNegative(x group) group {
	low := e.register(e.lowNormal)
	for _, v := range x {
		VMAXPS(v, low, v)
	}
	n := e.reduce(x)
	p := e.horner(e.poly, x)
	e.scale(p, n)
	return p
}

// scale multiplies p by 2ⁿ, n in the low bits of registers that it spoils. A
// product, not an addition to the exponent, keeps NaN.
func (e exponential) scale(p, n group) {
	for i := range n {
		VPSLLD(U8(23), n[i], n[i])
	}
	e.each(VPADDD, e.one, n)
	for i := range n {
		VMULPS(n[i], p[i], p[i])
	}
}

// hyperbolic emits tanh.
type hyperbolic struct {
	tier
	low, high   Op
	least, most Op
	num, den    []Op
}

// hyperbolic places the constants of tanh.
func (t tier) hyperbolic() hyperbolic {
	return hyperbolic{tier: t, low: t.constant(-tanhLimit), high: t.constant(tanhLimit),
		least: t.constant(-1), most: t.constant(1), num: t.constants(tanhNum), den: t.constants(tanhDen)}
}

// apply returns tanh(x), spoiling x.
func (h hyperbolic) apply(x group) group {
	h.clamp(x, h.low, h.high)
	square := h.vecs(len(x))
	for i := range x {
		VMULPS(x[i], x[i], square[i])
	}
	p := h.horner(h.num, square)
	for i := range x {
		VMULPS(x[i], p[i], p[i])
	}
	q := h.horner(h.den, square)
	for i := range x {
		VDIVPS(q[i], p[i], p[i])
	}
	h.clamp(p, h.least, h.most)
	return p
}
