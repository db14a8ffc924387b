package llm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

// Back-off between tries, before jitter of ±50 %.
const (
	firstWait = time.Second
	maxWait   = time.Minute
)

// retrier is a round tripper that reads replies whole, repeats requests that may
// yet succeed, and returns either a reply with status 200 in a form that
// go-openai can decode, or an *Error.
type retrier struct {
	next     http.RoundTripper
	tries    int
	timeout  time.Duration // of one try, reading the reply included
	limiter  *rate.Limiter // of tries
	scrub    *scrubber
	notify   func(Wait)
	answered atomic.Bool // the server has answered before
}

// Wait is a pause before a request is repeated.
type Wait struct {
	Reason string
	For    time.Duration
}

// RoundTrip sends the request until it succeeds or there is no point in going on.
func (t *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	c := &conversation{retrier: t, req: req, body: body}
	policy := &backoff.ExponentialBackOff{InitialInterval: firstWait, Multiplier: 2, RandomizationFactor: .5, MaxInterval: maxWait}
	reply, err := backoff.Retry(req.Context(), c.try,
		backoff.WithBackOff(policy), backoff.WithMaxTries(uint(t.tries)), backoff.WithMaxElapsedTime(left(req.Context())),
		backoff.WithNotify(func(err error, d time.Duration) { t.notify(Wait{Reason: err.Error(), For: d}) }))
	if err != nil {
		return nil, c.verdict(err)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewReader(reply.openAI())), Request: req,
	}, nil
}

// left is the time until ctx ends, or a long time. It is not 0, which would mean
// no limit.
func left(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 24 * time.Hour
	}
	return max(time.Until(deadline), 1)
}

// conversation is one request with its tries.
type conversation struct {
	*retrier
	req  *http.Request
	body []byte
	odd  int    // failures that are probably not passing
	last *Error // of the last try
}

// postponed is a failed try for which the server asked for a wait, in the form
// that backoff wants.
type postponed struct{ cause *Error }

func (p postponed) Error() string { return p.cause.Error() }

func (p postponed) Unwrap() []error {
	return []error{p.cause, &backoff.RetryAfterError{Duration: p.cause.wait}}
}

// try sends the request once.
func (c *conversation) try() (completion, error) {
	ctx := c.req.Context()
	if err := c.limiter.Wait(ctx); err != nil {
		return completion{}, backoff.Permanent(fail(Timeout, 0, "requests_per_minute leaves no room for this request before its deadline"))
	}
	reply, e := c.exchange(ctx)
	if e == nil {
		return reply, nil
	}
	e.Reason = c.scrub.line(e.Reason)
	c.last = e
	switch {
	case !e.retry:
		return completion{}, backoff.Permanent(e)
	case e.wait > 0:
		return completion{}, postponed{e}
	}
	return completion{}, e
}

// verdict is the error of the whole conversation.
func (c *conversation) verdict(err error) error {
	if cause := c.req.Context().Err(); errors.Is(cause, context.Canceled) {
		return cause
	}
	var e *Error
	if errors.As(err, &e) {
		if e.wait > 0 {
			e.Reason += "; the server asks to wait " + e.wait.Round(time.Second).String()
		}
		return e
	}
	// The deadline of the call passed while waiting.
	if c.last != nil {
		return fail(Timeout, c.last.Status, "gave up waiting; the last answer was: "+c.last.Reason)
	}
	return fail(Timeout, 0, "no reply in time")
}
