package policy

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/objdisco/discover/evaluator/kernel"
)

var (
	tinyShape = Shape{Genres: 2, Vocab: 5, Hidden: 3}
	// wideShape has contexts for more than two blocks of rows.
	wideShape = Shape{Genres: 3, Vocab: 13, Hidden: 3}
)

// naive is an NGram in float64, written out from its definition.
type naive struct {
	Shape
	last, before, genre, out []float64
	bias                     []float64
}

func newNaive(s Shape, flat []float64) naive {
	n := naive{Shape: s}
	take := func(k int) []float64 { x := flat[:k]; flat = flat[k:]; return x }
	n.last, n.before, n.genre = take(s.Vocab*s.Hidden), take(s.Vocab*s.Hidden), take(s.Genres*s.Hidden)
	n.out, n.bias = take(s.Hidden*s.Vocab), take(s.Vocab)
	return n
}

// logProbs returns the log-probabilities of all tokens in a context.
func (n naive) logProbs(genre, before, last int) []float64 {
	logits := append([]float64(nil), n.bias...)
	for h := range n.Hidden {
		x := math.Tanh(n.last[last*n.Hidden+h] + n.before[before*n.Hidden+h] + n.genre[genre*n.Hidden+h])
		for v := range logits {
			logits[v] += x * n.out[h*n.Vocab+v]
		}
	}
	sum := 0.
	for _, l := range logits {
		sum += math.Exp(l)
	}
	for v := range logits {
		logits[v] -= math.Log(sum)
	}
	return logits
}

func (n naive) logProb(s Sequence) float64 {
	sum := 0.
	words := n.Vocab - 1
	for i, c := range s.Contexts {
		c := int(c)
		sum += n.logProbs(c/words/words, c%words, c/words%words)[s.Tokens[i]]
	}
	return sum
}

// randomSequences draws completions that share many contexts.
func randomSequences(r *rand.Rand, s Shape, n int) []Sequence {
	sequences := make([]Sequence, n)
	for i := range sequences {
		for range 1 + r.IntN(6) {
			sequences[i].Contexts = append(sequences[i].Contexts, int32(r.IntN(s.Contexts())))
			sequences[i].Tokens = append(sequences[i].Tokens, uint8(r.IntN(s.Vocab)))
		}
	}
	return sequences
}

// eachBatch gives sequences that fill part of a block of rows, and three blocks.
func eachBatch(t *testing.T, seed uint64, test func(t *testing.T, r *rand.Rand, m *NGram, sequences []Sequence, b *Batch)) {
	for _, c := range []struct {
		name      string
		shape     Shape
		sequences int
		blocks    int
	}{{"one block", tinyShape, 20, 1}, {"three blocks", wideShape, 200, 3}} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			m := NewNGram(c.shape)
			m.Reset(randomParams(r, c.shape))
			sequences := randomSequences(r, c.shape, c.sequences)
			b := NewCompiler(c.shape).Compile(sequences)
			if n := (b.Rows() + blockRows - 1) / blockRows; n != c.blocks {
				t.Fatalf("%d rows are %d blocks, want %d", b.Rows(), n, c.blocks)
			}
			test(t, r, m, sequences, b)
		})
	}
}

func TestNGramAgreesWithItsDefinition(t *testing.T) {
	eachBatch(t, 1, func(t *testing.T, _ *rand.Rand, m *NGram, sequences []Sequence, b *Batch) {
		got := make([]float64, len(sequences))
		m.LogProbs(b, got)
		reference := newNaive(m.shape, widened(m.Params()))
		for i, s := range sequences {
			if want := reference.logProb(s); math.Abs(got[i]-want) > 1e-5 {
				t.Errorf("log-probability of sequence %d = %g, want %g", i, got[i], want)
			}
		}
	})
}

// The gradient is compared with central differences of the definition.
func TestNGramGradientAgreesWithFiniteDifferences(t *testing.T) {
	const step = 1e-5
	eachBatch(t, 2, func(t *testing.T, r *rand.Rand, m *NGram, sequences []Sequence, b *Batch) {
		slopes := make([]float64, len(sequences))
		for i := range slopes {
			slopes[i] = r.NormFloat64()
		}
		m.LogProbs(b, make([]float64, len(sequences)))
		m.Backward(slopes)

		flat := widened(m.Params())
		value := func() float64 {
			n, sum := newNaive(m.shape, flat), 0.
			for i, s := range sequences {
				sum += slopes[i] * n.logProb(s)
			}
			return sum
		}
		for i := range flat {
			at := flat[i]
			flat[i] = at + step
			above := value()
			flat[i] = at - step
			below := value()
			flat[i] = at
			want := (above - below) / (2 * step)
			if got := float64(m.grads[i]); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
				t.Errorf("derivative by parameter %d = %g, want %g", i, got, want)
			}
		}
	})
}

func TestTableAgreesWithTheDefinition(t *testing.T) {
	const stride = 8
	r := rand.New(rand.NewPCG(3, 1))
	n := tinyShape.Contexts()
	table := func() kernel.Matrix {
		return kernel.Matrix{Rows: n, Cols: tinyShape.Vocab, RowStride: stride, ColStride: 1, Data: make([]float32, n*stride)}
	}
	reference, other := NewNGram(tinyShape), NewNGram(tinyShape)
	reference.Reset(randomParams(r, tinyShape))
	other.Reset(randomParams(r, tinyShape))
	logp, prob, kl := table(), table(), make([]float32, n)
	reference.LogTable(logp)
	other.Table(prob, logp, kl)
	p, q := newNaive(tinyShape, widened(other.Params())), newNaive(tinyShape, widened(reference.Params()))
	words := tinyShape.Vocab - 1
	for c := range n {
		want := 0.
		lp, lq := p.logProbs(c/words/words, c%words, c/words%words), q.logProbs(c/words/words, c%words, c/words%words)
		for v := range lp {
			want += math.Exp(lp[v]) * (lp[v] - lq[v])
			if got := float64(prob.Row(c)[v]); math.Abs(got-math.Exp(lp[v])) > 1e-6 {
				t.Errorf("probability of %d in context %d = %g, want %g", v, c, got, math.Exp(lp[v]))
			}
		}
		if math.Abs(float64(kl[c])-want) > 1e-5 {
			t.Errorf("KL in context %d = %g, want %g", c, kl[c], want)
		}
		if beside := prob.Data[c*stride+tinyShape.Vocab]; beside != 1 {
			t.Errorf("the column beside the probabilities of context %d is %g, want 1", c, beside)
		}
	}
}

// A model of a deterministic source learns it.
func TestFitLearnsASource(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	next := func(context int32) uint8 { return uint8(context % 5) }
	var texts []Sequence
	for range 200 {
		var s Sequence
		for range 10 {
			c := int32(r.IntN(tinyShape.Contexts()))
			s.Contexts, s.Tokens = append(s.Contexts, c), append(s.Tokens, next(c))
		}
		texts = append(texts, s)
	}
	shape := tinyShape
	shape.Hidden = 32
	fit := Fit{Steps: 300, Batch: 32, InitScale: .3, Rate: 3e-2, LastRate: 1e-4}
	params, err := fit.Run(context.Background(), r, shape, texts)
	if err != nil {
		t.Fatal(err)
	}
	n := newNaive(shape, widened(params))
	words := int32(shape.Vocab - 1)
	for c := range int32(shape.Contexts()) {
		if p := math.Exp(n.logProbs(int(c/words/words), int(c%words), int(c/words%words))[next(c)]); p < .9 {
			t.Errorf("context %d: the only successor has probability %.3f", c, p)
		}
	}
}

func TestFitStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	texts := []Sequence{{Contexts: []int32{0}, Tokens: []uint8{1}}}
	if _, err := (Fit{Steps: 1, Batch: 1}).Run(ctx, rand.New(rand.NewPCG(1, 1)), tinyShape, texts); err != context.Canceled {
		t.Errorf("error = %v, want the context's", err)
	}
}

// randomParams draws parameters with biases.
func randomParams(r *rand.Rand, s Shape) []float32 {
	flat := s.Random(r, 1)
	for i := range flat[s.Len()-s.Vocab:] {
		flat[s.Len()-s.Vocab+i] = float32(r.NormFloat64())
	}
	return flat
}

func widened(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
