// Package probe runs a traced objective on fixed batches and says whether it can
// be trained with. It trusts nothing but the graph, which must be valid.
package probe

import (
	"fmt"
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// batchPairs is the number of pairs of a batch; microBatch splits it.
const (
	batchPairs = 64
	microBatch = 2
)

const finiteHint = "keep the arguments of Log, Sqrt, Div, Reciprocal and PowConst away from 0 and negative values, " +
	"the batch of Std from being all equal, and the argument of Exp small: Clamp, ClampMin, AddConst, Softplus, LogSigmoid"

// Verdict says why an objective cannot be trained with.
type Verdict struct {
	Reason, Hint string // "" if it can
	Node         int    // of the graph, the one to blame; -1 if that is not known
}

// Run runs g on fixed batches over the normal range of log-ratios. The batches
// include the start of training, where the policy is the reference and every
// margin is 0.
func Run(g *graph.Graph) Verdict {
	plan, err := graph.Compile(g)
	if err != nil {
		return Verdict{fmt.Sprintf("the objective cannot be compiled: %v", err), "simplify the objective", -1}
	}
	runner := plan.NewRunner()
	var first, second graph.Result
	depends := false
	list := batches()
	for _, b := range list {
		runner.Run(b.batch, microBatch, &first)
		if i, reason := judge(&first, b); reason != "" {
			node, blame := culprit(g, b.batch, i)
			return Verdict{reason + blame, finiteHint, node}
		}
		depends = depends || !allZero(first.GradChosen) || !allZero(first.GradRejected)
	}
	runner.Run(list[len(list)-1].batch, microBatch, &second)
	switch {
	case !sameBits(&first, &second):
		return Verdict{"the objective gives different values for the same batch", "remove whatever could make it do so", -1}
	case !depends:
		return Verdict{"the gradient is 0 everywhere: the loss does not depend on the policy, or only through Detach or masks",
			"use b.Margin(), b.LogRatioChosen() or b.PolicyChosen without Detach", -1}
	}
	return Verdict{Node: -1}
}

// judge says what is wrong with the result of one batch and at which pair, or
// returns "".
func judge(r *graph.Result, b namedBatch) (pair int, reason string) {
	n := b.batch.Len()
	if len(r.Loss) != n || len(r.GradChosen) != n || len(r.GradRejected) != n {
		return 0, fmt.Sprintf("the result has %d values for %d pairs", len(r.Loss), n)
	}
	for i := range r.Loss {
		what := ""
		switch {
		case !finite(r.Loss[i]):
			what = fmt.Sprintf("the loss is %v", r.Loss[i])
		case !finite(r.GradChosen[i]):
			what = fmt.Sprintf("the gradient with respect to PolicyChosen is %v", r.GradChosen[i])
		case !finite(r.GradRejected[i]):
			what = fmt.Sprintf("the gradient with respect to PolicyRejected is %v", r.GradRejected[i])
		default:
			continue
		}
		return i, fmt.Sprintf("%s at log-ratios %.4g (chosen) and %.4g (rejected), beta %g, %s, chosen length %g, rejected length %g", what,
			b.batch.PolicyChosen[i]-b.batch.RefChosen[i], b.batch.PolicyRejected[i]-b.batch.RefRejected[i], b.batch.Beta, b.what,
			b.batch.ChosenLen[i], b.batch.RejectedLen[i])
	}
	return 0, ""
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func allZero(xs []float64) bool {
	for _, x := range xs {
		if x != 0 {
			return false
		}
	}
	return true
}

func sameBits(a, b *graph.Result) bool {
	for _, s := range [...][2][]float64{{a.Loss, b.Loss}, {a.GradChosen, b.GradChosen}, {a.GradRejected, b.GradRejected}} {
		for i := range s[0] {
			if math.Float64bits(s[0][i]) != math.Float64bits(s[1][i]) {
				return false
			}
		}
	}
	return true
}
