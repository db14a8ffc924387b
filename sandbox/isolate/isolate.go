// Package isolate takes from a process what a candidate has no use for. Enter is
// called by the sandbox child about itself; Confine is called by the parent on
// the command that starts it.
package isolate

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Layer names one independent means of confinement.
type Layer string

// The layers. Which of them a platform has is in the Report of Enter.
const (
	Environment Layer = "environment"  // no environment variables
	Descriptors Layer = "descriptors"  // no open files but stdin, stdout and stderr
	Memory      Layer = "memory"       // a watcher ends the process when its heap grows too large
	Stack       Layer = "stack"        // the runtime ends the process when a stack grows too large, the watcher half way
	Threads     Layer = "threads"      // the runtime ends the process when it needs too many threads
	Rlimits     Layer = "rlimits"      // the kernel limits memory, processor time, files, processes and core dumps
	Landlock    Layer = "landlock"     // the kernel refuses files, TCP, abstract sockets and signals to others
	Seccomp     Layer = "seccomp"      // the kernel kills the process at a system call that it does not need
	ParentDeath Layer = "parent-death" // the kernel kills the process when its parent dies
)

// All is every layer, in the order in which they are applied.
var All = []Layer{Environment, Descriptors, Memory, Stack, Threads, ParentDeath, Landlock, Rlimits, Seccomp}

// Limits bounds what the process may use. Zero fields mean the defaults.
type Limits struct {
	MemoryBytes uint64        // heap, default 256 MiB
	StackBytes  int           // one goroutine's stack, default 64 MiB
	CPU         time.Duration // processor time from now on, default 1 s; the kernel grants up to 1.5 s more

	// Begin is when the watcher of the memory begins, which takes processor time
	// even of a process that waits; nil means at once.
	Begin <-chan struct{}

	// Ending is called by that watcher before it ends the process, with the layer,
	// Memory or Stack, of the limit that is passed; nil means that nobody is told.
	// What the runtime or the kernel ends is not announced.
	Ending func(Layer)
}

func (l Limits) withDefaults() Limits {
	if l.MemoryBytes == 0 {
		l.MemoryBytes = 256 << 20
	}
	if l.StackBytes == 0 {
		l.StackBytes = 64 << 20
	}
	if l.CPU == 0 {
		l.CPU = time.Second
	}
	return l
}

// State is what became of one layer.
type State struct {
	Layer  Layer  `json:"layer"`
	Holds  bool   `json:"holds"`
	Detail string `json:"detail,omitempty"` // version or limits if it holds, the reason if not
}

// Report lists the layers that were asked for.
type Report struct {
	Platform string  `json:"platform"` // GOOS/GOARCH
	Layers   []State `json:"layers"`
}

// Missing returns the layers that do not hold.
func (r *Report) Missing() []Layer {
	var missing []Layer
	for _, l := range All {
		holds := slices.ContainsFunc(r.Layers, func(s State) bool { return s.Layer == l && s.Holds })
		if !holds {
			missing = append(missing, l)
		}
	}
	return missing
}

// String formats r as one line: what holds, then what does not and why.
func (r *Report) String() string {
	var holds, missing []string
	for _, s := range r.Layers {
		text := string(s.Layer)
		if s.Detail != "" {
			text += " (" + s.Detail + ")"
		}
		if s.Holds {
			holds = append(holds, text)
		} else {
			missing = append(missing, text)
		}
	}
	out := fmt.Sprintf("%s: %s", r.Platform, strings.Join(holds, ", "))
	if len(missing) > 0 {
		out += "; missing: " + strings.Join(missing, ", ")
	}
	return out
}
