package proxy

import (
	"context"
	"math"
	"testing"

	"github.com/objdisco/discover/evaluator/policy"
)

// slowNGram trains an NGram by dpo in float64, one token at a time.
type slowNGram struct {
	policy.Shape
	params, grads, m, v []float64
	step                int
}

func newSlowNGram(s policy.Shape, params []float32) *slowNGram {
	n := &slowNGram{Shape: s, m: make([]float64, len(params)), v: make([]float64, len(params))}
	for _, p := range params {
		n.params = append(n.params, float64(p))
	}
	return n
}

// offsets returns where the embeddings of a context, the output weights and the
// biases begin.
func (n *slowNGram) offsets(context int32) (last, before, genre, out, bias int) {
	words := n.Vocab - 1
	c := int(context)
	last = c / words % words * n.Hidden
	before = (n.Vocab + c%words) * n.Hidden
	genre = (2*n.Vocab + c/words/words) * n.Hidden
	out = (2*n.Vocab + n.Genres) * n.Hidden
	return last, before, genre, out, out + n.Hidden*n.Vocab
}

// forward returns the hidden units and the probabilities in a context.
func (n *slowNGram) forward(context int32) (hidden, p []float64) {
	last, before, genre, out, bias := n.offsets(context)
	hidden, p = make([]float64, n.Hidden), make([]float64, n.Vocab)
	copy(p, n.params[bias:])
	for h := range hidden {
		hidden[h] = math.Tanh(n.params[last+h] + n.params[before+h] + n.params[genre+h])
		for v := range p {
			p[v] += hidden[h] * n.params[out+h*n.Vocab+v]
		}
	}
	sum := 0.
	for v := range p {
		p[v] = math.Exp(p[v])
		sum += p[v]
	}
	for v := range p {
		p[v] /= sum
	}
	return hidden, p
}

func (n *slowNGram) logProb(s policy.Sequence) float64 {
	sum := 0.
	for i, c := range s.Contexts {
		_, p := n.forward(c)
		sum += math.Log(p[s.Tokens[i]])
	}
	return sum
}

// pull adds slope times the gradient of logProb to the gradient.
func (n *slowNGram) pull(s policy.Sequence, slope float64) {
	for i, c := range s.Contexts {
		last, before, genre, out, bias := n.offsets(c)
		hidden, p := n.forward(c)
		for v := range p {
			d := -slope * p[v]
			if v == int(s.Tokens[i]) {
				d += slope
			}
			n.grads[bias+v] += d
			for h := range hidden {
				n.grads[out+h*n.Vocab+v] += d * hidden[h]
				dx := d * n.params[out+h*n.Vocab+v] * (1 - hidden[h]*hidden[h])
				n.grads[last+h] += dx
				n.grads[before+h] += dx
				n.grads[genre+h] += dx
			}
		}
	}
}

// update makes a step of Adam with the gradient clipped to norm 1.
func (n *slowNGram) update(rate float64) {
	n.step++
	norm := 0.
	for _, g := range n.grads {
		norm += g * g
	}
	scale := min(1, 1/(math.Sqrt(norm)+1e-6))
	for i, g := range n.grads {
		g *= scale
		n.m[i] = .9*n.m[i] + .1*g
		n.v[i] = .999*n.v[i] + .001*g*g
		n.params[i] -= rate * n.m[i] / (1 - math.Pow(.9, float64(n.step))) /
			(math.Sqrt(n.v[i]/(1-math.Pow(.999, float64(n.step)))) + 1e-20)
	}
}

// The steps of the fast path agree with the definition in float64. Adam divides
// by the root of what a gradient was, so that a component near zero may go either
// way; log-probabilities and their slopes do not mind.
func TestTrainingAgreesWithFloat64(t *testing.T) {
	const beta = .1
	d := smallText()
	setup, err := drawSetup(context.Background(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newTextInstance(d, 1, setup)
	if err != nil {
		t.Fatal(err)
	}
	learner := p.learner()
	if _, err := learner.loop.Run(context.Background(), p.lesson.bind(learner.model), planOf(t, "dpo").NewRunner(), beta, p.lesson.data); err != nil {
		t.Fatal(err)
	}

	world, err := d.Text.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	slow := newSlowNGram(p.shape, setup.Reference)
	reference := newSlowNGram(p.shape, setup.Reference)
	for step, pairs := range p.lesson.data.Order {
		slow.grads = make([]float64, len(slow.params))
		for _, i := range pairs {
			pair := setup.Pairs[i]
			chosen, rejected := sequence(world.Language, pair.Query, pair.Chosen), sequence(world.Language, pair.Query, pair.Rejected)
			margin := slow.logProb(chosen) - reference.logProb(chosen) - slow.logProb(rejected) + reference.logProb(rejected)
			slope := -beta / (1 + math.Exp(beta*margin)) / float64(len(pairs))
			slow.pull(chosen, slope)
			slow.pull(rejected, -slope)
		}
		slow.update(d.Training.Rate(step))
	}
	moved := 0.
	for i, got := range learner.model.Params() {
		moved = max(moved, math.Abs(slow.params[i]-reference.params[i]))
		if math.Abs(float64(got)-slow.params[i]) > 2e-4 {
			t.Errorf("parameter %d = %g, want %g", i, got, slow.params[i])
		}
	}
	if moved < .02 {
		t.Errorf("no parameter moved by more than %g", moved)
	}
}
