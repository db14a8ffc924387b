package policy

import "github.com/objdisco/discover/evaluator/kernel"

// blockScratch is for the contexts that share genre and last token.
type blockScratch struct {
	last, genre    []int32 // the same in all contexts of a block
	before         kernel.Index
	hidden         kernel.Matrix
	logp, logRatio []float32 // columns of logp beyond the vocabulary are 0
}

func newBlockScratch(s Shape) blockScratch {
	words := s.Vocab - 1
	return blockScratch{
		last: make([]int32, words), before: kernel.NewIndex(ascending(words)), genre: make([]int32, words),
		hidden: kernel.Dense(words, s.Hidden, make([]float32, words*s.Hidden)),
	}
}

// ascending returns the numbers from 0 to n−1.
func ascending(n int) []int32 {
	x := make([]int32, n)
	for i := range x {
		x[i] = int32(i)
	}
	return x
}

// LogTable stores the log-probabilities of all tokens in every context, a row
// each, nats. Columns beyond the vocabulary stay as they are.
func (m *NGram) LogTable(logp kernel.Matrix) {
	for i := range m.blocks() {
		m.logBlock(i, m.blockRows(logp, i))
	}
}

// Table stores the probabilities of all tokens in every context in prob, a row
// each, and the KL divergence from reference, a LogTable of another model, in
// kl, nats. prob and reference have the same strides; columns of prob beyond
// the vocabulary become 1.
func (m *NGram) Table(prob, reference kernel.Matrix, kl []float32) {
	words := m.shape.Vocab - 1
	if n := words * prob.RowStride; len(m.block.logp) != n {
		m.block.logp, m.block.logRatio = make([]float32, n), make([]float32, n)
	}
	logp := kernel.Matrix{Rows: words, Cols: m.shape.Vocab, RowStride: prob.RowStride, ColStride: 1, Data: m.block.logp}
	logRatio := logp
	logRatio.Data = m.block.logRatio
	for i := range m.blocks() {
		m.logBlock(i, logp)
		p, ref := m.blockRows(prob, i), m.blockRows(reference, i)
		kernel.Exp(p.Data, logp.Data)
		kernel.Sub(logRatio.Data, logp.Data, ref.Data)
		kernel.RowDots(kl[i*words:][:words], p, logRatio)
	}
}

// blocks returns the number of pairs of a genre and a last token.
func (m *NGram) blocks() int { return m.shape.Genres * (m.shape.Vocab - 1) }

// blockRows returns the rows of a block and the columns of the vocabulary.
func (m *NGram) blockRows(t kernel.Matrix, block int) kernel.Matrix {
	words := m.shape.Vocab - 1
	n := words * t.RowStride
	t.Rows, t.Cols, t.Data = words, m.shape.Vocab, t.Data[block*n:][:n]
	return t
}

// logBlock computes the log-probabilities in the contexts of a block.
func (m *NGram) logBlock(block int, logp kernel.Matrix) {
	s := &m.block
	words := m.shape.Vocab - 1
	for i := range words {
		s.last[i], s.genre[i] = int32(block%words), int32(block/words)
	}
	m.embed(s.hidden, kernel.NewIndex(s.last), s.before, kernel.NewIndex(s.genre))
	kernel.GemmBias(logp, s.hidden, m.weights.out, m.weights.bias)
	kernel.LogSoftmax(logp, logp, nil)
}
