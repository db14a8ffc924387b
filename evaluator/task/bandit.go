package task

import (
	"math"

	"github.com/objdisco/discover/evaluator/kernel"
)

// Sizes and scales of the bandit tasks.
const (
	queryDim      = 4
	responseDim   = 12
	inputDim      = responseDim + queryDim
	referenceGain = 1.5
	utilityGain   = 2
	contextGain   = .5 // of what a query changes in the utilities
	inputGain     = .5 // of the features' inputs
)

// Bandit holds the parameters of a task with one choice among a few responses:
// a policy is a softmax over them whose logits are the reference's
// log-probabilities plus LengthFactor·θ·features(query, response).
type Bandit struct {
	Responses    int     `json:"responses"`
	Features     int     `json:"features"`
	LengthFactor int     `json:"length_factor"` // stands for the tokens of a response
	TrainQueries int     `json:"train_queries"`
	TestQueries  int     `json:"test_queries"`
	Pairs        int     `json:"pairs"`
	Kappa        float64 `json:"kappa"` // P(first is chosen) = sigmoid(kappa × difference of utility)
}

// BanditWorld is a bandit task drawn for a seed. It is immutable and safe for
// concurrent use.
type BanditWorld struct {
	*Bandit
	Reference []float64 // log-probability of each response, the same for all queries
	// Features holds for each query, first the training then the test queries, and
	// each response a row of features.
	Features []float32
	Pairs    []Choice

	rewards []float64 // of each response to each test query
}

// Choice is a query and two different responses to it, the preferred one first.
type Choice struct{ Query, Chosen, Rejected int }

// Draw draws the task of a seed.
func (b *Bandit) Draw(seed uint64) *BanditWorld {
	r := Stream(seed, "bandit inputs")
	responses := normals(r, b.Responses*responseDim, 1)
	queries := normals(r, (b.TrainQueries+b.TestQueries)*queryDim, 1)
	w := &BanditWorld{Bandit: b, Reference: b.reference(responses), Features: b.features(queries, responses)}
	utilities := b.utilities(queries, responses)
	w.Pairs = b.draw(seed, w.Reference, utilities)
	for _, u := range utilities[b.TrainQueries*b.Responses:] {
		w.rewards = append(w.rewards, sigmoid(u))
	}
	return w
}

// reference returns the log-probability of each response.
func (b *Bandit) reference(responses []float64) []float64 {
	w := normals(Stream(fixed, "bandit reference"), responseDim, 1)
	logits := make([]float64, b.Responses)
	sum := 0.
	for k := range logits {
		logits[k] = referenceGain * dot(responses[k*responseDim:][:responseDim], w) / math.Sqrt(responseDim)
		sum += math.Exp(logits[k])
	}
	for k := range logits {
		logits[k] -= math.Log(sum)
	}
	return logits
}

// utilities returns the utility of each response to each query.
func (b *Bandit) utilities(queries, responses []float64) []float64 {
	r := Stream(fixed, "bandit utility")
	common := normals(r, responseDim, 1)
	perQuery := normals(r, queryDim*responseDim, contextGain)
	var utilities []float64
	for q := range len(queries) / queryDim {
		weights := append([]float64(nil), common...)
		for i, x := range queries[q*queryDim:][:queryDim] {
			for j := range weights {
				weights[j] += x * perQuery[i*responseDim+j]
			}
		}
		for k := range b.Responses {
			utilities = append(utilities, utilityGain*dot(responses[k*responseDim:][:responseDim], weights)/math.Sqrt(responseDim))
		}
	}
	return utilities
}

// features returns the features of each response to each query.
func (b *Bandit) features(queries, responses []float64) []float32 {
	a := normals(Stream(fixed, "bandit features"), inputDim*b.Features, inputGain)
	fromResponse := product(responses, a[:responseDim*b.Features], b.Features)
	fromQuery := product(queries, a[responseDim*b.Features:], b.Features)
	features := make([]float32, 0, len(fromQuery)*b.Responses)
	for q := 0; q < len(fromQuery); q += b.Features {
		for k := 0; k < len(fromResponse); k += b.Features {
			for f := range b.Features {
				features = append(features, float32(fromResponse[k+f]+fromQuery[q+f]))
			}
		}
	}
	kernel.Tanh(features, features)
	return features
}

// product returns the matrix product a·b, where b has cols columns.
func product(a, b []float64, cols int) []float64 {
	inner := len(b) / cols
	out := make([]float64, len(a)/inner*cols)
	for i := range len(a) / inner {
		row := out[i*cols:][:cols]
		for k, x := range a[i*inner:][:inner] {
			for j, y := range b[k*cols:][:cols] {
				row[j] += x * y
			}
		}
	}
	return out
}

func dot(a, b []float64) float64 {
	sum := 0.
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// draw draws queries, two different samples of the reference for each, and labels.
func (b *Bandit) draw(seed uint64, reference, utilities []float64) []Choice {
	r := Stream(seed, "bandit pairs")
	p := make([]float64, len(reference))
	for k, logp := range reference {
		p[k] = math.Exp(logp)
	}
	pairs := make([]Choice, b.Pairs)
	for i := range pairs {
		q := r.IntN(b.TrainQueries)
		first, second := pick(r, p), pick(r, p)
		for second == first {
			second = pick(r, p)
		}
		u := utilities[q*b.Responses:][:b.Responses]
		pairs[i] = Choice{q, first, second}
		if r.Float64() >= sigmoid(b.Kappa*(u[first]-u[second])) {
			pairs[i] = Choice{q, second, first}
		}
	}
	return pairs
}

// Reward returns the true reward of a response to a test query.
func (w *BanditWorld) Reward(query, response int) float64 {
	return w.rewards[query*w.Responses+response]
}

// Evaluate returns the expected reward of a policy and its KL divergence from
// the reference, nats per response, over the test queries. logp holds the
// policy's log-probability of each response to each test query.
func (w *BanditWorld) Evaluate(logp []float32) (reward, kl float64) {
	for i, x := range logp {
		l := float64(x)
		p, response := math.Exp(l), i%w.Responses
		reward += p * w.Reward(i/w.Responses, response)
		if p > 0 {
			kl += p * (l - w.Reference[response])
		}
	}
	return reward / float64(w.TestQueries), kl / float64(w.TestQueries)
}
