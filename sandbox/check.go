package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/probe"
	"github.com/objdisco/discover/sandbox/tracer"
	"github.com/objdisco/discover/sandbox/wire"
)

// Check runs every stage on source. Exactly one of its three results is set:
// the objective; why it was rejected; or an error, when the check itself could
// not be made (no child can be started, isolation is missing in mode Strict, ctx
// is done).
func (c *Checker) Check(ctx context.Context, source string) (*Compiled, *Rejection, error) {
	var t Timing
	return c.CheckTimed(ctx, source, &t)
}

// Timing says how long the parts of a check took.
type Timing struct {
	Gate   time.Duration // size, parse and policy, in this process
	Child  time.Duration // the child from its start to its end; 0 if it was not needed
	CPU    time.Duration // processor time of the child
	Verify time.Duration // decoding, validating and probing the graph
}

// CheckTimed is Check; it fills t.
func (c *Checker) CheckTimed(ctx context.Context, source string, t *Timing) (*Compiled, *Rejection, error) {
	if err := c.valid(); err != nil {
		return nil, nil, err
	}
	start := time.Now()
	file, rejection := gate.Front(source)
	t.Gate = time.Since(start)
	if rejection != nil {
		return nil, rejection, nil
	}
	start = time.Now()
	a, rejection, err := c.trace(ctx, source, t)
	t.Child = time.Since(start)
	if err != nil || rejection != nil {
		return nil, rejection, err
	}
	start = time.Now()
	defer func() { t.Verify = time.Since(start) }()
	g, at, err := decodeTraced(a.graph, source)
	if err != nil {
		return nil, protocolRejection(fmt.Sprintf("the child sent an invalid graph: %v", err)), nil
	}
	if v := probe.Run(g); v.Reason != "" {
		return nil, probeRejection(v, at, file), nil
	}
	return &Compiled{Source: source, Canonical: a.canonical, Graph: g}, nil, nil
}

func (c *Checker) valid() error {
	switch {
	case isChild():
		return errors.New("sandbox: check inside the sandbox child: main must begin with sandbox.RunChildIfAsked()")
	case c.Mode != "" && c.Mode != Auto && c.Mode != Strict:
		return fmt.Errorf("sandbox: unknown mode %q, want %q or %q", c.Mode, Auto, Strict)
	}
	return nil
}

// Isolation starts a child, asks it which layers hold, and ends it.
func (c *Checker) Isolation(ctx context.Context) (Report, error) {
	if err := c.valid(); err != nil {
		return Report{}, err
	}
	p, err := c.start(ctx)
	if err != nil {
		return Report{}, err
	}
	defer p.end()
	return p.handshake(c.options(), c.startWithin())
}

// trace has a child trace source. A child that died proves nothing, since a
// machine short of memory or threads ends processes, too: it is a verdict about
// the candidate if a second child dies.
func (c *Checker) trace(ctx context.Context, source string, t *Timing) (answer, *Rejection, error) {
	a, rejection, died, err := c.traceOnce(ctx, source, t)
	if died {
		a, rejection, _, err = c.traceOnce(ctx, source, t)
	}
	return a, rejection, err
}

// traceOnce reports besides whether the child died without an answer, neither
// killed by this process nor for the processor time that it used.
func (c *Checker) traceOnce(ctx context.Context, source string, t *Timing) (a answer, rejection *Rejection, died bool, err error) {
	p, err := c.start(ctx)
	if err != nil {
		return answer{}, nil, false, err
	}
	defer p.end()
	report, err := p.handshake(c.options(), c.startWithin())
	if err != nil {
		return answer{}, nil, false, errors.Join(ctx.Err(), err)
	}
	if missing := report.Missing(); c.Mode == Strict && len(missing) > 0 {
		return answer{}, nil, false, fmt.Errorf("sandbox: mode strict, but layers are missing: %v", missing)
	}
	a, rejection, err = p.ask(source, c.timeout())
	p.end()
	t.CPU += p.cpuTime()
	if err == nil {
		return a, rejection, false, nil
	}
	if ctx.Err() != nil {
		return answer{}, nil, false, fmt.Errorf("sandbox: %w", ctx.Err())
	}
	rejection, died = p.verdict(err, c.timeout())
	return answer{}, rejection, died, nil
}

func (c *Checker) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return time.Second
}

func (c *Checker) startWithin() time.Duration {
	if c.startTimeout > 0 {
		return c.startTimeout
	}
	return startTimeout
}

func (c *Checker) options() wire.Options {
	o := wire.Options{Steps: c.Steps, MemoryBytes: c.MemoryBytes, CPU: c.timeout()}
	if o.Steps <= 0 {
		o.Steps = tracer.DefaultSteps
	}
	return o
}
