package propose

import (
	"cmp"
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

	// Overflowed is told of the first prompt that is too long for a model. It may be
	// nil, and is called concurrently.
	Overflowed func(Overflow)

	contexts contexts
	told     told
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
	k, err := p.learnt(req, plan.Model)
	if err != nil {
		return Proposal{}, err
	}
	q, err := p.question(req, plan, nil, k, measure{history: p.HistoryTokens})
	if err != nil {
		return Proposal{}, err
	}
	plan = q.measure.of(plan)
	plan.Prompt = q.prompt.String()
	return plan, nil
}

// Propose draws a model, an operator and parents from req.Rand and asks for a
// candidate. An unreadable reply gives a Proposal with a Problem. The error is
// the client's or the journal's.
func (p *LLM) Propose(ctx context.Context, req Request) (Proposal, error) {
	plan := p.plan(req)
	a, err := p.reply(ctx, req, plan, 0, measure{history: p.HistoryTokens}, nil)
	if err != nil {
		return Proposal{}, err
	}
	asked := measure{history: a.HistoryTokens, bare: a.Operator != ""}
	plan.Model = cmp.Or(a.Model, plan.Model) // the models may have changed since it was asked
	plan = asked.of(plan)
	if a.prompt == nil {
		prompt, err := p.render(req, plan, a.HistoryTokens)
		if err != nil {
			return Proposal{}, err
		}
		a.prompt = &prompt
	}
	plan.Prompt = a.prompt.String()
	return read(plan, a), nil
}

// Repair asks for a correction of previous, which was rejected: rejection says
// stage, position, reason and hint. turn counts from 1. It draws nothing from
// req.Rand.
func (p *LLM) Repair(ctx context.Context, req Request, previous Proposal, rejection string, turn int) (Proposal, error) {
	text, err := p.Prompts.Repair(rejection)
	if err != nil {
		return Proposal{}, err
	}
	m, err := p.repairing(req, previous, turn)
	if err != nil {
		return Proposal{}, err
	}
	a, err := p.reply(ctx, req, previous, turn, m, &correction{saying(previous), text})
	if err != nil {
		return Proposal{}, err
	}
	previous.Problem, previous.Hint = "", ""
	return read(previous, a), nil
}

// repairing is how long the prompt of a repair may be: as long as that of the reply
// before. It is shorter after a reply that cannot be read, unless the server has
// certainly read all of the prompt and given the reply room.
func (p *LLM) repairing(req Request, previous Proposal, turn int) (measure, error) {
	m := measure{history: p.HistoryTokens}
	turns, _, err := p.turns(req.ID)
	if err != nil || turn > len(turns) || len(turns[turn-1]) == 0 {
		return m, err
	}
	last := turns[turn-1][len(turns[turn-1])-1]
	m.history = last.HistoryTokens
	var unreadable *llm.ReplyError
	if _, err := llm.ParseReply(last.Text, last.Finish); !errors.As(err, &unreadable) || !unreadable.Truncated && last.counted() && !last.Cut {
		return m, nil
	}
	prompt, err := p.render(req, previous, m.history)
	if shorter, ok := m.shorter(prompt, previous); ok {
		m = shorter
	}
	return m, err
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
func read(plan Proposal, a answered) Proposal {
	answer, err := llm.ParseReply(a.Text, a.Finish)
	plan.Thought, plan.Name, plan.Code = answer.Thought, answer.Name, answer.Code
	plan.Usage = plan.Usage.Plus(a.usage)
	var unreadable *llm.ReplyError
	if errors.As(err, &unreadable) {
		plan.Name, plan.Problem, plan.Hint = "unreadable", unreadable.Reason, unreadable.Hint
	}
	return plan
}

// answered is the reply of a turn, with what all calls of the turn cost.
type answered struct {
	Record
	prompt *prompts.Prompt // nil for a reply on record
	usage  llm.Usage
}

func (a *answered) add(r Record) {
	a.Record, a.usage = r, a.usage.Plus(r.Usage)
}

// reply returns the reply of a turn: the journal's, or the model's after it is
// safe in the journal. A prompt that is too long for the model, be it that the
// server says so or that it reads only part of it, is shortened.
func (p *LLM) reply(ctx context.Context, req Request, plan Proposal, turn int, m measure, c *correction) (answered, error) {
	turns, calls, err := p.turns(req.ID)
	if err != nil {
		return answered{}, err
	}
	a, records := answered{}, turns[min(turn, len(turns)-1)]
	for _, r := range records {
		if a.add(r); !r.Again {
			return a, nil
		}
	}
	if p.Completer == nil {
		return answered{}, fmt.Errorf("candidate %s, turn %d: %w", req.ID, turn, ErrNotRecorded)
	}
	k, err := p.learnt(req, plan.Model)
	if err != nil {
		return answered{}, err
	}
	q, err := p.question(req, plan, c, k.after(records, plan.Model), m)
	if err == nil {
		err = p.converse(ctx, q, calls, &a)
	}
	if err == nil && k.hopeless(a.Record) {
		err = llm.Overflow(plan.Model, fmt.Sprintf(
			"the server reads %d of the prompt's about %d tokens, a shorter one is cut off too, and no reply can be read",
			a.Record.Usage.InputTokens, k.estimate(a.PromptChars)))
	}
	return a, err
}

// converse asks q, and shorter questions while only part of one is read, and adds the
// replies to a. They are stored, each before the next question, as those of calls from
// the given one on.
func (p *LLM) converse(ctx context.Context, q question, call int, a *answered) error {
	for {
		next, r, err := p.ask(ctx, q)
		if r != nil {
			a.add(*r)
			err = errors.Join(err, p.store(q.req.ID, call, *r))
		}
		if err != nil || !r.Again {
			a.prompt = &next.prompt
			return err
		}
		q, call = next, call+1
	}
}
