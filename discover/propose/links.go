package propose

import (
	"fmt"

	"github.com/objdisco/discover/sandbox/objective"
)

// link draws a falling function of x, a loss by itself.
func (g grammar) link(x term) term {
	named := func(name string, v objective.Vec) term { return term{v, name + " of " + x.words} }
	miss := x.Neg() // how far the pair is from being won
	k := g.constant(1)
	return g.pick([]choice{
		{5, func() term { return named("the logistic loss", miss.Softplus()) }},
		{2, func() term { return named(fmt.Sprintf("the hinge at %g", k), miss.AddConst(k).ReLU()) }},
		{1, func() term { return named(fmt.Sprintf("the squared hinge at %g", k), miss.AddConst(k).ReLU().Square()) }},
		{1, func() term { return named("the exponential loss", miss.Exp()) }},
		{1, func() term { return named(fmt.Sprintf("the squared distance to %g", k), x.AddConst(-k).Square()) }},
		{2, func() term { return named("the sigmoid loss", miss.Sigmoid()) }},
		{2, func() term { return g.tempered(x) }},
		{2, func() term { return g.focal(x) }},
		{2, func() term { return g.smoothed(x) }},
		{1, func() term { return named("minus the inverse tangent", miss.Scale(k).Atan()) }},
		{1, func() term { return named("minus the error function", miss.Scale(k).Erf()) }},
		{1, func() term { return named("the log-damped logistic loss", miss.Softplus().Log1p()) }},
	})
}

// tempered is the generalized cross-entropy (1 − p^q)/q with p = sigmoid(x):
// logistic as q → 0, bounded for larger q (arXiv 1805.07836, equation 6).
func (g grammar) tempered(x term) term {
	q := round(.05+.9*g.Float64(), 2)
	return term{x.LogSigmoid().Scale(q).Exp().Neg().AddConst(1).Scale(round(1/q, 3)),
		fmt.Sprintf("the generalized cross-entropy (q = %g) of %s", q, x.words)}
}

// focal is (1 − p)^c · −log p, which turns away from pairs that are won
// (arXiv 1708.02002, equation 4).
func (g grammar) focal(x term) term {
	c := g.constant(.7)
	weight := x.Neg().LogSigmoid().Scale(c).Exp()
	return term{weight.Mul(x.Neg().Softplus()), fmt.Sprintf("the focal loss (power %g) of %s", c, x.words)}
}

// smoothed is the logistic loss with a share e of the labels taken as flipped
// (conservative DPO): (1−e)·softplus(−x) + e·softplus(x).
func (g grammar) smoothed(x term) term {
	e := round(.02+.28*g.Float64(), 2)
	return term{x.Neg().Softplus().Add(x.Scale(e)), fmt.Sprintf("the logistic loss with labels smoothed by %g of %s", e, x.words)}
}

// loss draws a whole objective.
func (g grammar) loss() term {
	x := g.margin()
	return g.pick([]choice{
		{3, func() term { return g.link(x) }},
		{3, func() term { return g.mix(g.link(x), g.link(g.margin()), g.gate(g.x())) }},
		{2, func() term { return g.penalized(g.link(x)) }},
		{2, func() term { return g.weighted(g.link(x)) }},
		{1, g.halves},
	})
}

// mix blends two losses: a where the gate is closed, c where it is open.
func (g grammar) mix(a, c, gate term) term {
	return term{a.Add(c.Sub(a.Vec).Mul(gate.Vec)), fmt.Sprintf("%s blended into %s by %s", a.words, c.words, gate.words)}
}

// penalized adds a small penalty.
func (g grammar) penalized(loss term) term {
	p, k := g.penalty(), g.constant(.05)
	return term{loss.Add(p.Scale(k)), fmt.Sprintf("%s plus %g × %s", loss.words, k, p.words)}
}

// weighted multiplies a loss by a positive weight, with or without gradient
// through it.
func (g grammar) weighted(loss term) term {
	gate, k := g.gate(g.x()), round(-.9+2.4*g.Float64(), 2)
	weight := gate.Scale(k).AddConst(1)
	if g.IntN(2) == 0 {
		weight = weight.Detach()
	}
	return term{loss.Mul(weight), fmt.Sprintf("%s weighted by 1 %+g × %s", loss.words, k, gate.words)}
}

// halves draws one link for the chosen response and one for the rejected, as in
// KTO.
func (g grammar) halves() term {
	chosen, rejected := g.link(g.reward(true)), g.reward(false)
	flipped := g.link(term{rejected.Neg(), "minus the rejected log-ratio"})
	k := g.constant(1)
	return term{chosen.Add(flipped.Scale(k)), fmt.Sprintf("%s plus %g × %s", chosen.words, k, flipped.words)}
}
