package llm

import (
	"bytes"
	"context"
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
// go-openai can decode, or an error: an *Error, a *BudgetError or the context's.
type retrier struct {
	next     http.RoundTripper
	patience time.Duration // with a server that fails
	gate     *gate         // of tries
	limiter  *rate.Limiter // of tries
	scrub    *scrubber
	notify   func(Wait)
	answered atomic.Bool // the server has answered before
}

// Wait is a pause before a request is repeated.
type Wait struct {
	Reason string
	For    time.Duration
	AtMost bool // it may end earlier than For
	// Failing is how long the call has been failing, Patience how long it may; 0
	// where something else than time ends it.
	Failing, Patience time.Duration
}

// RoundTrip sends the request until it succeeds or there is no point in going on.
func (t *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	c := &conversation{retrier: t, turn: turnOf(req.Context()), req: req, body: body, policy: &backoff.ExponentialBackOff{
		InitialInterval: firstWait, Multiplier: 2, RandomizationFactor: .5, MaxInterval: maxWait,
	}}
	c.policy.Reset()
	reply, err := c.run()
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewReader(reply.openAI())), Request: req,
	}, nil
}

// conversation is one request with its tries.
type conversation struct {
	*retrier
	*turn
	req    *http.Request
	body   []byte
	policy *backoff.ExponentialBackOff

	failing  time.Time // since when; zero: no try has failed yet
	failures int
	odd      int // failures that are probably not passing
	excused  int // tries that were late because of others
}

func (c *conversation) run() (completion, error) {
	for {
		reply, err := c.try()
		e, failed := err.(*Error)
		if !failed {
			return reply, err
		}
		e.Reason = c.scrub.line(e.Reason)
		if e.spoilt {
			if err := c.spoilt(e.size); err != nil {
				return completion{}, err
			}
		}
		wait, again := c.pause(e)
		if !again {
			return completion{}, e
		}
		c.notify(wait)
		if err := sleep(c.soft, wait.For); err != nil {
			return completion{}, err
		}
		if err := c.renew(); err != nil {
			return completion{}, err
		}
	}
}

// pause says how long to wait after e before the next try, and whether there is
// to be one.
func (c *conversation) pause(e *Error) (Wait, bool) {
	if !e.retry {
		return Wait{}, false
	}
	if c.failing.IsZero() {
		c.failing = time.Now()
	}
	w := Wait{Reason: e.Error(), For: c.policy.NextBackOff()}
	if c.failures++; e.wait > 0 {
		w.For = max(e.wait, w.For)
		if c.failures <= believed {
			w.For = e.wait
		}
	}
	if e.Kind == Timeout || e.counted {
		return w, true // it is their number that ends it
	}
	w.Failing, w.Patience = time.Since(c.failing), c.patience
	switch {
	case w.Failing+w.For <= c.patience:
		return w, true
	case e.wait > 0:
		e.Reason += "; the server asks to wait " + e.wait.Round(time.Second).String()
	default:
		e.Reason += "; so for " + w.Failing.Round(time.Second).String()
	}
	return w, false
}

// believed is how often a server that says when to come back is believed, be it
// after a millisecond.
const believed = 4

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try sends the request once, when it is its turn. The error is an *Error or the
// context's.
func (c *conversation) try() (completion, error) {
	if err := c.gate.enter(c.soft); err != nil {
		return completion{}, err
	}
	defer c.gate.leave()
	if err := c.limiter.Wait(c.soft); err != nil {
		return completion{}, ended(c.soft)
	}
	ctx, cancel := context.WithCancelCause(c.req.Context())
	defer cancel(nil)
	defer c.linger(cancel)()
	p := c.gate.send(cancel)
	reply, e := c.exchange(ctx)
	c.gate.end(p, e == nil || e.Status != 0)
	switch {
	case e == nil:
		return reply, nil
	case context.Cause(ctx) == errCut:
		c.cut = true
		return completion{}, ended(c.soft)
	case context.Cause(ctx) == errLate && c.gate.late(p) && c.excused < maxExcused:
		c.excused++
		e.retry = true
		e.Reason += " while others were asked for; from now on one at a time"
	case e.Kind == Timeout:
		e.retry = c.tolerate()
	}
	return completion{}, e
}

// maxExcused bounds the late tries of a call that are put down to others.
const maxExcused = 2

// ended is the error of ctx, which has ended or is about to.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded // the limiter knows that it will
}
