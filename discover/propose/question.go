package propose

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/prompts"
)

// measure is how much a prompt may say.
type measure struct {
	history int  // tokens of earlier candidates, besides the parents
	bare    bool // the task is a new objective, whatever was drawn: no parents
}

// of is the plan that a prompt of this measure asks for.
func (m measure) of(plan Proposal) Proposal {
	if m.bare {
		plan.Operator, plan.Parents = prompts.New, nil
	}
	return plan
}

// minHistory is the number of tokens below which a history that is too long is
// dropped rather than halved.
const minHistory = 500

// shorter returns the next smaller measure than that of a prompt, if there is one:
// half of the history that was shown, then none, then no parents either.
func (m measure) shorter(prompt prompts.Prompt, plan Proposal) (measure, bool) {
	switch {
	case m.history > 0:
		if m.history = min(m.history, prompt.History) / 2; m.history < minHistory {
			m.history = 0
		}
	case len(m.of(plan).Parents) > 0:
		m.bare = true
	default:
		return m, false
	}
	return m, true
}

// correction is the part of a conversation that follows the prompt.
type correction struct {
	said string // the rejected reply, "" if there is none to quote
	text string // what is wrong with it
}

// question is a prompt that is put to a model, and what it is made from.
type question struct {
	req        Request
	plan       Proposal
	correction *correction // nil in the first turn
	learnt     learnt
	measure    measure

	prompt   prompts.Prompt
	messages []llm.Message
}

// question returns what a model is asked: the longest prompt up to a measure that
// is shorter than those known to overflow.
func (p *LLM) question(req Request, plan Proposal, c *correction, k learnt, m measure) (question, error) {
	q := question{req: req, plan: plan, correction: c, learnt: k, measure: m}
	if err := p.write(&q); err != nil || k.over == 0 || k.deaf > 0 {
		return q, err
	}
	for chars(q.messages) >= k.over {
		if shorter, err := p.shorten(&q); err != nil || !shorter {
			return q, err
		}
	}
	return q, nil
}

// write renders the prompt.
func (p *LLM) write(q *question) (err error) {
	q.prompt, err = p.render(q.req, q.measure.of(q.plan), q.measure.history)
	q.messages = messages(q.prompt, q.correction)
	return err
}

// shorten makes the prompt shorter, if it can be.
func (p *LLM) shorten(q *question) (bool, error) {
	for before := chars(q.messages); ; {
		m, ok := q.measure.shorter(q.prompt, q.plan)
		if !ok {
			return false, nil
		}
		q.measure = m
		if err := p.write(q); err != nil || chars(q.messages) < before {
			return err == nil, err
		}
	}
}

// ask puts a question to the model, shortened until the server takes it, and returns it
// as it was answered. The record of the reply, nil if there is none, says whether only
// part of the prompt was read; if it is to be asked again, the question returned is a
// shorter one. A reply is paid for: it is to be kept even if there is an error.
func (p *LLM) ask(ctx context.Context, q question) (question, *Record, error) {
	for {
		size := chars(q.messages)
		reply, err := p.Completer.Complete(ctx, llm.Call{Model: q.plan.Model, Messages: q.messages, MaxOutput: p.MaxOutput, Temperature: p.Temperature})
		var refused *llm.Error
		switch {
		case err == nil:
			r := &Record{Reply: reply, HistoryTokens: q.measure.history, PromptChars: size, Overflowed: q.learnt.asked}
			if q.measure.bare {
				r.Operator = prompts.New
			}
			return p.judge(q, r)
		case !errors.As(err, &refused) || refused.Kind != llm.ContextOverflow:
			return q, nil, err
		}
		p.tell(Overflow{Model: q.plan.Model, Estimate: q.learnt.estimate(size)})
		q.learnt.asked = size
		if shorter, failed := p.shorten(&q); failed != nil || !shorter {
			return q, nil, errors.Join(failed, err)
		}
	}
}

// judge completes the record of a reply, and shortens the question if the server
// read only part of it. Where shortening has not helped before, it is not tried.
func (p *LLM) judge(q question, r *Record) (question, *Record, error) {
	if r.Cut = q.learnt.cut(*r); !r.Cut {
		return q, r, nil
	}
	p.tell(Overflow{Model: q.plan.Model, Read: r.Usage.InputTokens, Estimate: q.learnt.estimate(r.PromptChars)})
	if q.learnt.deaf > 0 {
		return q, r, nil
	}
	shorter := q
	again, err := p.shorten(&shorter)
	if !again {
		return q, r, err
	}
	r.Again = true
	shorter.learnt.asked, r.Overflowed = r.PromptChars, r.PromptChars
	shorter.learnt.cuts = append(shorter.learnt.cuts, r.Usage.InputTokens)
	return shorter, r, nil
}

// messages is the conversation that a prompt and, unless nil, a correction make.
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

// chars counts the characters of a conversation.
func chars(messages []llm.Message) int {
	n := 0
	for _, m := range messages {
		n += utf8.RuneCountInString(m.Content)
	}
	return n
}
