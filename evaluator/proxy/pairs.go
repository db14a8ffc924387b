package proxy

import (
	"fmt"

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

// lesson is the pairs of a round in the order of its steps.
type lesson struct {
	data    train.Data
	batches []*policy.Batch // of each step
}

// newLesson draws the order of a round's pairs and compiles its batches. The
// rounds share the steps of the recipe.
func (p *textInstance) newLesson(round int, pairs []task.Pair) lesson {
	steps := p.training.Steps / max(1, p.task.Rounds)
	r := task.Stream(p.world.Seed, fmt.Sprintf("order of round %d", round))
	converted := newTextPairs(p.world.Language, p.reference, pairs)
	l := lesson{data: train.Data{Pairs: converted.fixed, Order: p.training.Order(r, len(pairs), steps), First: round * steps}}
	compiler := policy.NewCompiler(p.shape)
	for _, step := range l.data.Order {
		l.batches = append(l.batches, converted.batch(compiler, step))
	}
	return l
}

// bind returns a model bound to the batches of the lesson.
func (l *lesson) bind(m *policy.NGram) boundNGram { return boundNGram{m, l} }

// boundNGram is a policy bound to the batches of a lesson.
type boundNGram struct {
	*policy.NGram
	lesson *lesson
}

// LogProbs implements train.Model.
func (b boundNGram) LogProbs(step int, logp []float64) {
	b.NGram.LogProbs(b.lesson.batches[step-b.lesson.data.First], logp)
}
