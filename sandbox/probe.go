package sandbox

import (
	"fmt"
	"math"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// probePairs is the number of pairs of a probe batch; probeMicroBatch splits it.
const (
	probePairs      = 64
	probeMicroBatch = 2
)

const finiteHint = "keep the arguments of Log, Sqrt, Div, Reciprocal and PowConst away from 0 and negative values, " +
	"the batch of Std from being all equal, and the argument of Exp small: Clamp, ClampMin, AddConst, Softplus, LogSigmoid"

// probe runs g on fixed batches over the normal range of log-ratios and says why
// it cannot be trained with, or returns "". The batches include the start of
// training, where the policy is the reference and every margin is 0.
func probe(g *graph.Graph) (reason, hint string) {
	plan, err := graph.Compile(g)
	if err != nil {
		return fmt.Sprintf("the objective cannot be compiled: %v", err), "simplify the objective"
	}
	runner := plan.NewRunner()
	var first, second graph.Result
	depends := false
	batches := probeBatches()
	for _, b := range batches {
		runner.Run(b.batch, probeMicroBatch, &first)
		if i, reason := judge(&first, b); reason != "" {
			return reason + culprit(g, b.batch, i), finiteHint
		}
		depends = depends || !allZero(first.GradChosen) || !allZero(first.GradRejected)
	}
	runner.Run(batches[len(batches)-1].batch, probeMicroBatch, &second)
	if !sameBits(&first, &second) {
		return "the objective gives different values for the same batch", "remove whatever could make it do so"
	}
	if !depends {
		return "the gradient is 0 everywhere: the loss does not depend on the policy, or only through Detach or masks", "use b.Margin(), b.LogRatioChosen() or b.PolicyChosen without Detach"
	}
	return "", ""
}

// judge says what is wrong with the result of one batch and at which pair, or
// returns "".
func judge(r *graph.Result, b probeBatch) (pair int, reason string) {
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

// maxBlame bounds the size of a graph in which culprit searches, which takes
// time in proportion to its square.
const maxBlame = 200

// culprit names the first operation of g whose value is not finite in the
// micro-batch of a pair.
func culprit(g *graph.Graph, b *graph.Batch, pair int) string {
	if len(g.Nodes) > maxBlame {
		return ""
	}
	lo := pair / probeMicroBatch * probeMicroBatch
	part := slice(b, lo, lo+probeMicroBatch)
	for i, n := range g.Nodes {
		prefix := &graph.Graph{Version: g.Version, Nodes: slices.Clone(g.Nodes[:i+1]), Output: i + 2}
		prefix.Nodes = append(prefix.Nodes, graph.Node{Op: graph.PolicyChosen}, graph.Node{Op: graph.Add, Args: []int{i, i + 1}})
		plan, err := graph.Compile(prefix)
		if err != nil {
			return ""
		}
		var out graph.Result
		plan.NewRunner().Run(part, 0, &out)
		if !finite(out.Loss[0]) || !finite(out.Loss[1]) {
			return fmt.Sprintf("; the first operation to blame is %s", n.Op)
		}
	}
	return "; every value is finite, the gradient is not"
}

// slice returns pairs lo to hi of b.
func slice(b *graph.Batch, lo, hi int) *graph.Batch {
	return &graph.Batch{
		PolicyChosen: b.PolicyChosen[lo:hi], PolicyRejected: b.PolicyRejected[lo:hi],
		RefChosen: b.RefChosen[lo:hi], RefRejected: b.RefRejected[lo:hi],
		ChosenLen: b.ChosenLen[lo:hi], RejectedLen: b.RejectedLen[lo:hi],
		Beta: b.Beta, Progress: b.Progress,
	}
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

// probeBatch is a batch and, in words, where in training it may occur.
type probeBatch struct {
	what  string
	batch *graph.Batch
}

// probeBatches returns the fixed batches: the start of training, small and
// normal log-ratios of both signs, at small and normal betas, early and late, and
// the corners of that range.
func probeBatches() []probeBatch {
	var out []probeBatch
	for _, beta := range [...]float64{0.01, 0.1, 1} {
		for _, at := range [...]struct {
			what     string
			scale    float64
			progress float64
		}{
			{"where the policy is the reference", 0, 0},
			{"early in training", 0.01, 0.1},
			{"in training", 1, 0.5},
			{"late in training", 8, 1},
		} {
			out = append(out, probeBatch{at.what, newProbeBatch(beta, at.scale, at.progress)})
		}
		out = append(out, probeBatch{"at the limits of the normal range", newCornerBatch(beta)})
	}
	return out
}

// newProbeBatch spreads log-ratios evenly over ±scale, by a low-discrepancy
// sequence; lengths and reference log-probabilities differ from pair to pair.
func newProbeBatch(beta, scale, progress float64) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: progress}
	for i := range probePairs {
		chosen := scale * (2*fraction(float64(i)*0.6180339887498949) - 1)
		rejected := scale * (2*fraction(float64(i)*0.7548776662466927) - 1)
		chosenLen, rejectedLen := float64(4+i*5%29), float64(3+i*13%31)
		refChosen, refRejected := -1.9*chosenLen-0.03*float64(i), -2.1*rejectedLen+0.02*float64(i)
		b.PolicyChosen = append(b.PolicyChosen, refChosen+chosen)
		b.PolicyRejected = append(b.PolicyRejected, refRejected+rejected)
		b.RefChosen = append(b.RefChosen, refChosen)
		b.RefRejected = append(b.RefRejected, refRejected)
		b.ChosenLen = append(b.ChosenLen, chosenLen)
		b.RejectedLen = append(b.RejectedLen, rejectedLen)
	}
	return b
}

// newCornerBatch has every combination of a log-ratio of -8, 0 and 8 nats, exactly,
// with completions of 1, 2, 3 and 64 tokens, some of a pair equally long.
func newCornerBatch(beta float64) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: 1}
	for _, lengths := range [...][2]float64{{1, 1}, {2, 3}, {3, 64}, {64, 2}} {
		for _, chosen := range [...]float64{-8, 0, 8} {
			for _, rejected := range [...]float64{8, 0, -8} {
				b.ChosenLen = append(b.ChosenLen, lengths[0])
				b.RejectedLen = append(b.RejectedLen, lengths[1])
				b.RefChosen = append(b.RefChosen, -10.5-1.5*lengths[0]) // so that sums are exact
				b.RefRejected = append(b.RefRejected, -11-1.75*lengths[1])
				b.PolicyChosen = append(b.PolicyChosen, -10.5-1.5*lengths[0]+chosen)
				b.PolicyRejected = append(b.PolicyRejected, -11-1.75*lengths[1]+rejected)
			}
		}
	}
	return b
}

func fraction(x float64) float64 { return x - math.Floor(x) }
