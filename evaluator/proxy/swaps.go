package proxy

import (
	"math"

	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
)

// probeTexts is the number of texts that interventions are made on.
const probeTexts = 300

// swaps measures what a policy relies on by interventions: the same texts are
// scored as they are, with the style words exchanged for their plain form, and
// with positive and negative words exchanged.
type swaps struct {
	batch     *policy.Batch // all texts as they are, then with style, then with sentiment exchanged
	reference []float64     // log-probability of each under the reference
}

// newSwaps takes reviews of the corpus as the texts, and a model at the reference.
func newSwaps(p *textInstance, reference *policy.NGram) *swaps {
	l := p.world.Language
	var sequences []policy.Sequence
	for _, words := range [][]task.Token{nil, l.StyleSwap, l.SentimentSwap} {
		for _, review := range p.world.Reviews[:min(probeTexts, len(p.world.Reviews))] {
			review = exchanged(review, words)
			sequences = append(sequences, sequence(l, review.Query(), review.Completion()))
		}
	}
	s := &swaps{batch: policy.NewCompiler(p.shape).Compile(sequences), reference: make([]float64, len(sequences))}
	reference.LogProbs(s.batch, s.reference)
	return s
}

// exchanged replaces the words of a review; nil leaves them.
func exchanged(r task.Review, words []task.Token) task.Review {
	if words == nil {
		return r
	}
	tokens := make([]task.Token, len(r.Tokens))
	for i, t := range r.Tokens {
		tokens[i] = words[t]
	}
	return task.Review{Genre: r.Genre, Tokens: tokens}
}

// reliance returns how much of the change of a policy's log-ratio is due to
// sentiment: the mean absolute change when sentiment is exchanged, divided by the sum
// of that and of the change when style is. It is 0 for the reference, which does
// not change.
func (s *swaps) reliance(m *policy.NGram) float64 {
	logp := make([]float64, len(s.reference))
	m.LogProbs(s.batch, logp)
	n := len(logp) / 3
	var style, sentiment float64
	for i := range n {
		at := logp[i] - s.reference[i]
		style += math.Abs(logp[n+i] - s.reference[n+i] - at)
		sentiment += math.Abs(logp[2*n+i] - s.reference[2*n+i] - at)
	}
	if sentiment == 0 {
		return 0
	}
	return sentiment / (sentiment + style)
}
