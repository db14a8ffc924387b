package policy

import "github.com/objdisco/discover/evaluator/kernel"

// NGram is a neural order-2 language model in training.
type NGram struct {
	optimizer
	shape   Shape
	weights weights
	grad    weights
	outT    kernel.Matrix // weights.out transposed
	batch   *Batch
	rows    rowScratch
	block   blockScratch
}

// rowScratch is what a step keeps for each row of its batch.
type rowScratch struct {
	hidden, dHidden kernel.Matrix // × hidden
	logp, dLogp     kernel.Matrix // × vocab
	weight          []float32     // sum of a row of dLogp
}

func newRowScratch(s Shape, rows int) rowScratch {
	zeros := func(cols int) kernel.Matrix { return kernel.Dense(rows, cols, make([]float32, rows*cols)) }
	return rowScratch{zeros(s.Hidden), zeros(s.Hidden), zeros(s.Vocab), zeros(s.Vocab), make([]float32, rows)}
}

// first returns the scratch of the first n rows.
func (r rowScratch) first(n int) rowScratch {
	for _, m := range []*kernel.Matrix{&r.hidden, &r.dHidden, &r.logp, &r.dLogp} {
		m.Rows, m.Data = n, m.Data[:n*m.RowStride]
	}
	r.weight = r.weight[:n]
	return r
}

// NewNGram returns a model of the given shape, its parameters 0 until Reset.
func NewNGram(s Shape) *NGram {
	params, grads := make([]float32, s.Len()), make([]float32, s.Len())
	return &NGram{
		optimizer: newOptimizer(params, grads),
		shape:     s, weights: s.view(params), grad: s.view(grads),
		outT:  kernel.Dense(s.Vocab, s.Hidden, make([]float32, s.Vocab*s.Hidden)),
		block: newBlockScratch(s),
	}
}

// Params returns the parameters, sharing memory.
func (m *NGram) Params() []float32 { return m.params }

// Reset copies params and forgets all steps of the optimizer.
func (m *NGram) Reset(params []float32) {
	copy(m.params, params)
	m.reset()
}

// LogProbs stores the summed log-probability of each sequence of b, nats.
func (m *NGram) LogProbs(b *Batch, out []float64) {
	m.batch = b
	if b.Rows() > m.rows.logp.Rows {
		m.rows = newRowScratch(m.shape, b.Rows())
	}
	r := m.rows.first(b.Rows())
	m.embed(r.hidden, b.last, b.before, b.genre)
	kernel.GemmBias(r.logp, r.hidden, m.weights.out, m.weights.bias)
	kernel.LogSoftmax(r.logp, r.logp, nil)
	clear(out[:b.sequences])
	for i := range r.logp.Rows {
		logp := r.logp.Row(i)
		for _, s := range b.steps[b.start[i]:b.start[i+1]] {
			out[s.sequence] += float64(logp[s.token])
		}
	}
}

// embed computes the hidden units of contexts.
func (m *NGram) embed(hidden kernel.Matrix, last, before, genre []int32) {
	w := &m.weights
	kernel.GatherTanh(hidden, kernel.Lookup{Table: w.last, Index: last},
		kernel.Lookup{Table: w.before, Index: before}, kernel.Lookup{Table: w.genre, Index: genre})
}

// Backward computes the gradient of a function of the log-probabilities that the
// last LogProbs stored, from its derivative by each of them.
func (m *NGram) Backward(derivatives []float64) {
	b, g := m.batch, &m.grad
	r := m.rows.first(b.Rows())
	b.scatter(derivatives, r)
	kernel.SoftmaxBackward(r.dLogp, r.logp, r.weight)
	clear(m.grads)
	kernel.Gemm(g.out, r.hidden.T(), r.dLogp)
	kernel.ColumnSums(g.bias, r.dLogp)
	kernel.Transpose(m.outT, m.weights.out)
	kernel.Gemm(r.dHidden, r.dLogp, m.outT)
	kernel.TanhBackward(r.dHidden.Data, r.hidden.Data)
	kernel.ScatterAdd(kernel.Lookup{Table: g.last, Index: b.last}, r.dHidden)
	kernel.ScatterAdd(kernel.Lookup{Table: g.before, Index: b.before}, r.dHidden)
	kernel.ScatterAdd(kernel.Lookup{Table: g.genre, Index: b.genre}, r.dHidden)
}

// scatter turns derivatives by sequences into derivatives by log-probabilities.
func (b *Batch) scatter(derivatives []float64, r rowScratch) {
	clear(r.dLogp.Data)
	for i := range r.weight {
		d := r.dLogp.Row(i)
		weight := float32(0)
		for _, s := range b.steps[b.start[i]:b.start[i+1]] {
			x := float32(derivatives[s.sequence])
			d[s.token] += x
			weight += x
		}
		r.weight[i] = weight
	}
}
