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
	// Estimated says that the server gave no usage and Usage follows from the
	// length of the texts.
	Estimated bool `json:"estimated,omitempty"`
}

// Client asks one server. It is safe for concurrent use.
type Client struct {
	api     *openai.Client
	budget  *Budget
	timeout time.Duration // of a call
	places  chan struct{} // one per call in flight
	scrub   *scrubber
	openAI  bool // the server is OpenAI's own

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
		next: c.Transport, tries: c.Tries, timeout: c.Timeout, limiter: rate.NewLimiter(limit, 1), scrub: scrub, notify: c.Notify,
	}}
	return &Client{
		api: openai.NewClientWithConfig(config), budget: c.Budget, timeout: 4 * c.Timeout, scrub: scrub,
		places: make(chan struct{}, c.Concurrency), openAI: base.Hostname() == "api.openai.com", dialects: map[string]dialect{},
	}, nil
}

// Complete asks a model. It waits for a free place and for calls in flight that
// the budget depends on. The error is an *Error, a *BudgetError or ctx's.
func (c *Client) Complete(ctx context.Context, call Call) (Reply, error) {
	select {
	case c.places <- struct{}{}:
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	}
	defer func() { <-c.places }()
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
	call.MaxOutput = hold.output
	reply, err := c.ask(ctx, call)
	if err != nil {
		hold.settle(Usage{})
		return Reply{}, err
	}
	if reply.Usage.InputTokens+reply.Usage.OutputTokens == 0 {
		reply.Estimated = true
		reply.Usage.InputTokens, reply.Usage.OutputTokens = input, EstimateTokens(reply.Text)
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
	inner, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	d := c.dialect(call.Model)
	for {
		response, err := c.api.CreateChatCompletion(inner, request(call, d))
		if err == nil {
			c.learn(call.Model, d)
			return c.reply(call, response), nil
		}
		if ctx.Err() != nil {
			return Reply{}, ctx.Err()
		}
		e := c.explain(call.Model, err)
		if e.filtered {
			return Reply{Finish: "content_filter", Model: call.Model}, nil
		}
		next, other := d.without(e)
		if !other {
			return Reply{}, e
		}
		d = next
	}
}

func (c *Client) reply(call Call, response openai.ChatCompletionResponse) Reply {
	choice := response.Choices[0] // the retrier makes exactly one
	return Reply{
		Text: c.scrub.clean(choice.Message.Content), Finish: c.scrub.line(string(choice.FinishReason)), Model: call.Model,
		Usage: Usage{InputTokens: response.Usage.PromptTokens, OutputTokens: response.Usage.CompletionTokens},
	}
}

// explain turns what go-openai returned into an *Error. Its own text is not kept:
// it quotes the address.
func (c *Client) explain(model string, err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded):
		e = fail(Timeout, 0, "no reply within "+c.timeout.String())
	case errors.Is(err, openai.ErrChatCompletionInvalidModel):
		e = fail(UnknownModel, 0, "it is not a chat model")
	default:
		e = fail(Refused, 0, c.scrub.line(err.Error()))
	}
	e.Model = model
	return e
}
