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
	rows    activations
	slopes  slopes
	block   blockScratch
}

// activations is what the backward pass needs of the forward pass, a row for each
// row of the batch.
type activations struct {
	hidden kernel.Matrix // × hidden
	logp   kernel.Matrix // × vocab
}

// slopes is what the backward pass keeps of a block of rows.
type slopes struct {
	hidden kernel.Matrix // × hidden
	logp   kernel.Matrix // × vocab
	weight []float32     // sum of a row of logp
}

func zeros(rows, cols int) kernel.Matrix { return kernel.Dense(rows, cols, make([]float32, rows*cols)) }

// NewNGram returns a model of the given shape, its parameters 0 until Reset.
func NewNGram(s Shape) *NGram {
	params, grads := make([]float32, s.Len()), make([]float32, s.Len())
	return &NGram{
		optimizer: newOptimizer(params, grads),
		shape:     s, weights: s.view(params), grad: s.view(grads),
		outT:   zeros(s.Vocab, s.Hidden),
		slopes: slopes{zeros(blockRows, s.Hidden), zeros(blockRows, s.Vocab), make([]float32, blockRows)},
		block:  newBlockScratch(s),
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
		m.rows = activations{zeros(b.Rows(), m.shape.Hidden), zeros(b.Rows(), m.shape.Vocab)}
	}
	clear(out[:b.sequences])
	for i := range b.blocks() {
		first, last, steps := b.block(i)
		hidden, logp := m.rows.hidden.Slice(first, last), m.rows.logp.Slice(first, last)
		m.embed(hidden, b.last.Slice(first, last), b.before.Slice(first, last), b.genre.Slice(first, last))
		kernel.GemmBias(logp, hidden, m.weights.out, m.weights.bias)
		kernel.LogSoftmax(logp, logp, nil)
		gather(out, logp, steps)
	}
}

// embed computes the hidden units of contexts.
func (m *NGram) embed(hidden kernel.Matrix, last, before, genre kernel.Index) {
	w := &m.weights
	kernel.GatherTanh(hidden, kernel.Lookup{Table: w.last, Index: last},
		kernel.Lookup{Table: w.before, Index: before}, kernel.Lookup{Table: w.genre, Index: genre})
}

// Backward computes the gradient of a function of the log-probabilities that the
// last LogProbs stored, from its derivative by each of them.
func (m *NGram) Backward(derivatives []float64) {
	b, g := m.batch, &m.grad
	clear(m.grads)
	kernel.Transpose(m.outT, m.weights.out)
	for i := range b.blocks() {
		first, last, steps := b.block(i)
		hidden, dHidden := m.rows.hidden.Slice(first, last), m.slopes.hidden.Slice(0, last-first)
		dLogp, weight := m.slopes.logp.Slice(0, last-first), m.slopes.weight[:last-first]
		scatter(derivatives, dLogp, weight, steps)
		kernel.SoftmaxBackward(dLogp, m.rows.logp.Slice(first, last), weight)
		kernel.GemmAdd(g.out, hidden.T(), dLogp)
		kernel.AddColumnSums(g.bias, dLogp)
		kernel.Gemm(dHidden, dLogp, m.outT)
		kernel.TanhBackward(dHidden.Data, hidden.Data)
		kernel.ScatterAdd(kernel.Lookup{Table: g.last, Index: b.last.Slice(first, last)}, dHidden)
		kernel.ScatterAdd(kernel.Lookup{Table: g.before, Index: b.before.Slice(first, last)}, dHidden)
		kernel.ScatterAdd(kernel.Lookup{Table: g.genre, Index: b.genre.Slice(first, last)}, dHidden)
	}
}

// gather adds the log-probabilities of the steps of a block, rows × vocabulary without
// gaps, to those of their sequences.
func gather(out []float64, logp kernel.Matrix, steps []batchStep) {
	for _, s := range steps {
		out[s.sequence] += float64(logp.Data[s.at])
	}
}

// scatter turns derivatives by sequences into derivatives by the log-probabilities of a
// block, rows × vocabulary without gaps, and stores the sum of each row in weight.
func scatter(derivatives []float64, dLogp kernel.Matrix, weight []float32, steps []batchStep) {
	clear(dLogp.Data)
	clear(weight)
	for _, s := range steps {
		x := float32(derivatives[s.sequence])
		dLogp.Data[s.at] += x
		weight[s.row] += x
	}
}
