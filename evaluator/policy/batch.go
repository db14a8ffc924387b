package policy

import "math"

// Sequence is a completion: the context and the token of every step.
type Sequence struct {
	Contexts []int32
	Tokens   []uint8
}

// Batch is a set of sequences prepared for evaluation. Each distinct context is
// a row; the steps of all sequences are sorted by row. A Batch is immutable.
type Batch struct {
	last, before, genre []int32 // embeddings of each row
	start               []int32 // row i has steps start[i] to start[i+1]
	steps               []batchStep
	sequences           int
}

// batchStep is a step of a sequence, in the context of a row.
type batchStep struct {
	sequence uint16
	token    uint8
}

// Compiler prepares sequences for models of a shape. It is not safe for
// concurrent use.
type Compiler struct {
	shape Shape
	row   []int32 // of each context: first its number of steps, then where its next step goes
}

// NewCompiler returns a compiler for models of shape s.
func NewCompiler(s Shape) *Compiler { return &Compiler{s, make([]int32, s.Contexts())} }

// Compile prepares at most 65,535 sequences, whose contexts and tokens must be
// those of the shape.
func (c *Compiler) Compile(sequences []Sequence) *Batch {
	if len(sequences) > math.MaxUint16 {
		panic("policy: too many sequences in a batch")
	}
	b := &Batch{sequences: len(sequences)}
	for _, q := range sequences {
		for _, context := range q.Contexts {
			c.row[context]++
		}
	}
	words := int32(c.shape.Vocab - 1)
	total := int32(0)
	for context, n := range c.row {
		if n == 0 {
			continue
		}
		context := int32(context)
		b.before = append(b.before, context%words)
		b.last = append(b.last, context/words%words)
		b.genre = append(b.genre, context/words/words)
		b.start = append(b.start, total)
		c.row[context] = total
		total += n
	}
	b.start = append(b.start, total)
	b.steps = make([]batchStep, total)
	for i, q := range sequences {
		for j, context := range q.Contexts {
			b.steps[c.row[context]] = batchStep{uint16(i), q.Tokens[j]}
			c.row[context]++
		}
	}
	clear(c.row)
	return b
}

// Rows returns the number of distinct contexts.
func (b *Batch) Rows() int { return len(b.last) }

// Steps returns the number of tokens of all sequences.
func (b *Batch) Steps() int { return len(b.steps) }
