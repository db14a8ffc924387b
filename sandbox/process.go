package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/objdisco/discover/sandbox/child"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/wire"
)

// startTimeout is how long a child may take until it is ready. It is an error of
// this machine, not of a candidate, to need longer.
const startTimeout = 20 * time.Second

// process is one sandbox child, used by one goroutine, which stays locked to its
// thread from start to end: the kernel kills the child with that thread.
type process struct {
	cmd     *exec.Cmd
	in      *wire.Writer
	out     *wire.Reader
	pipes   [3]*os.File // ends of stdin, stdout and stderr on this side
	stderr  *drain
	expired atomic.Bool // a deadline or the context ended the process
	once    sync.Once
	unwatch func() bool
}

// answer is what an honest child says about an accepted candidate.
type answer struct {
	canonical string
	graph     []byte
}

// start starts a child. The caller must call end on the same goroutine.
func (c *Checker) start(ctx context.Context) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	exe, err := isolate.Executable()
	if err != nil {
		return nil, fmt.Errorf("sandbox: find the program to run as child: %w", err)
	}
	args := []string{child.Name}
	if c.childArgs != nil {
		args = c.childArgs
	}
	p := &process{cmd: &exec.Cmd{Path: exe, Args: args, Env: []string{}}}
	isolate.Confine(p.cmd)
	theirs, err := p.openPipes()
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	runtime.LockOSThread()
	err = p.cmd.Start()
	closeAll(theirs[:])
	if err != nil {
		runtime.UnlockOSThread()
		closeAll(p.pipes[:])
		return nil, fmt.Errorf("sandbox: start the child: %w", err)
	}
	p.in, p.out = wire.NewWriter(p.pipes[0]), wire.NewReader(p.pipes[1])
	p.stderr = newDrain(p.pipes[2], p.kill)
	p.unwatch = context.AfterFunc(ctx, p.expire)
	return p, nil
}

// openPipes makes the three pipes and returns the ends for the child.
func (p *process) openPipes() (theirs [3]*os.File, err error) {
	for i := range theirs {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(p.pipes[:i])
			closeAll(theirs[:i])
			return theirs, err
		}
		theirs[i], p.pipes[i] = w, r
		if i == 0 {
			theirs[i], p.pipes[i] = r, w
		}
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = theirs[0], theirs[1], theirs[2]
	return theirs, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// handshake tells the child its limits and reads which layers hold.
func (p *process) handshake(options wire.Options, timeout time.Duration) (Report, error) {
	defer p.deadline(timeout)()
	var report Report
	hello, err := json.Marshal(options)
	if err != nil {
		return report, fmt.Errorf("sandbox: %w", err)
	}
	err = p.in.Write(wire.Hello, hello)
	var ready []byte
	if err == nil {
		_, ready, err = p.out.Next(wire.Ready)
	}
	if err == nil {
		err = json.Unmarshal(ready, &report)
	}
	if err != nil {
		p.end()
		return report, fmt.Errorf("sandbox: the child did not get ready (does main begin with sandbox.RunChildIfAsked()?): %w; its last words: %q", err, p.stderr.text())
	}
	return report, nil
}

// ask sends source and reads the answer. The error says how the child failed to
// answer.
func (p *process) ask(source string, timeout time.Duration) (a answer, rejection *Rejection, err error) {
	defer p.allow(timeout)()
	if err := p.in.Write(wire.Source, []byte(source)); err != nil {
		return a, nil, err
	}
	t, payload, err := p.out.Next(wire.Canonical, wire.Rejected)
	if err != nil {
		return a, nil, err
	}
	if t == wire.Rejected {
		rejection, err = decodeRejection(payload, source)
	} else {
		a.canonical = printable(string(payload), len(payload))
		_, a.graph, err = p.out.Next(wire.Graph)
	}
	if err != nil {
		return a, nil, err
	}
	if err := p.out.End(); err != nil {
		return a, nil, err
	}
	if p.expired.Load() { // the end of the stream is that of the killed child
		return a, nil, os.ErrDeadlineExceeded
	}
	return a, rejection, nil
}

// deadline kills the child after d unless the returned function is called first.
func (p *process) deadline(d time.Duration) (stop func() bool) {
	return time.AfterFunc(d, p.expire).Stop
}

// patience is how many times its processor time a child may take by the clock on
// the wall, when the machine is busy with other things.
const patience = 10

// allow kills the child once it has used d of processor time, or d by the clock
// where the system does not tell, and after patience*d in any case, unless the
// returned function is called first.
func (p *process) allow(d time.Duration) (stop func()) {
	begun, over, gone := time.Now(), make(chan bool), make(chan bool)
	before, _ := isolate.CPUTime(p.cmd.Process)
	go func() {
		defer close(gone)
		for left := d; left > 0; left = p.left(d, before, begun) {
			select {
			case <-over:
				return
			case <-time.After(left):
			}
		}
		p.expire()
	}()
	return func() {
		close(over)
		<-gone
	}
}

// left returns how long a child that may use d of processor time can be left
// alone, given what it had used when its time began; 0 when its time is over.
func (p *process) left(d, before time.Duration, begun time.Time) time.Duration {
	used, ok := isolate.CPUTime(p.cmd.Process)
	left := min(d-(used-before), patience*d-time.Since(begun))
	if !ok || left <= 0 {
		return 0
	}
	return max(left, d/100)
}

// expire ends the child because its time is over.
func (p *process) expire() {
	p.once.Do(func() {
		p.expired.Store(true)
		p.signal()
	})
}

// lastWords is how long the stderr of a killed child is still read. It ends
// sooner unless a process that the child left behind holds the pipe.
const lastWords = 2 * time.Second

// kill ends the child and unblocks whoever reads from it or writes to it, even
// if a process that it left behind holds the pipes. Where pipes have no
// deadlines the kill alone must do.
func (p *process) kill() { p.once.Do(p.signal) }

func (p *process) signal() {
	isolate.Kill(p.cmd.Process)
	p.pipes[0].SetDeadline(time.Now())
	p.pipes[1].SetDeadline(time.Now())
	p.pipes[2].SetDeadline(time.Now().Add(lastWords))
}

// end kills the child's group, reaps it and frees what it held. It may be called
// more than once.
func (p *process) end() {
	if p.cmd.ProcessState != nil {
		return
	}
	p.unwatch()
	p.kill()
	p.stderr.wait()
	p.cmd.Wait() // the exit status is read from ProcessState
	closeAll(p.pipes[:])
	runtime.UnlockOSThread()
}

// cpuTime is the processor time that the ended child used.
func (p *process) cpuTime() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// protocolRejection says that the child did not behave like the program it was.
func protocolRejection(reason string) *Rejection {
	return &Rejection{Stage: gate.StageProtocol, Reason: reason, Hint: "the candidate broke the sandbox child; write it in a simpler way"}
}
