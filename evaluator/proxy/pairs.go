package proxy

import (
	"math/rand/v2"

	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
	"github.com/objdisco/discover/evaluator/train"
)

// textPairs is labelled pairs as the policy and the training loop read them.
type textPairs struct {
	chosen, rejected []policy.Sequence
	fixed            train.Pairs
}

// newTextPairs converts pairs, given the reference's table of log-probabilities.
func newTextPairs(l *task.Language, reference task.Table, pairs []task.Pair) *textPairs {
	p := &textPairs{}
	for _, pair := range pairs {
		chosen, rejected := sequence(l, pair.Query, pair.Chosen), sequence(l, pair.Query, pair.Rejected)
		p.chosen, p.rejected = append(p.chosen, chosen), append(p.rejected, rejected)
		f := &p.fixed
		f.RefChosen, f.RefRejected = append(f.RefChosen, logProb(reference, chosen)), append(f.RefRejected, logProb(reference, rejected))
		f.ChosenLen, f.RejectedLen = append(f.ChosenLen, float64(len(chosen.Tokens))), append(f.RejectedLen, float64(len(rejected.Tokens)))
	}
	return p
}

// logProb sums the log-probabilities of the steps of a sequence, nats.
func logProb(table task.Table, s policy.Sequence) float64 {
	sum := 0.
	for i, c := range s.Contexts {
		sum += float64(table.Row(int(c))[s.Tokens[i]])
	}
	return sum
}

// batch compiles the chosen, then the rejected sequences of pairs.
func (p *textPairs) batch(c *policy.Compiler, pairs []int) *policy.Batch {
	var sequences []policy.Sequence
	for _, i := range pairs {
		sequences = append(sequences, p.chosen[i])
	}
	for _, i := range pairs {
		sequences = append(sequences, p.rejected[i])
	}
	return c.Compile(sequences)
}

// bind draws the order of the pairs and compiles the batches of all steps.
func (p *textInstance) bind(l *task.Language, pairs []task.Pair, r *rand.Rand) {
	converted := newTextPairs(l, p.reference, pairs)
	p.data = train.Data{Pairs: converted.fixed, Order: p.training.Order(r, len(pairs), p.training.Steps)}
	compiler := policy.NewCompiler(p.shape)
	for _, step := range p.data.Order {
		p.batches = append(p.batches, converted.batch(compiler, step))
	}
}
