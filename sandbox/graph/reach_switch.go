package graph

import (
	"math"
	"slices"
)

// reads reports whether the result depends on one of the leaves, by its form.
func (p *Plan) reads(leaves ...Op) bool {
	return slices.ContainsFunc(p.code, func(in instruction) bool { return slices.Contains(leaves, in.op) })
}

// regimes are the ranges of each instruction's operand that have occurred, for
// operations that do another thing in another range.
type regimes []uint8

const (
	lowRange uint8 = 1 << iota
	highRange
	middleRange
)

// rangeOf returns the range of a number between borders.
func rangeOf(x, lo, hi float64) uint8 {
	switch {
	case x < lo:
		return lowRange
	case x > hi:
		return highRange
	}
	return middleRange
}

// saturated is where an exponential or a sigmoid is nearly its limit.
const saturated = 8

// borders returns where an operation on one number changes.
func (in *instruction) borders() (lo, hi float64, ok bool) {
	switch in.op {
	case ReLU, Abs:
		return 0, 0, true
	case GreaterConst, LessConst, ClampMin, ClampMax:
		return in.k[0], in.k[0], true
	case Clamp:
		return in.k[0], in.k[1], true
	case Exp, Expm1, Sigmoid, LogSigmoid, Softplus, Tanh, Erf:
		return -saturated, saturated, true
	}
	return 0, 0, false
}

// note adds the ranges of the operands of the last forward pass of r.
func (seen regimes) note(r *Runner) {
	for i := range r.plan.code {
		in := &r.plan.code[i]
		switch in.op {
		case Greater, Less, Max, Min:
			for s := range r.parts(in) {
				a, b := r.value(in.args[0], s), r.value(in.args[1], s)
				sa, sb := stride(a), stride(b)
				for j := range max(len(a), len(b)) {
					seen[i] |= rangeOf(a[j*sa], b[j*sb], b[j*sb])
				}
			}
		default:
			if lo, hi, ok := in.borders(); ok {
				for _, x := range r.values[in.args[0]] {
					seen[i] |= rangeOf(x, lo, hi)
				}
			}
		}
	}
}

// beyond reports whether a range is new to before: one on an end, or the middle
// where not both ends have occurred. Instructions to be ignored are left out.
func (seen regimes) beyond(before regimes, ignored []bool) bool {
	const ends = lowRange | highRange
	for i, now := range seen {
		if ignored[i] || before[i]&ends == ends {
			continue
		}
		if now&^before[i] != 0 {
			return true
		}
	}
	return false
}

// changes reports whether some of the far pairs bring an operation into a range
// in which it has not been. They are far in nats, not in nats per token, so what
// depends on lengths says nothing.
func (v *view) changes(r *Runner, before regimes) bool {
	b := *v.pairs
	b.Beta, b.Progress = v.points[0].beta, v.points[0].progress
	seen := make(regimes, len(r.plan.code))
	r.grow(farSample)
	r.microBatch = farSample
	if r.plan.statistics {
		r.microBatch = v.points[0].microBatch
	}
	r.forward(&b, 0, farSample)
	seen.note(r)
	return seen.beyond(before, r.plan.dependent(ChosenLen, RejectedLen))
}

// switchesOn returns the instructions that may turn something on or off by one of
// the leaves: what they are applied to depends on it and on no log-probability,
// and they are no power, product or sum.
func (p *Plan) switchesOn(leaves ...Op) []int {
	var out []int
	own, policy := p.dependent(leaves...), p.dependent(PolicyChosen, PolicyRejected, RefChosen, RefRejected)
	for i, in := range p.code {
		if own[i] && !policy[i] && in.op.switches() {
			out = append(out, i)
		}
	}
	return out
}

// dependent marks the instructions that depend on one of the leaves.
func (p *Plan) dependent(leaves ...Op) []bool {
	out := make([]bool, len(p.code))
	for i := range p.code {
		in := &p.code[i]
		out[i] = slices.Contains(leaves, in.op)
		for _, a := range in.args[:in.op.Arity()] {
			out[i] = out[i] || out[a]
		}
	}
	return out
}

// switches reports whether op can turn something on or off.
func (op Op) switches() bool {
	switch op {
	case Max, Min, Greater, Less, Where, Sin, Cos, Atan:
		return true
	}
	in := instruction{op: op, k: []float64{0, 0}}
	_, _, ok := in.borders()
	return ok
}

// powerLaws follows instructions along betas of equal ratios: if each is a multiple
// of a power of beta, among them a constant, there is no switch.
type powerLaws struct {
	of           []int
	last, growth []float64
	points       int
	broken       bool
}

func (p *powerLaws) follow(r *Runner) {
	if p.points == 0 {
		p.last, p.growth = make([]float64, len(p.of)), make([]float64, len(p.of))
	}
	for i, at := range p.of {
		y := r.value(at, r.lastBatch())[0]
		growth := y / p.last[i]
		if y == p.last[i] {
			growth = 1 // 0 and infinity too
		}
		if p.points > 1 && !(math.Abs(growth-p.growth[i]) <= 1e-9*math.Abs(growth)) {
			p.broken = true
		}
		p.last[i], p.growth[i] = y, growth
	}
	p.points++
}
