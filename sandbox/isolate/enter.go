package isolate

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"
)

// The exit codes by which the child tells why it ended itself.
const ExitMemory = 81

// maxThreads bounds the threads of the Go runtime.
const maxThreads = 64

// errUnsupported is why a layer does not hold on this platform.
var errUnsupported = errors.New("not on " + runtime.GOOS)

// Enter applies layers to the current process, in the order of All, and reports
// what holds. It does not fail: the parent decides whether the report is enough.
func Enter(limits Limits, layers []Layer) Report {
	limits = limits.withDefaults()
	runtime.GOMAXPROCS(1)
	report := Report{Platform: runtime.GOOS + "/" + runtime.GOARCH}
	for _, l := range All {
		if !slices.Contains(layers, l) {
			continue
		}
		detail, err := enter(l, limits)
		if err != nil {
			detail = err.Error()
		}
		report.Layers = append(report.Layers, State{Layer: l, Holds: err == nil, Detail: detail})
	}
	return report
}

func enter(l Layer, limits Limits) (detail string, err error) {
	switch l {
	case Environment:
		return environment()
	case Memory:
		go watchMemory(limits.MemoryBytes, limits.Begin)
		return fmt.Sprintf("%d MiB", limits.MemoryBytes>>20), nil
	case Stack:
		debug.SetMaxStack(limits.StackBytes)
		return fmt.Sprintf("%d MiB", limits.StackBytes>>20), nil
	case Threads:
		debug.SetMaxThreads(maxThreads)
		return fmt.Sprint(maxThreads), nil
	}
	return enterKernel(l, limits)
}

// environment drops what the parent or the system put into the environment.
func environment() (string, error) {
	n := len(os.Environ())
	os.Clearenv()
	if n > 0 {
		return fmt.Sprintf("%d variables dropped", n), nil
	}
	return "", nil
}

// watchMemory ends the process when its heap exceeds limit bytes after begin.
func watchMemory(limit uint64, begin <-chan struct{}) {
	if begin != nil {
		<-begin
	}
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	for {
		metrics.Read(sample)
		if sample[0].Value.Uint64()+sample[1].Value.Uint64() > limit {
			os.Exit(ExitMemory)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
