package propose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/prompts"
)

// Completer asks a model. *llm.Client is one.
type Completer interface {
	Complete(ctx context.Context, call llm.Call) (llm.Reply, error)
}

// Journal keeps replies, so that none is bought twice. Turn 0 is a candidate's
// first reply, turn n that to its n-th repair.
type Journal interface {
	Lookup(candidate string, turn int) (reply []byte, found bool, err error)
	// Store returns when the reply is safe.
	Store(candidate string, turn int, reply []byte) error
}

// Record is what an LLM proposer stores in its journal, as JSON.
type Record struct {
	llm.Reply
	HistoryTokens int `json:"history_tokens"` // that the prompt was allowed
}

// Arm is a model or an operator with its weight in the draw.
type Arm struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
}

// LLM proposes what a language model answers. It is safe for concurrent use if
// its Completer and its Journal are.
type LLM struct {
	Completer Completer // nil: only journalled replies are proposed
	Journal   Journal
	Prompts   *prompts.Set
	Models    []Arm // at least one
	Operators []Arm // nil: DefaultOperators()

	Language      string   // the objective language: its API as Go source without bodies
	Rules         string   // what a candidate may write, as lines that begin with "- "
	MicroBatch    int      // pairs that a batch statistic sees
	HistoryTokens int      // what earlier candidates may take up in the prompt
	MaxOutput     int      // tokens of a reply; 0: the client's default
	Temperature   *float64 // nil: the server's default
}

// Lasting returns ctx for proposing what is worth waiting for: once ctx has ended
// no model is asked any more, but a reply in flight is waited for and kept until
// outer has ended.
func Lasting(ctx, outer context.Context) context.Context { return llm.Lasting(ctx, outer) }

// ErrNotRecorded is wrapped by the error of a proposer that may not ask anyone
// and has no reply or proposal on record.
var ErrNotRecorded = errors.New("nothing on record")

// Next returns the proposal for req as far as it is known before the model is
// asked: operator, model, parents and prompt.
func (p *LLM) Next(req Request) (Proposal, error) {
	plan := p.plan(req)
	prompt, err := p.render(req, plan, p.HistoryTokens)
	plan.Prompt = prompt.String()
	return plan, err
}

// Propose draws a model, an operator and parents from req.Rand and asks for a
// candidate. An unreadable reply gives a Proposal with a Problem. The error is
// the client's or the journal's.
func (p *LLM) Propose(ctx context.Context, req Request) (Proposal, error) {
	plan := p.plan(req)
	record, err := p.reply(ctx, req, plan, 0, p.HistoryTokens, nil)
	if err != nil {
		return Proposal{}, err
	}
	prompt, err := p.render(req, plan, record.HistoryTokens)
	if err != nil {
		return Proposal{}, err
	}
	plan.Prompt = prompt.String()
	return read(plan, record), nil
}

// Repair asks for a correction of previous, which was rejected: rejection says
// stage, position, reason and hint. turn counts from 1. It draws nothing from
// req.Rand.
func (p *LLM) Repair(ctx context.Context, req Request, previous Proposal, rejection string, turn int) (Proposal, error) {
	last, found, err := p.recorded(req.ID, turn-1)
	if err != nil {
		return Proposal{}, err
	}
	history := p.HistoryTokens
	if found {
		history = last.HistoryTokens
		var unreadable *llm.ReplyError
		if _, err := llm.ParseReply(last.Text, last.Finish); errors.As(err, &unreadable) && unreadable.Truncated {
			history /= 2 // a silent overflow looks like this
		}
	}
	text, err := p.Prompts.Repair(rejection)
	if err != nil {
		return Proposal{}, err
	}
	record, err := p.reply(ctx, req, previous, turn, history, &correction{saying(previous), text})
	if err != nil {
		return Proposal{}, err
	}
	previous.Problem, previous.Hint = "", ""
	return read(previous, record), nil
}

// saying is a proposal as a reply, without what else the model wrote; "" if it
// has no code.
func saying(p Proposal) string {
	if p.Code == "" {
		return ""
	}
	data, err := json.Marshal(map[string]string{"thought": p.Thought, "name": p.Name, "code": p.Code})
	if err != nil {
		panic(err) // strings
	}
	return string(data)
}

// read fills a plan with what a reply says.
func read(plan Proposal, record Record) Proposal {
	answer, err := llm.ParseReply(record.Text, record.Finish)
	plan.Thought, plan.Name, plan.Code = answer.Thought, answer.Name, answer.Code
	plan.Usage = plan.Usage.Plus(record.Usage)
	var unreadable *llm.ReplyError
	if errors.As(err, &unreadable) {
		plan.Name, plan.Problem, plan.Hint = "unreadable", unreadable.Reason, unreadable.Hint
	}
	return plan
}

// correction is the part of a conversation that follows the prompt.
type correction struct {
	said string // the rejected reply, "" if there is none to quote
	text string // what is wrong with it
}

// minHistory is the number of tokens below which a history that is too long is
// dropped rather than halved.
const minHistory = 500

// reply returns the reply of a turn: the journal's, or the model's after it is
// safe in the journal. A prompt that is too long for the model is shortened.
func (p *LLM) reply(ctx context.Context, req Request, plan Proposal, turn, history int, c *correction) (Record, error) {
	record, found, err := p.recorded(req.ID, turn)
	if found || err != nil {
		return record, err
	}
	if p.Completer == nil {
		return Record{}, fmt.Errorf("candidate %s, turn %d: %w", req.ID, turn, ErrNotRecorded)
	}
	for {
		prompt, err := p.render(req, plan, history)
		if err != nil {
			return Record{}, err
		}
		call := llm.Call{Model: plan.Model, Messages: messages(prompt, c), MaxOutput: p.MaxOutput, Temperature: p.Temperature}
		reply, err := p.Completer.Complete(ctx, call)
		var e *llm.Error
		if errors.As(err, &e) && e.Kind == llm.ContextOverflow && history > 0 {
			if history /= 2; history < minHistory {
				history = 0
			}
			continue
		}
		if err != nil {
			return Record{}, err
		}
		record := Record{reply, history}
		return record, p.store(req.ID, turn, record)
	}
}

func messages(prompt prompts.Prompt, c *correction) []llm.Message {
	out := []llm.Message{{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.User}}
	switch {
	case c == nil:
	case c.said == "":
		out[1].Content += "\n" + c.text // two user messages in a row are an error to some servers
	default:
		out = append(out, llm.Message{Role: "assistant", Content: c.said}, llm.Message{Role: "user", Content: c.text})
	}
	return out
}

func (p *LLM) recorded(candidate string, turn int) (Record, bool, error) {
	data, found, err := p.Journal.Lookup(candidate, turn)
	if err != nil || !found {
		return Record{}, false, err
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, false, fmt.Errorf("journalled reply of candidate %s, turn %d: %w", candidate, turn, err)
	}
	return r, true, nil
}

func (p *LLM) store(candidate string, turn int, r Record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return p.Journal.Store(candidate, turn, data)
}
