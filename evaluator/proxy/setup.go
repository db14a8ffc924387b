package proxy

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"

	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/evaluator/policy"
	"github.com/objdisco/discover/evaluator/task"
)

// Setup is what is costly about an instance of a text task, as plain data.
type Setup struct {
	Reference []float32 // parameters of the fitted reference
	Pairs     []task.Pair
}

// shape returns the sizes of the policies of a text task.
func shape(t *Text, l *task.Language) policy.Shape {
	return policy.Shape{Genres: l.Genres, Vocab: l.Vocab(), Hidden: t.Hidden}
}

// drawSetup fits the reference of a seed and draws pairs from it.
func drawSetup(ctx context.Context, d Definition, seed uint64) (*Setup, error) {
	world, err := d.Text.Draw(seed)
	if err != nil {
		return nil, err
	}
	s := shape(d.Text, world.Language)
	var texts []policy.Sequence
	for _, review := range world.Reviews {
		texts = append(texts, sequence(world.Language, review.Query(), review.Completion()))
	}
	params, err := d.Text.Reference.Run(ctx, task.Stream(seed, "reference"), s, texts)
	if err != nil {
		return nil, err
	}
	model := policy.NewNGram(s)
	model.Reset(params)
	table := task.NewTable(world.Language)
	model.LogTable(table.Probabilities())
	kernel.Exp(table.Data, table.Data)
	pairs := world.DrawPairs(task.Stream(seed, "pairs"), table.Probabilities(), d.Text.Pairs)
	return &Setup{Reference: params, Pairs: pairs}, nil
}

// sequence converts a completion to what the policy reads.
func sequence(l *task.Language, q task.Query, completion []task.Token) policy.Sequence {
	contexts, tokens := l.Steps(q, completion)
	return policy.Sequence{Contexts: contexts, Tokens: tokens}
}

// encode returns s as bytes.
func (s *Setup) encode() []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(s); err != nil {
		panic(err) // plain data into memory
	}
	return b.Bytes()
}

// decodeSetup reads what encode wrote for d.
func decodeSetup(data []byte, d Definition) (*Setup, error) {
	s := &Setup{}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(s); err != nil {
		return nil, err
	}
	if len(s.Pairs) != d.Text.Pairs {
		return nil, fmt.Errorf("set-up has %d pairs, want %d", len(s.Pairs), d.Text.Pairs)
	}
	return s, nil
}
