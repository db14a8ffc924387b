package policy

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/objdisco/discover/evaluator/kernel"
)

// randomLinear draws features and base logits.
func randomLinear(r *rand.Rand, queries int) *LinearData {
	d := &LinearData{Responses: 7, FeatureCount: 3, Factor: 2}
	for range queries * d.Responses * d.FeatureCount {
		d.Features = append(d.Features, float32(r.NormFloat64()))
	}
	for range d.Responses {
		d.Base = append(d.Base, float32(r.NormFloat64()))
	}
	return d
}

// linearLogProb is the log-probability of a response from its definition.
func linearLogProb(d *LinearData, theta []float64, query, response int) float64 {
	logits := make([]float64, d.Responses)
	sum := 0.
	for k := range logits {
		logits[k] = float64(d.Base[k])
		for f, x := range d.query(query).Row(k) {
			logits[k] += float64(d.Factor) * theta[f] * float64(x)
		}
		sum += math.Exp(logits[k])
	}
	return logits[response] - math.Log(sum)
}

func TestLinearAgreesWithItsDefinitionAndFiniteDifferences(t *testing.T) {
	const step = 1e-5
	r := rand.New(rand.NewPCG(1, 2))
	d := randomLinear(r, 4)
	m := NewLinear(d)
	for i := range m.Params() {
		m.Params()[i] = float32(r.NormFloat64())
	}
	b := &LinearBatch{Queries: []int32{2, 0, 3}, Row: []int32{0, 1, 2, 0, 1, 1}, Index: []int32{6, 0, 3, 1, 0, 5}}
	logp, slopes := make([]float64, len(b.Row)), make([]float64, len(b.Row))
	for i := range slopes {
		slopes[i] = r.NormFloat64()
	}
	slopes[0] = -slopes[3] // the first query's pair is a margin
	LogProbs([]*Linear{m}, b, [][]float64{logp})
	m.Backward(slopes)

	theta := widened(m.Params())
	value := func() float64 {
		sum := 0.
		for i, row := range b.Row {
			sum += slopes[i] * linearLogProb(d, theta, int(b.Queries[row]), int(b.Index[i]))
		}
		return sum
	}
	for i, row := range b.Row {
		if want := linearLogProb(d, theta, int(b.Queries[row]), int(b.Index[i])); math.Abs(logp[i]-want) > 1e-5 {
			t.Errorf("log-probability %d = %g, want %g", i, logp[i], want)
		}
	}
	for i := range theta {
		at := theta[i]
		theta[i] = at + step
		above := value()
		theta[i] = at - step
		below := value()
		theta[i] = at
		if want := (above - below) / (2 * step); math.Abs(float64(m.grads[i])-want) > 1e-4*(1+math.Abs(want)) {
			t.Errorf("derivative by parameter %d = %g, want %g", i, m.grads[i], want)
		}
	}
}

func TestLinearTable(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	d := randomLinear(r, 4)
	m := NewLinear(d)
	m.Params()[1] = .5
	table := kernel.Dense(2, d.Responses, make([]float32, 2*d.Responses))
	m.LogTable(2, table)
	for q := range 2 {
		for k, got := range table.Row(q) {
			if want := linearLogProb(d, widened(m.Params()), 2+q, k); math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("log-probability of response %d to query %d = %g, want %g", k, 2+q, got, want)
			}
		}
	}
}
