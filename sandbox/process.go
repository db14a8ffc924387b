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

// process is one sandbox child, for one source. A goroutine of its own has it
// from start to end (own); one check, at most, asks it (ask) and ends it (end).
type process struct {
	cmd    *exec.Cmd
	in     *wire.Writer
	out    *wire.Reader
	pipes  [3]*os.File // ends of stdin, stdout and stderr on this side
	stderr *drain

	begun   chan struct{} // closed when the child was started, or could not be
	ready   chan struct{} // closed when report and err are set
	ended   chan struct{} // closed when the child is reaped
	report  Report        // which layers hold
	err     error         // why the child did not get ready
	before  time.Duration // processor time that it had used when it was asked
	expired atomic.Bool   // a deadline or the context ended the process
	reaping sync.Mutex    // whoever holds it may use the number of a child that is not reaped
}

// begin starts a child and returns at once. The caller must call end, or see to
// it that somebody does.
func (c *Checker) begin() *process {
	args := []string{child.Name}
	if c.childArgs != nil {
		args = c.childArgs
	}
	p := &process{
		cmd:   &exec.Cmd{Args: args, Env: []string{}},
		begun: make(chan struct{}), ready: make(chan struct{}), ended: make(chan struct{}),
	}
	go p.own(c.options(), c.startWithin())
	return p
}

// own has the child from start to end. It stays locked to its thread, since the
// kernel kills the child with the thread that started it.
func (p *process) own(options wire.Options, within time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.ended)
	p.err = p.start()
	close(p.begun)
	if p.err != nil {
		close(p.ready)
		return
	}
	p.report, p.err = p.handshake(options, within)
	close(p.ready)
	p.stderr.wait()
	p.reap()
}

func (p *process) start() error {
	exe, err := isolate.Executable()
	if err != nil {
		return fmt.Errorf("sandbox: find the program to run as child: %w", err)
	}
	p.cmd.Path = exe
	isolate.Confine(p.cmd)
	theirs, err := p.openPipes()
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	err = p.cmd.Start()
	closeAll(theirs[:])
	if err != nil {
		closeAll(p.pipes[:])
		return fmt.Errorf("sandbox: start the child: %w", err)
	}
	p.in, p.out = wire.NewWriter(p.pipes[0]), wire.NewReader(p.pipes[1])
	p.stderr = newDrain(p.pipes[2], p.stop)
	return nil
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

// handshake tells the child its limits and reads which layers hold. After an
// error the child has ended.
func (p *process) handshake(options wire.Options, within time.Duration) (Report, error) {
	defer time.AfterFunc(within, p.expire).Stop()
	var report Report
	hello, err := json.Marshal(options)
	if err == nil {
		err = p.in.Write(wire.Hello, hello)
	}
	var ready []byte
	if err == nil {
		_, ready, err = p.out.Next(wire.Ready)
	}
	if err == nil {
		err = json.Unmarshal(ready, &report)
	}
	if err != nil {
		p.stop()
		return report, fmt.Errorf("sandbox: the child did not get ready (does main begin with sandbox.RunChildIfAsked()?): %w; its last words: %q", err, p.stderr.text())
	}
	return report, nil
}

// await returns when the child is ready, with the error if it cannot be.
func (p *process) await(ctx context.Context) error {
	select {
	case <-p.ready:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("sandbox: %w", ctx.Err())
	}
}

// expire ends the child because its time is over.
func (p *process) expire() {
	p.expired.Store(true)
	p.stop()
}

// lastWords is how long the stderr of a killed child is still read. It ends
// sooner unless a process that the child left behind holds the pipe.
const lastWords = 2 * time.Second

// stop kills the child, which must have begun, and unblocks whoever reads from it
// or writes to it, even if a process that it left behind holds the pipes. Where
// pipes have no deadlines the kill alone must do.
func (p *process) stop() {
	p.kill()
	p.pipes[0].SetDeadline(time.Now())
	p.pipes[1].SetDeadline(time.Now())
	p.pipes[2].SetDeadline(time.Now().Add(lastWords))
}

// kill kills the child's group, unless the child is reaped: its number may be
// that of another by then.
func (p *process) kill() {
	p.reaping.Lock()
	defer p.reaping.Unlock()
	if p.cmd.ProcessState == nil {
		isolate.Kill(p.cmd.Process)
	}
}

// reap kills what may be left of the child's group and waits for the child.
func (p *process) reap() {
	p.reaping.Lock()
	defer p.reaping.Unlock()
	isolate.Kill(p.cmd.Process)
	p.cmd.Wait() // the exit status is read from ProcessState
}

// end kills and reaps the child if that has not happened, and frees what it held.
// It may be called more than once.
func (p *process) end() {
	<-p.begun
	if p.cmd.Process == nil {
		return
	}
	p.stop()
	<-p.ended
	closeAll(p.pipes[:])
}

// used is the processor time that the child has used; ok is false if the system
// does not tell.
func (p *process) used() (d time.Duration, ok bool) {
	p.reaping.Lock()
	defer p.reaping.Unlock()
	if s := p.cmd.ProcessState; s != nil {
		return s.UserTime() + s.SystemTime(), true
	}
	return isolate.CPUTime(p.cmd.Process)
}

// protocolRejection says that the child did not behave like the program it was.
func protocolRejection(reason string) *Rejection {
	return &Rejection{Stage: gate.StageProtocol, Reason: reason, Hint: "the candidate broke the sandbox child; write it in a simpler way"}
}
