package task

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomTable draws the conditional probabilities of a policy and of a
// reference, and returns the former with their KL divergence.
func randomTable(l *Language, r *rand.Rand) (policy Table, kl []float64) {
	policy = NewTable(l)
	stored := make([]float32, l.Contexts())
	for i := range l.Contexts() {
		p, q := randomDistribution(r, l.Vocab()), randomDistribution(r, l.Vocab())
		divergence := 0.
		for j := range p {
			policy.Row(i)[j] = float32(p[j])
			divergence += p[j] * math.Log(p[j]/q[j])
		}
		kl = append(kl, divergence)
		stored[i] = float32(divergence)
	}
	policy.SetKL(stored)
	return policy, kl
}

func randomDistribution(r *rand.Rand, n int) []float64 {
	p := make([]float64, n)
	for i := range p {
		p[i] = math.Exp(1.5 * r.NormFloat64())
	}
	return normalized(p)
}

// enumeration adds up all completions.
type enumeration struct {
	l                *Language
	table            Table
	kl               []float64
	reward           func(int) float64
	value, cost, len float64
}

// from follows every completion with the given probability so far.
func (e *enumeration) from(q Query, score, steps int, p float64) {
	if steps == 0 {
		e.value += p * e.reward(score)
		return
	}
	row := e.l.Context(q.Genre, q.Before, q.Last)
	e.cost += p * e.kl[row]
	e.len += p
	for t := range e.l.Vocab() {
		branch := p * float64(e.table.Row(row)[t])
		next := e.l.step(score, q.Last, Token(t))
		if Token(t) == e.l.End() {
			e.value += branch * e.reward(next)
			continue
		}
		e.from(Query{q.Genre, q.Last, Token(t)}, next, steps-1, branch)
	}
}

func TestExactAgreesWithEnumeration(t *testing.T) {
	l := &Language{
		Words: []string{"good", "bad", "very", "end"}, Genres: 2, Limit: 2,
		Polarity: []int8{1, -1, 0, 0}, Factor: []int8{1, -1, 2, 1},
	}
	table, kl := randomTable(l, Stream(1, "tiny"))
	queries := []WeightedQuery{{Query{0, 0, 1}, .25}, {Query{1, 2, 2}, .75}}
	e := &enumeration{l: l, table: table, kl: kl, reward: func(score int) float64 { return float64(score * score * score) }}
	const steps = 7
	for _, q := range queries {
		e.from(q.Query, 0, steps, q.Weight)
	}
	reward, perToken := NewExact(l, queries, steps, e.reward).Evaluate(table)
	if math.Abs(reward-e.value) > 1e-5 {
		t.Errorf("reward = %g, want %g", reward, e.value)
	}
	if want := e.cost / e.len; math.Abs(perToken-want) > 1e-5*want {
		t.Errorf("KL per token = %g, want %g", perToken, want)
	}
}

func TestExactAgreesWithALargeSample(t *testing.T) {
	const samples = 50_000
	text := Text{Grammar: "reviews", Corpus: 1, NewTokens: 24, Queries: 600, Scale: .5}
	w, err := text.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	l := w.Language
	table, kl := randomTable(l, Stream(1, "table"))
	reward, perToken := NewExact(l, w.Tests, text.NewTokens, w.Reward).Evaluate(table)

	r := Stream(1, "sample")
	var gain, cost, steps moments
	for range samples {
		q := drawQuery(r, w.Tests)
		completion := w.sample(r, table.Matrix, q)
		gain.add(w.Reward(l.Score(q, completion)))
		contexts, _ := l.Steps(q, completion)
		sum := 0.
		for _, c := range contexts {
			sum += kl[c]
		}
		// The ratio's error is that of its residuals.
		cost.add(sum - perToken*float64(len(contexts)))
		steps.add(float64(len(contexts)))
	}
	if math.Abs(reward-gain.mean()) > 4*gain.standardError() {
		t.Errorf("reward = %.5f, the sample's is %.5f ± %.5f", reward, gain.mean(), gain.standardError())
	}
	if math.Abs(cost.mean()) > 4*cost.standardError() {
		t.Errorf("KL per token = %.5f, the sample's differs by %.5f ± %.5f", perToken, cost.mean()/steps.mean(), cost.standardError()/steps.mean())
	}
}

func drawQuery(r *rand.Rand, queries []WeightedQuery) Query {
	u := r.Float64()
	for _, q := range queries {
		if u -= q.Weight; u < 0 {
			return q.Query
		}
	}
	return queries[len(queries)-1].Query
}

// moments accumulates the mean of a sample and its standard error.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(x float64) { m.n++; m.sum += x; m.squares += x * x }

func (m *moments) mean() float64 { return m.sum / m.n }

func (m *moments) standardError() float64 {
	return math.Sqrt((m.squares/m.n - m.mean()*m.mean()) / m.n)
}
