package propose

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/objdisco/discover/sandbox/objective"
)

// grammar draws expressions of the objective language by the part they play:
// margins (rising), links (falling functions of a margin), gates (between 0 and
// 1), schedules (scalars) and penalties. Each method returns the expression and
// the words for it.
type grammar struct {
	*rand.Rand
	objective.Batch
}

// term is an expression and the words for it, a noun phrase.
type term struct {
	objective.Vec
	words string
}

// terms are productions with their weights.
type terms = []choice[func() term]

func (g grammar) pick(productions terms) term { return draw(g.Rand, productions)() }

// constant draws a number around middle, log-normally, with two digits.
func (g grammar) constant(middle float64) float64 {
	return round(middle*math.Exp(.5*g.NormFloat64()), 2)
}

// x returns beta times the margin.
func (g grammar) x() term { return term{g.Margin().Mul(g.Beta), "the margin"} }

// reward returns beta times the log-ratio of one response.
func (g grammar) reward(chosen bool) term {
	if chosen {
		return term{g.LogRatioChosen().Mul(g.Beta), "the chosen log-ratio"}
	}
	return term{g.LogRatioRejected().Mul(g.Beta), "the rejected log-ratio"}
}

// margin draws a rising quantity that a link may act on.
func (g grammar) margin() term {
	return g.pick(terms{
		{6, g.x},
		{1, g.perToken},
		{1, g.lopsided},
		{4, func() term { return g.reshape(g.x()) }},
	})
}

// perToken draws the difference of log-ratios per token.
func (g grammar) perToken() term {
	k := g.constant(15)
	per := g.LogRatioChosen().Div(g.ChosenLen).Sub(g.LogRatioRejected().Div(g.RejectedLen))
	return term{per.Mul(g.Beta).Scale(k), "the margin per token"}
}

// lopsided draws a margin in which one response counts more.
func (g grammar) lopsided() term {
	k := g.constant(.6)
	if g.IntN(2) == 0 {
		return term{g.LogRatioChosen().Sub(g.LogRatioRejected().Scale(k)).Mul(g.Beta),
			fmt.Sprintf("a margin that counts the rejected response %g times", k)}
	}
	return term{g.LogRatioChosen().Scale(k).Sub(g.LogRatioRejected()).Mul(g.Beta),
		fmt.Sprintf("a margin that counts the chosen response %g times", k)}
}

// reshape draws a monotone change of a rising quantity that is more than a
// change of scale, which the search is neutral to.
func (g grammar) reshape(x term) term {
	a := g.constant(1.5)
	some := func(v objective.Vec, format string, args ...any) term {
		return term{v, x.words + " " + fmt.Sprintf(format, args...)}
	}
	return g.pick(terms{
		{2, func() term { return some(x.Clamp(-a, 2*a), "clamped to [%g, %g]", -a, 2*a) }},
		{1, func() term { return some(x.ClampMin(-a), "kept above %g", -a) }},
		{2, func() term { return some(x.Scale(round(1/a, 3)).Tanh().Scale(a), "saturating at ±%g", a) }},
		{2, func() term {
			k := g.constant(.5)
			return some(x.Add(x.Scale(3).Tanh().Scale(k)), "stretched around 0 by %g", k)
		}},
		{2, func() term { k := g.constant(.3); return some(x.AddConst(-k), "less a target of %g", k) }},
		{1, func() term {
			k := g.constant(.5)
			return some(x.Sub(x.Mean().Detach().Scale(k)), "less %g of its batch mean", k)
		}},
		{1, func() term { return some(x.Div(x.Std().Detach().AddConst(a)), "over its batch spread plus %g", a) }},
		{1, func() term {
			return some(x.Mul(g.schedule().Vec), "on a schedule")
		}},
		{1, func() term {
			k := round(.05*g.NormFloat64(), 2)
			return some(x.Add(g.ChosenLen.Sub(g.RejectedLen).Mul(g.Beta).Scale(k)), "plus %g of the length gap", k)
		}},
	})
}

// schedule draws a positive scalar that changes over training.
func (g grammar) schedule() term {
	k := g.constant(1)
	if g.IntN(2) == 0 {
		return term{g.Progress.Scale(k).AddConst(1), fmt.Sprintf("a rise of %g over training", k)}
	}
	return term{g.Progress.Scale(k).AddConst(1).Reciprocal(), "a decay over training"}
}

// sharpness draws how fast a gate opens: within one unit of beta times the
// margin, or within a hundredth of it.
func (g grammar) sharpness() float64 { return round(.5*math.Exp(4.4*g.Float64()), 2) }

// gate draws a value between 0 and 1 that depends on x.
func (g grammar) gate(x term) term {
	k, c := g.sharpness(), round(g.NormFloat64(), 2)
	return g.pick(terms{
		{4, func() term { return term{x.Scale(k).Sigmoid(), fmt.Sprintf("the sigmoid of %g × %s", k, x.words)} }},
		{4, func() term {
			return term{x.Scale(k).AddConst(c).Sigmoid(), fmt.Sprintf("the sigmoid of %g × %s %s", k, x.words, signed(c))}
		}},
		{2, func() term { return term{x.Neg().Scale(k).Sigmoid(), "the sigmoid of minus " + x.words} }},
		{1, func() term { return term{x.GreaterConst(c), fmt.Sprintf("whether %s exceeds %g", x.words, c)} }},
		{1, func() term { return term{x.Square().Scale(-k).Exp(), "a bump around margin 0"} }},
		{1, func() term { return term{g.Progress, "training progress"} }},
		{1, func() term { return term{x.Std().Scale(k).Tanh(), "the batch spread of " + x.words} }},
		{1, func() term { return term{x.Scale(k).Var().Sigmoid(), "the batch variance of " + x.words} }},
		{1, func() term { return term{x.Scale(k).Mean().Sigmoid(), "the batch mean of " + x.words} }},
	})
}

// penalty is a term that a loss may carry beside its link, and how much of it is
// usual.
type penalty struct {
	term
	usual float64
}

// penalty draws one that keeps the policy near the reference, or one that is
// highest where pairs are undecided: such a bump makes pairs take sides, so that
// flipped labels are not learned.
func (g grammar) penalty() penalty {
	x, chosen, rejected, k := g.x(), g.reward(true), g.reward(false), g.sharpness()
	near := terms{
		{2, func() term { return term{x.Square(), "the squared margin"} }},
		{2, func() term { return term{chosen.Neg().ReLU(), "any fall of the chosen response"} }},
		{1, func() term { return term{rejected.ReLU(), "any rise of the rejected response"} }},
		{1, func() term { return term{chosen.Add(rejected.Vec).Square(), "the squared sum of both log-ratios"} }},
		{1, func() term { return term{x.Abs(), "the size of the margin"} }},
		{1, func() term { return term{x.Softplus(), "the logistic loss of the flipped label"} }},
		{1, func() term { return term{x.AddConst(-g.constant(4)).ReLU(), "margins that are long won"} }},
	}
	undecided := terms{
		{2, func() term {
			return term{x.Scale(k).Square().Neg().Exp(), fmt.Sprintf("a bell of width 1/%g over undecided pairs", k)}
		}},
		{1, func() term {
			return term{x.Scale(k).Square().AddConst(1).Reciprocal(), fmt.Sprintf("a wide bell of width 1/%g over undecided pairs", k)}
		}},
		{1, func() term { return term{x.Scale(k).Var().Neg().Sigmoid(), "the agreement of the batch's margins"} }},
	}
	if g.IntN(2) == 0 {
		return penalty{g.pick(near), .05}
	}
	return penalty{g.pick(undecided), .3}
}
