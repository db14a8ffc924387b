package proxy

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
)

// The reward and the KL of every task, of the reference and of a policy that dpo has
// trained, are what a large sample of that policy's answers has. The sample is drawn
// and scored in float64 by code of its own.
func TestEveryTaskAgreesWithALargeSample(t *testing.T) {
	for _, d := range Definitions() {
		t.Run(d.Name, func(t *testing.T) {
			switch p := instances(t, d.Name, 1)[0].(type) {
			case *textInstance:
				sampleText(t, p, d)
			case *banditInstance:
				sampleBandit(t, p, d)
			default:
				t.Fatalf("an instance is a %T", p)
			}
		})
	}
}

const sampleBeta = .1

// sampleText compares what a text task says of a policy with 20,000 texts.
func sampleText(t *testing.T, p *textInstance, d Definition) {
	learner := p.learner()
	defer p.learners.Put(learner)
	reference := newSlowNGram(p.shape, learner.model.Params()).table(p.world.Language)
	agrees(t, "reference", p.Reference(), d, p.sampled(reference, reference))

	if blewUp, err := learner.train(context.Background(), planOf(t, "dpo"), sampleBeta*d.BetaScale); err != nil || blewUp {
		t.Fatal(err, blewUp)
	}
	trained := newSlowNGram(p.shape, learner.model.Params()).table(p.world.Language)
	out := learner.score()
	agrees(t, "dpo", out, d, p.sampled(trained, reference))
	if out.KL < .05 {
		t.Errorf("dpo's KL is %g: there is nothing to compare", out.KL)
	}
	if d.Text.Reliance {
		sampleReliance(t, trained, reference, p, d, out.Reward)
	}
}

// sample is what texts or choices came to: their reward, their log-ratio, and the
// number of tokens that the log-ratio is divided by.
type sample struct{ rewards, logRatios, lengths []float64 }

// sampled draws texts of a policy.
func (p *textInstance) sampled(policy, reference [][]float64) sample {
	r := rand.New(rand.NewPCG(1, 2))
	var s sample
	for range 20_000 {
		q := drawn(r, p.world.Tests)
		score, logRatio, tokens := oneText(r, p.world.Language, q, policy, reference, p.task.NewTokens)
		s.rewards = append(s.rewards, trueReward(p.task, score, p.world.Language.Limit))
		s.logRatios, s.lengths = append(s.logRatios, logRatio), append(s.lengths, tokens)
	}
	return s
}

// table returns the probabilities in every context.
func (n *slowNGram) table(l *task.Language) [][]float64 {
	rows := make([][]float64, l.Contexts())
	for i := range rows {
		_, rows[i] = n.forward(int32(i))
	}
	return rows
}

func drawn(r *rand.Rand, queries []task.WeightedQuery) task.Query {
	u := r.Float64()
	for _, q := range queries {
		if u -= q.Weight; u < 0 {
			return q.Query
		}
	}
	return queries[0].Query
}

// oneText writes a text and returns its score, log-ratio and length.
func oneText(r *rand.Rand, l *task.Language, q task.Query, policy, reference [][]float64, limit int) (score int, logRatio, tokens float64) {
	before, last := q.Before, q.Last
	for range limit {
		c := l.Context(q.Genre, before, last)
		word := 0
		for u := r.Float64() - policy[c][0]; u > 0 && word < l.Vocab()-1; u -= policy[c][word] {
			word++
		}
		logRatio += math.Log(policy[c][word] / reference[c][word])
		tokens++
		score = max(-l.Limit, min(l.Limit, score+int(l.Factor[last])*int(l.Polarity[word])))
		if word == l.Vocab()-1 {
			break
		}
		before, last = last, task.Token(word)
	}
	return score, logRatio, tokens
}

// trueReward is the reward of a score, as the definition of a task has it.
func trueReward(d *Text, score, limit int) float64 {
	if d.Linear {
		return float64(score+limit) / float64(2*limit)
	}
	return 1 / (1 + math.Exp(-d.Scale*float64(score)))
}

// agrees holds an outcome to a sample, within four standard errors, which are small.
func agrees(t *testing.T, policy string, out evaluator.Outcome, d Definition, s sample) {
	t.Helper()
	reward, rewardError := meanOf(s.rewards)
	if d.Text != nil && d.Text.Reliance {
		reward = out.Reward // which is no mean over texts
	}
	var residuals []float64 // of the ratio of two means
	for i := range s.logRatios {
		residuals = append(residuals, s.logRatios[i]-out.KL*s.lengths[i])
	}
	off, klError := meanOf(residuals)
	length, _ := meanOf(s.lengths)
	off, klError = off/length, klError/length
	t.Logf("%s: reward %.4f, sampled %.4f ± %.4f; KL %.4f, sampled %.4f ± %.4f", policy, out.Reward, reward, rewardError, out.KL, out.KL+off, klError)
	if math.Abs(out.Reward-reward) > 4*rewardError {
		t.Errorf("%s: reward %.4f, but that of a sample is %.4f ± %.4f", policy, out.Reward, reward, rewardError)
	}
	if math.Abs(off) > 4*klError+1e-6 {
		t.Errorf("%s: KL %.4f, but that of a sample is %.4f ± %.4f", policy, out.KL, out.KL+off, klError)
	}
	if rewardError > .002 || klError > .01 {
		t.Errorf("%s: the sample knows reward and KL only within %.4f and %.4f", policy, rewardError, klError)
	}
}

func meanOf(x []float64) (mean, standardError float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		standardError += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(standardError) / n
}

// sampleReliance compares what a task says a policy relies on, measured on some
// hundred reviews of its corpus, with other reviews of the same grammar.
func sampleReliance(t *testing.T, trained, reference [][]float64, p *textInstance, d Definition, reliance float64) {
	text := *d.Text
	text.Corpus = 2000
	other, err := text.Draw(1000)
	if err != nil {
		t.Fatal(err)
	}
	own, _ := relied(trained, reference, p.world.Language, p.world.Reviews[:probeTexts])
	if math.Abs(own-reliance) > 1e-4 {
		t.Errorf("reliance %.5f, in float64 %.5f", reliance, own)
	}
	sampled, deviation := relied(trained, reference, p.world.Language, other.Reviews)
	within := 4 * deviation * math.Sqrt(1./probeTexts+1./float64(len(other.Reviews)))
	t.Logf("reliance %.4f, sampled %.4f, within %.4f", reliance, sampled, within)
	if math.Abs(sampled-reliance) > within || within > .1 {
		t.Errorf("reliance %.4f, on other reviews %.4f, want it within %.4f", reliance, sampled, within)
	}
}

// relied returns the share of the change of a policy's log-ratio that exchanging
// sentiment makes up, the rest being style, and the deviation that each review
// contributes to the error of that share.
func relied(policy, reference [][]float64, l *task.Language, reviews []task.Review) (share, deviation float64) {
	logRatio := func(r task.Review, swap []task.Token) float64 {
		tokens := make([]task.Token, len(r.Tokens))
		for i, token := range r.Tokens {
			tokens[i] = swap[token]
		}
		sum := 0.
		for i := 2; i < len(tokens); i++ {
			c := l.Context(r.Genre, tokens[i-2], tokens[i-1])
			sum += math.Log(policy[c][tokens[i]] / reference[c][tokens[i]])
		}
		return sum
	}
	same := make([]task.Token, l.Vocab())
	for i := range same {
		same[i] = task.Token(i)
	}
	var style, sentiment []float64
	for _, r := range reviews {
		at := logRatio(r, same)
		style = append(style, math.Abs(logRatio(r, l.StyleSwap)-at))
		sentiment = append(sentiment, math.Abs(logRatio(r, l.SentimentSwap)-at))
	}
	bySentiment, _ := meanOf(sentiment)
	byStyle, _ := meanOf(style)
	share = bySentiment / (bySentiment + byStyle)
	var residuals []float64
	for i := range style {
		residuals = append(residuals, (sentiment[i]-share*(sentiment[i]+style[i]))/(bySentiment+byStyle))
	}
	_, standardError := meanOf(residuals)
	return share, standardError * math.Sqrt(float64(len(residuals)))
}

// sampleBandit compares what a bandit task says of a policy with 100,000 choices.
func sampleBandit(t *testing.T, p *banditInstance, d Definition) {
	learner := p.learner()
	defer p.learners.Put(learner)
	agrees(t, "reference", p.Reference(), d, p.sampled(learner.model))
	reports, err := p.train(t.Context(), []*banditLearner{learner}, planOf(t, "dpo"), []float64{sampleBeta * d.BetaScale})
	if err != nil || reports[0].BlewUp {
		t.Fatal(err, reports)
	}
	agrees(t, "dpo", learner.score(), d, p.sampled(learner.model))
}

// sampled draws choices of a policy.
func (p *banditInstance) sampled(m *policy.Linear) sample {
	w := p.world
	r := rand.New(rand.NewPCG(1, 2))
	var s sample
	tables := make([][]float64, w.TestQueries)
	for q := range tables {
		tables[q] = p.choices(m, w.TrainQueries+q)
	}
	for range 100_000 {
		q, k := r.IntN(w.TestQueries), 0
		for u := r.Float64() - tables[q][0]; u > 0 && k < w.Responses-1; u -= tables[q][k] {
			k++
		}
		s.rewards = append(s.rewards, w.Reward(q, k))
		s.logRatios = append(s.logRatios, math.Log(tables[q][k])-w.Reference[k])
		s.lengths = append(s.lengths, 1)
	}
	return s
}

// choices returns the probabilities of the responses to a query.
func (p *banditInstance) choices(m *policy.Linear, query int) []float64 {
	w := p.world
	out := make([]float64, w.Responses)
	sum := 0.
	for k := range out {
		features := w.Bandit.Features
		logit := 0.
		for f, x := range w.Features[(query*w.Responses+k)*features:][:features] {
			logit += float64(x) * float64(m.Params()[f])
		}
		out[k] = math.Exp(w.Reference[k] + float64(w.LengthFactor)*logit)
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}
