// Package llm asks language models for objectives. It speaks to any
// OpenAI-compatible server through go-openai and expects the worst of it:
// refusals, rate limits, stalls, resets, damaged and empty replies.
//
// A call ends with a Reply, or with an *Error whose Kind decides what to do and
// whose Hint says what a person can do, or with a *BudgetError. Requests that
// may yet succeed are repeated inside the call. The API key reaches the server
// and nothing else: replies and errors are scrubbed of it.
//
// What a reply says is read by ParseReply.
package llm

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sashabaranov/go-openai"
	"golang.org/x/time/rate"
)

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // "system", "user" or "assistant"
	Content string `json:"content"`
}

// Call is one question.
type Call struct {
	Model       string
	Messages    []Message
	MaxOutput   int      // tokens of the reply, reasoning included; 0: 4,096
	Temperature *float64 // nil: the server's default; not sent to reasoning models
}

// Reply is a model's answer as it arrived, but for secrets. It is the form in
// which replies are journalled.
type Reply struct {
	Text   string `json:"text"`
	Finish string `json:"finish,omitempty"` // finish reason, "" if the server gave none
	Model  string `json:"model"`            // that was asked
	Usage  Usage  `json:"usage"`
	// Estimated says that the server did not count the prompt, whose tokens follow
	// from its length. So do those of a text that is not counted.
	Estimated bool `json:"estimated,omitempty"`
}

// Client asks one server. It is safe for concurrent use.
type Client struct {
	api    *openai.Client
	budget *Budget
	grace  time.Duration
	begin  func(Usage) error
	end    func() error
	lost   func(Usage) error
	scrub  *scrubber
	openAI bool // the server is OpenAI's own

	mu       sync.Mutex
	dialects map[string]dialect // by model, as learnt
}

// New returns a client. An error says what is wrong with the configuration; the
// server is not asked.
func New(c Config) (*Client, error) {
	base, err := parseBase(c.BaseURL)
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(string(c.Key))
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("the API key has characters that no key has: check OPENAI_API_KEY")
	}
	c.setDefaults()
	scrub := newScrubber(Secret(key), base)
	limit := rate.Inf
	if c.PerMinute > 0 {
		limit = rate.Limit(float64(c.PerMinute) / 60)
	}
	config := openai.DefaultConfig(key)
	config.BaseURL = base.String()
	config.HTTPClient = &http.Client{Transport: &retrier{
		next: c.Transport, patience: c.Patience, gate: newGate(c.Timeout, c.Concurrency), limiter: rate.NewLimiter(limit, 1), scrub: scrub, notify: c.Notify,
	}}
	return &Client{
		api: openai.NewClientWithConfig(config), budget: c.Budget, grace: c.Grace, begin: c.Begin, end: c.End, lost: c.Lost, scrub: scrub,
		openAI: base.Hostname() == "api.openai.com", dialects: map[string]dialect{},
	}, nil
}

// finishTooLarge is the finish reason of a reply that was too large to be read.
const finishTooLarge = "too_large"

// Complete asks a model. It waits for a free place and for calls in flight that
// the budget depends on. When ctx ends, a reply in flight is still waited for: see
// Lasting. The error is an *Error, a *BudgetError, that of a function of Config, or ctx's.
func (c *Client) Complete(ctx context.Context, call Call) (Reply, error) {
	input := 0
	for _, m := range call.Messages {
		input += EstimateTokens(m.Content) + 8
	}
	if call.MaxOutput <= 0 {
		call.MaxOutput = 4096
	}
	hold, err := c.budget.reserve(ctx, call.Model, input, call.MaxOutput)
	if err != nil {
		return Reply{}, err
	}
	if err := c.begin(hold.usage); err != nil {
		hold.settle(Usage{})
		return Reply{}, err
	}
	call.MaxOutput = hold.output
	t, inner := c.newTurn(ctx, hold)
	reply, err := c.ask(inner, call)
	if err != nil {
		return Reply{}, errors.Join(err, t.close(), c.end())
	}
	if reply.Finish == finishTooLarge {
		reply.Usage = hold.usage
	}
	if reply.Usage.InputTokens == 0 {
		reply.Estimated, reply.Usage.InputTokens = true, input
	}
	if reply.Usage.OutputTokens == 0 {
		reply.Usage.OutputTokens = EstimateTokens(reply.Text)
	}
	reply.Usage.Calls = 1
	reply.Usage = hold.settle(reply.Usage)
	return reply, nil
}

// EstimateTokens returns about how many tokens a text has, rather too many: three
// bytes to a token.
func EstimateTokens(text string) int { return (len(text) + 2) / 3 }

// ask speaks to the server, in another dialect if it does not take the first.
func (c *Client) ask(ctx context.Context, call Call) (Reply, error) {
	d := c.dialect(call.Model)
	for {
		response, err := c.api.CreateChatCompletion(ctx, request(call, d))
		if err == nil {
			c.learn(call.Model, d)
			return c.reply(call, response), nil
		}
		e, other := c.explain(call.Model, err)
		switch {
		case other != nil:
			return Reply{}, other
		case e.filtered:
			return Reply{Finish: "content_filter", Model: call.Model}, nil
		case e.oversize:
			return Reply{Finish: finishTooLarge, Model: call.Model, Estimated: true}, nil
		}
		next, differs := d.without(e)
		shorten := e.Kind == ContextOverflow && next.limit != d.limit && c.budget.bounds(call.Model)
		if !differs || shorten {
			return Reply{}, e
		}
		if next.limit == noLimitField && c.budget.bounds(call.Model) {
			e = fail(Unbounded, e.Status, "the server takes neither max_tokens nor max_completion_tokens, so that nothing bounds what a reply costs: "+e.Reason)
			e.Model = call.Model
			return Reply{}, e
		}
		d = next
	}
}

func (c *Client) reply(call Call, response openai.ChatCompletionResponse) Reply {
	choice := response.Choices[0] // the retrier makes exactly one
	finish := c.scrub.line(string(choice.FinishReason))
	return Reply{
		Text: c.scrub.answer(choice.Message.Content, finish), Finish: finish, Model: call.Model,
		Usage: Usage{InputTokens: response.Usage.PromptTokens, OutputTokens: response.Usage.CompletionTokens},
	}
}

// explain turns what go-openai returned into an *Error, or into the error of a
// budget, of Config.Lost or of a context. The text of go-openai's own errors is
// not kept: it quotes the address.
func (c *Client) explain(model string, err error) (e *Error, other error) {
	var address *url.Error
	switch {
	case errors.As(err, &e):
	case errors.As(err, &address):
		return nil, address.Err
	case errors.Is(err, openai.ErrChatCompletionInvalidModel):
		e = fail(UnknownModel, 0, "it is not a chat model")
	default:
		e = fail(Refused, 0, c.scrub.line(err.Error()))
	}
	e.Model = model
	return e, nil
}
