package proxy

import (
	"context"
	"fmt"
	"sync"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
	"github.com/objdisco/discover/evaluator/train"
	"github.com/objdisco/discover/sandbox/graph"
)

// textInstance is a text task prepared for a seed.
type textInstance struct {
	task      *Text
	world     *task.World
	training  train.Recipe
	shape     policy.Shape
	params    []float32  // of the reference
	reference task.Table // log-probabilities
	lesson    lesson     // the first, or only one
	exact     *task.Exact
	swaps     *swaps            // nil unless the task scores reliance
	outcome   evaluator.Outcome // of the reference
	learners  sync.Pool         // of *textLearner
}

func newTextInstance(d Definition, seed uint64, setup *Setup) (*textInstance, error) {
	world, err := d.Text.Draw(seed)
	if err != nil {
		return nil, err
	}
	p := &textInstance{
		task: d.Text, world: world, training: d.Training,
		shape: shape(d.Text, world.Language), params: setup.Reference,
		exact:     task.NewExact(world.Language, world.Tests, d.Text.NewTokens, world.Reward),
		reference: task.NewTable(world.Language),
	}
	p.learners.New = func() any { return newTextLearner(p) }
	learner := p.learner()
	defer p.learners.Put(learner)
	learner.model.LogTable(p.reference.Probabilities())
	p.lesson = p.newLesson(0, setup.Pairs)
	if d.Text.Reliance {
		p.swaps = newSwaps(p, learner.model)
	}
	p.outcome = p.scoreReference()
	return p, nil
}

func (p *textInstance) scoreReference() evaluator.Outcome {
	learner := p.learner()
	defer p.learners.Put(learner)
	return learner.score()
}

// Reference returns the outcome without training.
func (p *textInstance) Reference() evaluator.Outcome { return p.outcome }

// Train trains a policy from the reference and scores it exactly.
func (p *textInstance) Train(ctx context.Context, plan *graph.Plan, beta float64) (evaluator.Outcome, error) {
	learner := p.learner()
	defer p.learners.Put(learner)
	blewUp, err := learner.train(ctx, plan, beta)
	if err != nil || blewUp {
		return evaluator.Outcome{BlewUp: blewUp}, err
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

func newTextLearner(p *textInstance) *textLearner {
	l := p.world.Language
	return &textLearner{
		instance: p, model: policy.NewNGram(p.shape), loop: train.NewLoop(p.training),
		table: task.NewTable(l), kl: make([]float32, l.Contexts()),
	}
}

// train goes through all rounds.
func (l *textLearner) train(ctx context.Context, plan *graph.Plan, beta float64) (blewUp bool, err error) {
	runner, lesson := plan.NewRunner(), l.instance.lesson
	for round := 1; ; round++ {
		report, err := l.loop.Run(ctx, lesson.bind(l.model), runner, beta, lesson.data)
		if err != nil || report.BlewUp || round >= l.instance.task.Rounds {
			return report.BlewUp, err
		}
		lesson = l.nextLesson(round)
	}
}

// score evaluates the policy exactly.
func (l *textLearner) score() evaluator.Outcome {
	p := l.instance
	l.model.Table(l.table.Probabilities(), p.reference.Probabilities(), l.kl)
	l.table.SetKL(l.kl)
	reward, kl := p.exact.Evaluate(l.table)
	if p.swaps != nil {
		reward = p.swaps.reliance(l.model)
	}
	return evaluator.Outcome{Reward: reward, KL: kl}
}

// nextLesson samples the pairs of a round from the policy as it is.
func (l *textLearner) nextLesson(round int) lesson {
	p := l.instance
	l.model.Table(l.table.Probabilities(), p.reference.Probabilities(), l.kl)
	r := task.Stream(p.world.Seed, fmt.Sprintf("pairs of round %d", round))
	return p.newLesson(round, p.world.DrawPairs(r, l.table.Probabilities(), p.task.RoundPairs))
}
