package propose

import (
	"encoding/json"
	"fmt"

	"github.com/objdisco/discover/discover/llm"
)

// Journal keeps replies, so that none is bought twice. Calls for a candidate count
// from 0.
type Journal interface {
	Lookup(candidate string, call int) (reply []byte, found bool, err error)
	// Store returns when the reply is safe.
	Store(candidate string, call int, reply []byte) error
}

// Record is what an LLM proposer stores in its journal, as JSON.
type Record struct {
	llm.Reply
	HistoryTokens int    `json:"history_tokens"`         // that the prompt was allowed
	Operator      string `json:"operator,omitempty"`     // where it is not the one that was drawn
	PromptChars   int    `json:"prompt_chars,omitempty"` // of all messages
	// Overflowed is how many characters the shortest prompt of this turn had that was
	// too long for the model; 0: none was.
	Overflowed int  `json:"overflowed,omitempty"`
	Cut        bool `json:"cut,omitempty"`   // the server read only part of this prompt
	Again      bool `json:"again,omitempty"` // so a shorter one is asked; the next call is of the same turn
}

// counted reports whether the server's count of the prompt can be that of what it
// read.
func (r *Record) counted() bool {
	return !r.Estimated && r.PromptChars > 0 && r.Usage.InputTokens >= leastContext
}

// readable reports whether there is an answer in the reply.
func (r *Record) readable() bool {
	_, err := llm.ParseReply(r.Text, r.Finish)
	return err == nil
}

// cutsOf returns to how many tokens the prompts of a turn were cut off.
func cutsOf(records []Record, model string) []int {
	var cuts []int
	for _, r := range records {
		if r.Cut && r.Model == model {
			cuts = append(cuts, r.Usage.InputTokens)
		}
	}
	return cuts
}

// turns returns what is on record for a candidate, by turn and call, and the number
// of calls. The last turn has no reply yet.
func (p *LLM) turns(candidate string) (turns [][]Record, calls int, err error) {
	turns = [][]Record{nil}
	for ; ; calls++ {
		r, found, err := p.recorded(candidate, calls)
		if err != nil || !found {
			return turns, calls, err
		}
		last := len(turns) - 1
		turns[last] = append(turns[last], r)
		if !r.Again {
			turns = append(turns, nil)
		}
	}
}

func (p *LLM) recorded(candidate string, call int) (Record, bool, error) {
	data, found, err := p.Journal.Lookup(candidate, call)
	if err != nil || !found {
		return Record{}, false, err
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, false, fmt.Errorf("journalled reply of candidate %s, call %d: %w", candidate, call, err)
	}
	return r, true, nil
}

func (p *LLM) store(candidate string, call int, r Record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return p.Journal.Store(candidate, call, data)
}
