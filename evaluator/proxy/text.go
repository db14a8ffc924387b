package proxy

import (
	"context"
	"sync"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
	"github.com/objdisco/discover/evaluator/train"
	"github.com/objdisco/discover/sandbox/graph"
)

// textInstance is a text task prepared for a seed.
type textInstance struct {
	training  train.Recipe
	shape     policy.Shape
	params    []float32  // of the reference
	reference task.Table // log-probabilities
	data      train.Data
	batches   []*policy.Batch // of each step
	exact     *task.Exact
	outcome   evaluator.Outcome // of the reference
	learners  sync.Pool         // of *textLearner
}

func newTextInstance(d Definition, seed uint64, setup *Setup) (*textInstance, error) {
	world, err := d.Text.Draw(seed)
	if err != nil {
		return nil, err
	}
	p := &textInstance{training: d.Training, shape: shape(d.Text, world.Language), params: setup.Reference}
	p.exact = task.NewExact(world.Language, world.Tests, d.Text.NewTokens, world.Reward)
	p.reference = task.NewTable(world.Language)
	p.learners.New = func() any { return newTextLearner(p, world.Language) }
	learner := p.learner()
	defer p.learners.Put(learner)
	learner.model.LogTable(p.reference.Probabilities())
	p.bind(world.Language, setup.Pairs, task.Stream(seed, "order"))
	p.outcome = learner.score()
	return p, nil
}

// Reference returns the outcome without training.
func (p *textInstance) Reference() evaluator.Outcome { return p.outcome }

// Train trains a policy from the reference and scores it exactly.
func (p *textInstance) Train(ctx context.Context, plan *graph.Plan, beta float64) (evaluator.Outcome, error) {
	learner := p.learner()
	defer p.learners.Put(learner)
	report, err := learner.loop.Run(ctx, boundNGram{learner.model, p.batches}, plan.NewRunner(), beta, p.data)
	if err != nil || report.BlewUp {
		return evaluator.Outcome{BlewUp: report.BlewUp}, err
	}
	return learner.score(), nil
}

// learner returns a learner at the reference.
func (p *textInstance) learner() *textLearner {
	l := p.learners.Get().(*textLearner)
	l.model.Reset(p.params)
	return l
}

// textLearner is a policy in training and what it takes to score it.
type textLearner struct {
	instance *textInstance
	model    *policy.NGram
	loop     *train.Loop
	table    task.Table
	kl       []float32
}

func newTextLearner(p *textInstance, l *task.Language) *textLearner {
	return &textLearner{
		instance: p, model: policy.NewNGram(p.shape), loop: train.NewLoop(p.training),
		table: task.NewTable(l), kl: make([]float32, l.Contexts()),
	}
}

// score evaluates the policy exactly.
func (l *textLearner) score() evaluator.Outcome {
	l.model.Table(l.table.Probabilities(), l.instance.reference.Probabilities(), l.kl)
	l.table.SetKL(l.kl)
	reward, kl := l.instance.exact.Evaluate(l.table)
	return evaluator.Outcome{Reward: reward, KL: kl}
}

// boundNGram is a policy bound to the batches of the steps.
type boundNGram struct {
	*policy.NGram
	batches []*policy.Batch
}

// LogProbs implements train.Model.
func (b boundNGram) LogProbs(step int, logp []float64) { b.NGram.LogProbs(b.batches[step], logp) }
