package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// logarithm emits the natural logarithm, one vector at a time: it is rare.
type logarithm struct {
	tier
	tiny, rescale, rescaled, root, one, two, half Op
	ln2Hi, ln2Low, inf, zero, minusInf, nan       Op
	poly                                          []Op
}

// logarithm places the constants of log.
func (t tier) logarithm() logarithm {
	return logarithm{
		tier: t, tiny: t.constant(0x1p-126), rescale: t.constant(0x1p23), rescaled: t.bits(23),
		root: t.bits(math.Float32bits(math.Sqrt2 / 2)), one: t.constant(1), two: t.constant(2), half: t.constant(0.5),
		ln2Hi: t.constant(ln2High), ln2Low: t.constant(ln2Low), inf: t.constant(math.Inf(1)),
		zero: t.constant(0), minusInf: t.constant(math.Inf(-1)), nan: t.bits(0x7FC00000),
		poly: t.constants(logPoly),
	}
}

// apply returns log(x), spoiling x. Subnormals are scaled up first.
func (l logarithm) apply(x reg.VecVirtual) reg.VecVirtual {
	y, scaled := l.load(x), l.vec()
	VMULPS(l.rescale, x, scaled)
	l.replaceIf(lessThan, x, l.tiny, y, scaled)
	k := l.exponent(y)
	l.clear(scaled)
	shift := l.load(l.rescaled)
	l.replaceIf(notLessThan, x, l.tiny, shift, scaled)
	VPSUBD(shift, k, k)
	VCVTDQ2PS(k, k)
	result := l.series(y, k)
	l.replaceIf(notLessThan, x, l.inf, result, x)
	l.replaceIf(equal, x, l.zero, result, l.minusInf)
	l.replaceIf(lessThan, x, l.zero, result, l.nan)
	return result
}

// exponent returns k with y = 2ᵏ·m, m in [√½, √2), and makes y that m.
func (l logarithm) exponent(y reg.VecVirtual) reg.VecVirtual {
	k, power := l.vec(), l.vec()
	VPSUBD(l.root, y, k)
	VPSRAD(U8(23), k, k)
	VPSLLD(U8(23), k, power)
	VPSUBD(power, y, y)
	return k
}

// series returns k·ln 2 + log(m), with log(1+f) = f − (f²/2 − s·(f²/2 + R(s²)))
// and s = f/(2+f), spoiling both.
func (l logarithm) series(m, k reg.VecVirtual) reg.VecVirtual {
	f := m
	VSUBPS(l.one, m, f)
	s, z, h := l.vec(), l.vec(), l.vec()
	VADDPS(l.two, f, s)
	VDIVPS(s, f, s)
	VMULPS(s, s, z)
	r := l.horner(l.poly, group{z})[0]
	VMULPS(f, f, h)
	VMULPS(l.half, h, h)
	VFMADD213PS(h, z, r)
	VMULPS(s, r, r)
	VFMADD231PS(l.ln2Low, k, r)
	VSUBPS(r, h, h)
	VSUBPS(h, f, f)
	VFMADD231PS(l.ln2Hi, k, f)
	return f
}
