package propose

import (
	"fmt"

	"github.com/objdisco/discover/sandbox/objective"
)

// loss is a term that falls with the margin, and a tag for a candidate's name.
type loss struct {
	term
	tag string
}

// link draws a falling function of x, a loss by itself.
func (g grammar) link(x term) loss {
	named := func(tag, words string, v objective.Vec) loss { return loss{term{v, words + " of " + x.words}, tag} }
	miss := x.Neg() // how far the pair is from being won
	k := g.constant(1)
	return draw(g.Rand, []choice[func() loss]{
		{5, func() loss { return named("logistic", "the logistic loss", miss.Softplus()) }},
		{2, func() loss { return named("hinge", fmt.Sprintf("the hinge at %g", k), miss.AddConst(k).ReLU()) }},
		{1, func() loss {
			return named("squared_hinge", fmt.Sprintf("the squared hinge at %g", k), miss.AddConst(k).ReLU().Square())
		}},
		{1, func() loss { return named("exponential", "the exponential loss", miss.Exp()) }},
		{1, func() loss {
			return named("squared", fmt.Sprintf("the squared distance to %g", k), x.AddConst(-k).Square())
		}},
		{2, func() loss { return named("sigmoid", "the sigmoid loss", miss.Sigmoid()) }},
		{2, func() loss { return g.generalized(x) }},
		{2, func() loss { return g.focal(x) }},
		{2, func() loss { return g.smoothed(x) }},
		{1, func() loss { return named("arctangent", "minus the inverse tangent", miss.Scale(k).Atan()) }},
		{1, func() loss { return named("erf", "minus the error function", miss.Scale(k).Erf()) }},
		{1, func() loss { return named("damped", "the log-damped logistic loss", miss.Softplus().Log1p()) }},
	})()
}

// generalized is the generalized cross-entropy (1 − p^q)/q with p = sigmoid(x):
// logistic as q → 0, bounded for larger q (arXiv 1805.07836, equation 6).
func (g grammar) generalized(x term) loss {
	q := round(.05+.9*g.Float64(), 2)
	v := x.LogSigmoid().Scale(q).Exp().Neg().AddConst(1).Scale(round(1/q, 3))
	return loss{term{v, fmt.Sprintf("the generalized cross-entropy (q = %g) of %s", q, x.words)}, "generalized"}
}

// focal is (1 − p)^c · −log p, which turns away from pairs that are won
// (arXiv 1708.02002, equation 4).
func (g grammar) focal(x term) loss {
	c := g.constant(.7)
	weight := x.Neg().LogSigmoid().Scale(c).Exp()
	return loss{term{weight.Mul(x.Neg().Softplus()), fmt.Sprintf("the focal loss (power %g) of %s", c, x.words)}, "focal"}
}

// smoothed is the logistic loss with a share e of the labels taken as flipped
// (conservative DPO): (1−e)·softplus(−x) + e·softplus(x).
func (g grammar) smoothed(x term) loss {
	e := round(.02+.28*g.Float64(), 2)
	v := x.Neg().Softplus().Add(x.Scale(e))
	return loss{term{v, fmt.Sprintf("the logistic loss with labels smoothed by %g of %s", e, x.words)}, "smoothed"}
}

// loss draws a whole objective.
func (g grammar) loss() loss {
	x := g.margin()
	return draw(g.Rand, []choice[func() loss]{
		{3, func() loss { return g.link(x) }},
		{3, func() loss { return g.mix(g.link(x), g.link(g.margin()), g.gate(g.x())) }},
		{2, func() loss { return g.penalized(g.link(x)) }},
		{2, func() loss { return g.weighted(g.link(x)) }},
		{1, g.halves},
	})()
}

// mix blends two losses: a where the gate is closed, c where it is open.
func (g grammar) mix(a, c loss, gate term) loss {
	v := a.Add(c.Sub(a.Vec).Mul(gate.Vec))
	return loss{term{v, fmt.Sprintf("%s blended into %s by %s", a.words, c.words, gate.words)}, a.tag + "_" + c.tag + "_blend"}
}

// penalized adds a penalty.
func (g grammar) penalized(l loss) loss {
	p := g.penalty()
	k := g.constant(p.usual)
	return loss{term{l.Add(p.Scale(k)), fmt.Sprintf("%s plus %g × %s", l.words, k, p.words)}, l.tag + "_penalized"}
}

// weighted multiplies a loss by a positive weight, with or without gradient
// through it.
func (g grammar) weighted(l loss) loss {
	gate, k := g.gate(g.x()), round(-.9+2.4*g.Float64(), 2)
	weight := gate.Scale(k).AddConst(1)
	if g.IntN(2) == 0 {
		weight = weight.Detach()
	}
	words := fmt.Sprintf("%s weighted by 1 %s × %s", l.words, signed(k), gate.words)
	return loss{term{l.Mul(weight), words}, l.tag + "_weighted"}
}

// halves draws one link for the chosen response and one for the rejected, as in
// KTO.
func (g grammar) halves() loss {
	chosen, rejected := g.link(g.reward(true)), g.reward(false)
	flipped := g.link(term{rejected.Neg(), "minus the rejected log-ratio"})
	k := g.constant(1)
	v := chosen.Add(flipped.Scale(k))
	return loss{term{v, fmt.Sprintf("%s plus %g × %s", chosen.words, k, flipped.words)}, chosen.tag + "_halves"}
}

// signed writes a number after an expression: "+ 0.5" or "− 0.5".
func signed(k float64) string {
	if k < 0 {
		return fmt.Sprintf("− %g", -k)
	}
	return fmt.Sprintf("+ %g", k)
}
