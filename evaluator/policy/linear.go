package policy

import "github.com/objdisco/discover/evaluator/kernel"

// LinearData is what all policies of a bandit share: for each query and each
// response a row of features, and the logits at θ = 0. It is immutable.
type LinearData struct {
	Responses, FeatureCount int
	Features                []float32 // queries × responses × features
	Base                    []float32 // logit of each response, the same for all queries
	Factor                  float32   // logits = Base + Factor·θ·features
}

// query returns the features of the responses to a query.
func (d *LinearData) query(q int) kernel.Matrix {
	n := d.Responses * d.FeatureCount
	return kernel.Dense(d.Responses, d.FeatureCount, d.Features[q*n:][:n])
}

// LinearBatch is a set of responses to queries. Each distinct query is a row.
type LinearBatch struct {
	Queries []int32 // of each row
	Row     []int32 // of each response
	Index   []int32 // of the response in its row
}

// Linear is a softmax policy, linear in fixed features, in training.
type Linear struct {
	optimizer
	data   *LinearData
	theta  kernel.Matrix // broadcast to all responses
	grad   kernel.Matrix
	batch  *LinearBatch
	logp   []float32 // rows × responses
	dLogp  []float32
	weight []float32 // rows
}

// NewLinear returns a policy with θ = 0.
func NewLinear(data *LinearData) *Linear {
	n := data.FeatureCount
	params, grads := make([]float32, n), make([]float32, n)
	return &Linear{
		optimizer: newOptimizer(params, grads), data: data,
		theta: kernel.Matrix{Rows: data.Responses, Cols: n, ColStride: 1, Data: params},
		grad:  kernel.Dense(1, n, grads),
	}
}

// Reset sets θ to 0 and forgets all steps of the optimizer.
func (m *Linear) Reset() {
	clear(m.params)
	m.reset()
}

// Params returns θ, sharing memory.
func (m *Linear) Params() []float32 { return m.params }

// LogTable stores the log-probability of each response to the queries from the
// first on, a row each, nats.
func (m *Linear) LogTable(first int, logp kernel.Matrix) {
	for i := range logp.Rows {
		m.logits(first+i, logp.Row(i))
	}
	kernel.LogSoftmax(logp, logp, nil)
}

// logits computes the logits of the responses to a query.
func (m *Linear) logits(q int, out []float32) {
	kernel.RowDots(out, m.data.query(q), m.theta)
	kernel.Scale(out, m.data.Factor)
	kernel.Add(out, out, m.data.Base)
}

// LogProbs stores in out[k] the log-probability of each response of b by models[k], nats.
// The models share their data, whose features are read once for all of them: each query's by
// every model before the next query's, for those of all do not fit the fastest cache.
func LogProbs(models []*Linear, b *LinearBatch, out [][]float64) {
	for _, m := range models {
		m.bind(b)
	}
	for i, q := range b.Queries {
		for _, m := range models {
			m.logits(int(q), m.rows().Row(i))
		}
	}
	for k, m := range models {
		logp := m.rows()
		kernel.LogSoftmax(logp, logp, nil)
		for i, row := range b.Row {
			out[k][i] = float64(logp.Row(int(row))[b.Index[i]])
		}
	}
}

// bind makes room for the rows of a batch.
func (m *Linear) bind(b *LinearBatch) {
	m.batch = b
	if n, k := len(b.Queries), m.data.Responses; n > len(m.weight) {
		m.logp, m.dLogp, m.weight = make([]float32, n*k), make([]float32, n*k), make([]float32, n)
	}
}

// rows returns the log-probabilities of the batch, a row for each query.
func (m *Linear) rows() kernel.Matrix {
	n := len(m.batch.Queries)
	return kernel.Dense(n, m.data.Responses, m.logp[:n*m.data.Responses])
}

// Backward computes the gradient of a function of the log-probabilities that
// LogProbs stored last, from its derivative by each of them.
func (m *Linear) Backward(derivatives []float64) {
	b := m.batch
	n := len(b.Queries) * m.data.Responses
	d := kernel.Dense(len(b.Queries), m.data.Responses, m.dLogp[:n])
	clear(d.Data)
	clear(m.weight[:d.Rows])
	for i, row := range b.Row {
		x := m.data.Factor * float32(derivatives[i])
		d.Row(int(row))[b.Index[i]] += x
		m.weight[row] += x
	}
	clear(m.grads)
	for i, q := range b.Queries {
		if m.weight[i] == 0 {
			m.pullSparse(d.Row(i), m.data.query(int(q)))
			continue
		}
		row := kernel.Dense(1, m.data.Responses, d.Row(i))
		kernel.SoftmaxBackward(row, kernel.Dense(1, row.Cols, m.logp[i*row.Cols:][:row.Cols]), m.weight[i:i+1])
		kernel.GemmAdd(m.grad, row, m.data.query(int(q)))
	}
}

// pullSparse adds a row's part to the gradient where the normalizing constant
// cancels, as it does for every function of a margin: only the responses of a
// pair contribute.
func (m *Linear) pullSparse(d []float32, features kernel.Matrix) {
	for k, x := range d {
		if x != 0 {
			kernel.Axpy(m.grads, x, features.Row(k))
		}
	}
}
