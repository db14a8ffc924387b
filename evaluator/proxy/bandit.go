package proxy

import (
	"context"
	"sync"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
	"github.com/objdisco/discover/evaluator/train"
	"github.com/objdisco/discover/sandbox/graph"
)

// banditInstance is a bandit task prepared for a seed.
type banditInstance struct {
	training train.Recipe
	world    *task.BanditWorld
	policy   *policy.LinearData
	data     train.Data
	batches  []*policy.LinearBatch // of each step
	outcome  evaluator.Outcome     // of the reference
	learners sync.Pool             // of *banditLearner
}

func newBanditInstance(d Definition, seed uint64) *banditInstance {
	world := d.Bandit.Draw(seed)
	p := &banditInstance{training: d.Training, world: world}
	p.policy = &policy.LinearData{
		Responses: world.Responses, FeatureCount: world.Bandit.Features,
		Features: world.Features, Factor: float32(world.LengthFactor),
	}
	for _, logp := range world.Reference {
		p.policy.Base = append(p.policy.Base, float32(logp))
	}
	p.data = train.Data{Pairs: p.pairs(), Order: d.Training.Order(task.Stream(seed, "order"), len(world.Pairs), d.Training.Steps)}
	for _, step := range p.data.Order {
		p.batches = append(p.batches, p.batch(step))
	}
	p.learners.New = func() any { return newBanditLearner(p) }
	p.outcome = p.scoreReference()
	return p
}

func (p *banditInstance) scoreReference() evaluator.Outcome {
	learner := p.learner()
	defer p.learners.Put(learner)
	return learner.score()
}

// pairs returns what does not change in training.
func (p *banditInstance) pairs() train.Pairs {
	var f train.Pairs
	for _, c := range p.world.Pairs {
		length := float64(p.world.LengthFactor)
		f.RefChosen, f.RefRejected = append(f.RefChosen, p.world.Reference[c.Chosen]), append(f.RefRejected, p.world.Reference[c.Rejected])
		f.ChosenLen, f.RejectedLen = append(f.ChosenLen, length), append(f.RejectedLen, length)
	}
	return f
}

// batch compiles the chosen, then the rejected responses of pairs.
func (p *banditInstance) batch(pairs []int) *policy.LinearBatch {
	b := &policy.LinearBatch{}
	row := map[int]int32{}
	add := func(query, response int) {
		r, seen := row[query]
		if !seen {
			r = int32(len(b.Queries))
			row[query] = r
			b.Queries = append(b.Queries, int32(query))
		}
		b.Row, b.Index = append(b.Row, r), append(b.Index, int32(response))
	}
	for _, i := range pairs {
		add(p.world.Pairs[i].Query, p.world.Pairs[i].Chosen)
	}
	for _, i := range pairs {
		add(p.world.Pairs[i].Query, p.world.Pairs[i].Rejected)
	}
	return b
}

// Reference returns the outcome without training.
func (p *banditInstance) Reference() evaluator.Outcome { return p.outcome }

// Train trains a policy from the reference and scores it exactly.
func (p *banditInstance) Train(ctx context.Context, plan *graph.Plan, beta float64) (evaluator.Outcome, error) {
	outcomes, err := p.Sweep(ctx, plan, []float64{beta})
	if err != nil {
		return evaluator.Outcome{}, err
	}
	return outcomes[0], nil
}

// Sweep trains a policy for each beta, all at once: to read the features from memory takes
// longer than to multiply by them.
func (p *banditInstance) Sweep(ctx context.Context, plan *graph.Plan, betas []float64) ([]evaluator.Outcome, error) {
	learners := make([]*banditLearner, len(betas))
	for i := range learners {
		learners[i] = p.learner()
		defer p.learners.Put(learners[i])
	}
	reports, err := p.train(ctx, learners, plan, betas)
	if err != nil {
		return nil, err
	}
	outcomes := make([]evaluator.Outcome, len(betas))
	for i, r := range reports {
		if outcomes[i].BlewUp = r.BlewUp; !r.BlewUp {
			outcomes[i] = learners[i].score()
		}
	}
	return outcomes, nil
}

// train goes through all steps, a learner for each beta.
func (p *banditInstance) train(ctx context.Context, learners []*banditLearner, plan *graph.Plan, betas []float64) ([]train.Report, error) {
	sides, models := make([]train.Side, len(betas)), make([]*policy.Linear, len(betas))
	for i, l := range learners {
		sides[i] = train.Side{Loop: l.loop, Model: l.model, Runner: plan.NewRunner(), Beta: betas[i]}
	}
	return train.Together(ctx, sides, p.data, func(step int, active []int, logp [][]float64) {
		for k, i := range active {
			models[k] = learners[i].model
		}
		policy.LogProbs(models[:len(active)], p.batches[step], logp)
	})
}

// learner returns a learner at the reference.
func (p *banditInstance) learner() *banditLearner {
	l := p.learners.Get().(*banditLearner)
	l.model.Reset()
	return l
}

// banditLearner is a policy in training and what it takes to score it.
type banditLearner struct {
	instance *banditInstance
	model    *policy.Linear
	loop     *train.Loop
	table    kernel.Matrix // of the test queries
}

func newBanditLearner(p *banditInstance) *banditLearner {
	return &banditLearner{
		instance: p, model: policy.NewLinear(p.policy), loop: train.NewLoop(p.training),
		table: kernel.Dense(p.world.TestQueries, p.world.Responses, make([]float32, p.world.TestQueries*p.world.Responses)),
	}
}

// score evaluates the policy exactly.
func (l *banditLearner) score() evaluator.Outcome {
	l.model.LogTable(l.instance.world.TrainQueries, l.table)
	reward, kl := l.instance.world.Evaluate(l.table.Data)
	return evaluator.Outcome{Reward: reward, KL: kl}
}
