package objective

import "github.com/objdisco/discover/sandbox/graph"

// Batch is a batch of preference pairs. Log-probabilities are of the whole
// completion, in nats.
type Batch struct {
	PolicyChosen   Vec // log-probability of the chosen completion under the policy
	PolicyRejected Vec // of the rejected completion under the policy
	RefChosen      Vec // of the chosen completion under the frozen reference
	RefRejected    Vec // of the rejected completion under the reference
	ChosenLen      Vec // length of the chosen completion, tokens
	RejectedLen    Vec // length of the rejected completion, tokens
	Beta           Vec // scalar: strength of the pull towards the reference
	Progress       Vec // scalar: fraction of training done, 0 to 1
}

// LogRatioChosen returns PolicyChosen − RefChosen.
func (b Batch) LogRatioChosen() Vec { return b.PolicyChosen.Sub(b.RefChosen) }

// LogRatioRejected returns PolicyRejected − RefRejected.
func (b Batch) LogRatioRejected() Vec { return b.PolicyRejected.Sub(b.RefRejected) }

// Margin returns LogRatioChosen − LogRatioRejected.
func (b Batch) Margin() Vec { return b.LogRatioChosen().Sub(b.LogRatioRejected()) }

// newBatch returns the symbols of a batch.
func newBatch() Batch {
	return Batch{
		PolicyChosen:   leaf(graph.PolicyChosen),
		PolicyRejected: leaf(graph.PolicyRejected),
		RefChosen:      leaf(graph.RefChosen),
		RefRejected:    leaf(graph.RefRejected),
		ChosenLen:      leaf(graph.ChosenLen),
		RejectedLen:    leaf(graph.RejectedLen),
		Beta:           leaf(graph.Beta),
		Progress:       leaf(graph.Progress),
	}
}
