// Package sandbox turns the source of a candidate objective into a graph, or
// says why not.
//
// # Threat model
//
// The source comes from a language model or another stranger and is hostile
// until shown otherwise. It may try to run for ever, exhaust memory or stack,
// read files or the environment, reach the network, start or harm processes,
// crash or confuse this process, or pass for an objective that it is not.
//
// Three barriers stand in its way, each meant to hold alone. The gate accepts a
// small, pure language and nothing else. What it accepts is interpreted in a
// fresh child process, one per candidate, that has confined itself with what the
// kernel offers before it receives the source. A Checker starts that of the next
// candidate ahead of time; a child that waits is confined and has seen no source,
// and one that served is killed. And the parent believes nothing
// that the child says: frames are capped and sequenced, the graph is decoded and
// validated anew, and trusted code runs it on fixed batches.
//
// # What is not promised
//
// A kernel exploit is not defended against, nor are side channels such as timing.
// On systems other than Linux the kernel's layers are missing: the gate, the
// separate process, deadlines and memory watcher remain. Mode Strict refuses to
// run without all layers. A candidate may be useless for training and still pass.
package sandbox

import (
	"os"
	"time"

	"github.com/objdisco/discover/sandbox/child"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/isolate"
)

// Rejection says why a candidate was not accepted. It is data, not an error.
type Rejection = gate.Rejection

// Report says which layers of isolation hold for the sandbox child.
type Report = isolate.Report

// Compiled is an accepted candidate.
type Compiled struct {
	Source    string       // as given
	Canonical string       // what was interpreted; written by the child, shown only
	Graph     *graph.Graph // validated and probed
}

// Mode says what to do when this machine lacks layers of isolation.
type Mode string

const (
	Auto   Mode = "auto"   // run with the layers there are; the zero Mode means the same
	Strict Mode = "strict" // refuse to run unless every layer holds
)

// Checker checks candidates. Its zero value is ready to use; it is safe for
// concurrent use, but its fields must not change once it is used. Each check has
// a child process of its own. That of the next check is started ahead of time,
// so whoever has made a check should call Close.
type Checker struct {
	Mode        Mode
	Timeout     time.Duration // for a candidate once its child is ready; 0 means 1 s
	MemoryBytes uint64        // heap of the child; 0 means 256 MiB
	Steps       int           // operations that a trace may run; 0 means 20,000
	Checks      int           // that will be made, so that no child is started for none; 0 means unknown

	spares       spares
	childArgs    []string      // instead of the child's arguments, for tests
	startTimeout time.Duration // instead of startTimeout, for tests
}

// RunChildIfAsked turns this process into the sandbox child and exits if it was
// started as one; otherwise it returns at once. It must be the first statement
// of main, and of the TestMain of every test that checks candidates, in every
// program that uses a Checker.
func RunChildIfAsked() {
	if isChild() {
		os.Exit(child.Main())
	}
}

func isChild() bool { return len(os.Args) > 0 && os.Args[0] == child.Name }
