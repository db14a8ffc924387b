package llm

import (
	"context"
	"errors"
	"time"
)

// turn is a call as the retrier sees it.
type turn struct {
	soft  context.Context // no try begins once it has ended
	hard  context.Context // once it has ended, a try in flight has only grace left
	grace time.Duration
	hold  *hold             // of the budget
	lost  func(Usage) error // keeps what was paid for nothing
	cut   bool              // a try in flight was given up
}

type (
	turnKey struct{}
	hardKey struct{}
)

// Lasting returns ctx for calls whose replies are worth waiting for: once ctx has
// ended nothing more is sent, but what is in flight goes on until outer has
// ended, and then for the grace of Config.
func Lasting(ctx, outer context.Context) context.Context {
	return context.WithValue(ctx, hardKey{}, outer)
}

// newTurn returns the turn of a call with ctx, and the context of its requests.
func (c *Client) newTurn(ctx context.Context, h *hold) (*turn, context.Context) {
	t := &turn{soft: ctx, hard: ctx, grace: c.grace, hold: h, lost: c.lost}
	if outer, ok := ctx.Value(hardKey{}).(context.Context); ok {
		t.hard = outer
	}
	return t, context.WithValue(context.WithoutCancel(ctx), turnKey{}, t)
}

func turnOf(ctx context.Context) *turn { return ctx.Value(turnKey{}).(*turn) }

// spoilt counts a reply of so many bytes that cannot be used but was paid for.
func (t *turn) spoilt(size int) error {
	return t.lost(t.hold.settle(Usage{Calls: 1, InputTokens: t.hold.usage.InputTokens, OutputTokens: (size + 2) / 3}))
}

// renew takes hold of the budget again after a spoilt reply.
func (t *turn) renew() error { return t.hold.renew(t.soft) }

// close counts a call that gave no reply: what was cut off at the most that it can
// have cost, anything else at nothing.
func (t *turn) close() error {
	if t.cut {
		return t.lost(t.hold.settle(t.hold.usage))
	}
	t.hold.settle(Usage{})
	return nil
}

// errCut is why a try is given up whose reply nobody waits for any longer.
var errCut = errors.New("the search has ended")

// linger gives up the try that cancel ends, some time after nobody wants it. stop
// must be called when the try has ended.
func (c *conversation) linger(cancel context.CancelCauseFunc) (stop func()) {
	over := make(chan struct{})
	stopNote := context.AfterFunc(c.soft, func() {
		c.notify(Wait{Reason: "the search stops, but this reply is paid for", For: c.remaining(), AtMost: true})
	})
	stopCut := context.AfterFunc(c.hard, func() {
		timer := time.NewTimer(c.grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(errCut)
		case <-over:
		}
	})
	return func() {
		close(over)
		stopNote()
		stopCut()
	}
}

// remaining is how long a try in flight is waited for once no other begins.
func (c *conversation) remaining() time.Duration {
	if c.hard.Err() != nil {
		return c.grace
	}
	if ends, ok := c.hard.Deadline(); ok {
		return min(c.gate.timeout, time.Until(ends)+c.grace)
	}
	return c.gate.timeout
}
