package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
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
	Wait   time.Duration // until a child was ready; next to nothing if a spare one was
	Child  time.Duration // from then to the end of the child; 0 if none was needed
	CPU    time.Duration // processor time of the child, its start included
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
	return c.trace(ctx, file, source, t)
}

// verify makes of a child's answer what it is worth.
func (p *process) verify(source string, a answer) (*Compiled, *Rejection) {
	g, err := graph.Decode(a.graph)
	if err != nil {
		return nil, protocolRejection(fmt.Sprintf("the child sent an invalid graph: %v", err))
	}
	if v := probe.Run(g); v.Reason != "" {
		return nil, probeRejection(v, p.locate(v.Node, source))
	}
	return &Compiled{Source: source, Canonical: a.canonical, Graph: g}, nil
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
	p := c.begin()
	defer p.end()
	if err := p.await(ctx); err != nil {
		return Report{}, err
	}
	return p.report, nil
}

// trace has a child trace source and verifies the answer. A child that died
// proves nothing, since a machine short of memory or threads ends processes, too:
// it is a verdict about the candidate if a second child dies. Neither does a
// spare that is not ready prove anything. The second child is never a spare.
func (c *Checker) trace(ctx context.Context, file *gate.File, source string, t *Timing) (*Compiled, *Rejection, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("sandbox: %w", err)
	}
	p, spare := c.take()
	defer c.release()
	compiled, rejection, died, err := c.traceOn(ctx, p, file, source, t)
	if died || spare && err != nil && ctx.Err() == nil {
		compiled, rejection, _, err = c.traceOn(ctx, c.begin(), file, source, t)
	}
	return compiled, rejection, err
}

// traceOn has p trace source and ends it. It reports besides whether the child
// died without an answer, neither killed by this process nor for the processor
// time that it used, or ended itself for want of memory.
func (c *Checker) traceOn(ctx context.Context, p *process, file *gate.File, source string, t *Timing) (compiled *Compiled, rejection *Rejection, died bool, err error) {
	defer p.end()
	start := time.Now()
	err = p.await(ctx)
	t.Wait += time.Since(start)
	if err != nil {
		return nil, nil, false, err
	}
	if missing := p.report.Missing(); c.Mode == Strict && len(missing) > 0 {
		return nil, nil, false, fmt.Errorf("sandbox: mode strict, but layers are missing: %v", missing)
	}
	start = time.Now()
	compiled, rejection, err = c.converse(ctx, p, source, t)
	p.end()
	t.Child += time.Since(start)
	cpu, _ := p.used()
	t.CPU += cpu
	if ctx.Err() != nil && err != nil {
		return nil, nil, false, fmt.Errorf("sandbox: %w", ctx.Err())
	}
	if err != nil {
		rejection, died = p.verdict(err, c.timeout())
	}
	if rejection != nil {
		place(rejection, file)
		died = died || rejection.Stage == gate.StageMemory || rejection.Stage == gate.StageStack
		return nil, rejection, died, nil
	}
	return compiled, nil, false, nil
}

// converse gives source to a child that is ready and verifies its answer. The error
// says how the child failed; then nothing else counts.
func (c *Checker) converse(ctx context.Context, p *process, source string, t *Timing) (compiled *Compiled, rejection *Rejection, err error) {
	defer context.AfterFunc(ctx, p.expire)()
	defer p.allow(c.timeout())()
	a, rejection, err := p.ask(source)
	if err != nil {
		return nil, nil, err
	}
	late := p.late(c.timeout())
	if rejection == nil {
		start := time.Now()
		compiled, rejection = p.verify(source, a)
		t.Verify += time.Since(start)
	}
	if err := p.finish(); err != nil {
		return nil, nil, err
	}
	if late && (rejection == nil || rejection.Stage != gate.StageTime) {
		return nil, tooLong(c.timeout()), nil
	}
	return compiled, rejection, nil
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
