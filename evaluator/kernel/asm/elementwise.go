package main

import (
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// body computes a group of output vectors for each output. in[k] are the
// vectors of input k, in memory or, where they are masked, in registers.
type body func(in [][]Op) []group

// elementMap is a kernel over slices of one length: element i of the outputs
// depends on element i of the inputs alone.
type elementMap struct {
	name, does string
	ins, outs  []string // slices; the outputs come first in the signature
	extra      string   // further parameters
	group      int      // vectors side by side
	prepare    func() body
}

// elementMap emits the function: groups of vectors, single ones, a masked one.
func (t tier) elementMap(m elementMap) {
	names := slices.Clone(m.outs)
	for _, s := range m.ins {
		if !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	t.text(m.name, "("+strings.Join(names, ", ")+" []float32"+m.extra+")", m.does)
	compute := m.prepare()
	at := map[string]reg.GPVirtual{}
	for _, s := range names {
		at[s] = GP64()
		Load(Param(s).Base(), at[s])
	}
	n := GP64()
	Load(Param(names[0]).Len(), n)
	step := func(vectors int, next, done string) {
		Label(next)
		CMPQ(n, U32(vectors*t.lanes))
		JLT(LabelRef(done))
		place := func(s string, i int) Op { return Mem{Base: at[s], Disp: i * t.bytes()} }
		out := compute(m.read(vectors, place))
		for k, s := range m.outs {
			for i, v := range out[k] {
				VMOVUPS(v, place(s, i))
			}
		}
		for _, s := range names {
			ADDQ(U32(vectors*t.bytes()), at[s])
		}
		SUBQ(U32(vectors*t.lanes), n)
		JMP(LabelRef(next))
	}
	step(m.group, "groups", "vectors")
	step(1, "vectors", "tail")
	Label("tail")
	TESTQ(n, n)
	JEQ(LabelRef("done"))
	lanes := t.firstLanes(n)
	out := compute(m.read(1, func(s string, _ int) Op { return t.loadMasked(Mem{Base: at[s]}, lanes) }))
	for k, s := range m.outs {
		t.storeMasked(out[k][0], Mem{Base: at[s]}, lanes)
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// read returns the operands of a group.
func (m elementMap) read(vectors int, place func(slice string, i int) Op) [][]Op {
	in := make([][]Op, len(m.ins))
	for k, s := range m.ins {
		for i := range vectors {
			in[k] = append(in[k], place(s, i))
		}
	}
	return in
}

// loads returns fresh registers with the operands.
func (t tier) loads(ops []Op) group {
	v := make(group, len(ops))
	for i, op := range ops {
		v[i] = t.load(op)
	}
	return v
}

// combine is the body op(b, a, a) of two inputs.
func (t tier) combine(op func(...Op)) func() body {
	return func() body {
		return func(in [][]Op) []group {
			a := t.loads(in[0])
			for i := range a {
				op(in[1][i], a[i], a[i])
			}
			return []group{a}
		}
	}
}

// scaled is the body op(first input, alpha, second) where there are two inputs
// and op(alpha, input, input) where there is one.
func (t tier) scaled(op func(...Op)) func() body {
	return func() body {
		alpha := t.scalar("alpha")
		return func(in [][]Op) []group {
			last := t.loads(in[len(in)-1])
			for i := range last {
				if len(in) == 1 {
					op(alpha, last[i], last[i])
				} else {
					op(in[0][i], alpha, last[i])
				}
			}
			return []group{last}
		}
	}
}

// elementwise emits the kernels over slices.
func (t tier) elementwise() {
	dst, src, ab := []string{"dst"}, []string{"src"}, []string{"a", "b"}
	for _, m := range []elementMap{
		{name: "exp", does: "stores e to the power src[i] in dst[i].", ins: src, outs: dst, group: 5, prepare: func() body {
			e := t.exponential()
			return func(in [][]Op) []group { return []group{e.apply(t.loads(in[0]))} }
		}},
		{name: "log", does: "stores the natural logarithm of src[i] in dst[i].", ins: src, outs: dst, group: 1, prepare: func() body {
			l := t.logarithm()
			return func(in [][]Op) []group { return []group{{l.apply(t.load(in[0][0]))}} }
		}},
		{name: "tanh", does: "stores the hyperbolic tangent of src[i] in dst[i].", ins: src, outs: dst, group: 4, prepare: func() body {
			h := t.hyperbolic()
			return func(in [][]Op) []group { return []group{h.apply(t.loads(in[0]))} }
		}},
		{name: "tanhBackward", does: "multiplies d[i] by 1 − h[i]².", ins: []string{"d", "h"}, outs: []string{"d"}, group: 4, prepare: t.tanhSlope},
		{name: "add", does: "stores a[i] + b[i] in dst[i].", ins: ab, outs: dst, group: 4, prepare: t.combine(VADDPS)},
		{name: "sub", does: "stores a[i] − b[i] in dst[i].", ins: ab, outs: dst, group: 4, prepare: t.combine(VSUBPS)},
		{name: "axpy", does: "adds alpha·x[i] to y[i].", extra: ", alpha float32",
			ins: []string{"y", "x"}, outs: []string{"y"}, group: 4, prepare: t.scaled(VFMADD213PS)},
		{name: "scale", does: "multiplies x[i] by alpha.", extra: ", alpha float32",
			ins: []string{"x"}, outs: []string{"x"}, group: 4, prepare: t.scaled(VMULPS)},
		{name: "adamStep", does: "is one Adam step; f is the first field of an adamFactors.", extra: ", f *float32",
			ins: []string{"param", "m", "v", "grad"}, outs: []string{"param", "m", "v"}, group: 1, prepare: t.adam},
	} {
		t.elementMap(m)
	}
}

// tanhSlope is the body of tanhBackward.
func (t tier) tanhSlope() body {
	one := t.resident(1)
	return func(in [][]Op) []group {
		h, slope := t.loads(in[1]), t.filled(one, len(in[1]))
		for i := range h {
			VFNMADD231PS(h[i], h[i], slope[i])
			VMULPS(in[0][i], slope[i], slope[i])
		}
		return []group{slope}
	}
}

// adam is the body of adamStep.
func (t tier) adam() body {
	factors := Load(Param("f"), GP64())
	var f [8]reg.VecVirtual
	for i := range f {
		f[i] = t.broadcast(Mem{Base: factors, Disp: 4 * i})
	}
	gradScale, keep1, take1, keep2 := f[0], f[1], f[2], f[3]
	take2, rate, root, epsilon := f[4], f[5], f[6], f[7]
	return func(in [][]Op) []group {
		param, m, v, g := t.load(in[0][0]), t.load(in[1][0]), t.load(in[2][0]), t.load(in[3][0])
		VMULPS(gradScale, g, g)
		VMULPS(keep1, m, m)
		VFMADD231PS(take1, g, m)
		VMULPS(keep2, v, v)
		VMULPS(g, g, g)
		VFMADD231PS(take2, g, v)
		VSQRTPS(v, g)
		VFMADD213PS(epsilon, root, g)
		step := t.vec()
		VMULPS(rate, m, step)
		VDIVPS(g, step, step)
		VSUBPS(step, param, param)
		return []group{{param}, {m}, {v}}
	}
}
