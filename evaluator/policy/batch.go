package policy

import (
	"math"

	"github.com/objdisco/discover/evaluator/kernel"
)

// Sequence is a completion: the context and the token of every step.
type Sequence struct {
	Contexts []int32
	Tokens   []uint8
}

// Batch is a set of sequences prepared for evaluation. Each distinct context is a row.
// Rows go through the model in blocks; the steps of all sequences are sorted by row. A
// Batch is immutable.
type Batch struct {
	last, before, genre kernel.Index // embeddings of each row
	start               []int32      // block i has steps start[i] to start[i+1]
	steps               []batchStep
	sequences           int
}

// batchStep is a step of a sequence, in the context of a row of a block.
type batchStep struct {
	sequence uint16
	row      uint16
	at       uint16 // index of its token in the log-probabilities of the block
}

// blockRows is how many rows of a batch go through all layers together, so that
// what one layer writes the next finds in the cache.
const blockRows = 128

// Compiler prepares sequences for models of a shape. It is not safe for
// concurrent use.
type Compiler struct {
	shape Shape
	row   []int32 // of each context: first its number of steps, then where its next step goes
}

// NewCompiler returns a compiler for models of shape s. It panics if the vocabulary has
// more than 512 tokens.
func NewCompiler(s Shape) *Compiler {
	if blockRows*s.Vocab > math.MaxUint16+1 {
		panic("policy: too many tokens in a vocabulary")
	}
	return &Compiler{s, make([]int32, s.Contexts())}
}

// Compile prepares at most 65,535 sequences, whose contexts and tokens must be
// those of the shape.
func (c *Compiler) Compile(sequences []Sequence) *Batch {
	if len(sequences) > math.MaxUint16 {
		panic("policy: too many sequences in a batch")
	}
	total := 0
	for _, q := range sequences {
		total += len(q.Contexts)
		for _, context := range q.Contexts {
			c.row[context]++
		}
	}
	b := &Batch{steps: make([]batchStep, total), sequences: len(sequences)}
	c.addRows(b)
	for i, q := range sequences {
		for j, context := range q.Contexts {
			s := &b.steps[c.row[context]]
			s.sequence = uint16(i)
			s.at += uint16(q.Tokens[j])
			c.row[context]++
		}
	}
	clear(c.row)
	return b
}

// addRows adds a row to b for each context that occurs, and turns the context's number of
// steps into where its next step goes.
func (c *Compiler) addRows(b *Batch) {
	words := int32(c.shape.Vocab - 1)
	next := int32(0)
	var last, before, genre []int32
	for i, n := range c.row {
		if n == 0 {
			continue
		}
		row := len(last) % blockRows
		if row == 0 {
			b.start = append(b.start, next)
		}
		context := int32(i)
		before = append(before, context%words)
		last = append(last, context/words%words)
		genre = append(genre, context/words/words)
		for k := next; k < next+n; k++ {
			b.steps[k] = batchStep{row: uint16(row), at: uint16(row * c.shape.Vocab)}
		}
		c.row[i] = next
		next += n
	}
	b.start = append(b.start, next)
	b.last, b.before, b.genre = kernel.NewIndex(last), kernel.NewIndex(before), kernel.NewIndex(genre)
}

// Rows returns the number of distinct contexts.
func (b *Batch) Rows() int { return b.last.Len() }

// Steps returns the number of tokens of all sequences.
func (b *Batch) Steps() int { return len(b.steps) }

// blocks returns the number of blocks of rows.
func (b *Batch) blocks() int { return len(b.start) - 1 }

// block returns the rows of a block, last excluded, and its steps.
func (b *Batch) block(i int) (first, last int, steps []batchStep) {
	first = i * blockRows
	return first, min(first+blockRows, b.Rows()), b.steps[b.start[i]:b.start[i+1]]
}
