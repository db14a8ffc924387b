// Package child is the untrusted side of the sandbox: a process that confines
// itself, reads one candidate, and answers with its graph or with a rejection.
package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/objdisco/discover/sandbox/canon"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/tracer"
	"github.com/objdisco/discover/sandbox/wire"
)

// Name is the zeroth argument by which a process knows that it is the child.
const Name = "discover-sandbox-child"

// Main runs the child over stdin and stdout and returns its exit code. Nothing
// of the host program may have started a goroutine that it still needs.
func Main() int {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func run(stdin io.Reader, stdout io.Writer) error {
	in, out := wire.NewReader(stdin), wire.NewWriter(stdout)
	_, hello, err := in.Next(wire.Hello)
	if err != nil {
		return fmt.Errorf("child: hello: %w", err)
	}
	var options wire.Options
	if err := json.Unmarshal(hello, &options); err != nil {
		return fmt.Errorf("child: hello: %w", err)
	}
	report := isolate.Enter(isolate.Limits{MemoryBytes: options.MemoryBytes, CPU: options.CPU}, isolate.All)
	ready, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	if err := out.Write(wire.Ready, ready); err != nil {
		return fmt.Errorf("child: ready: %w", err)
	}
	_, source, err := in.Next(wire.Source)
	if err != nil {
		return fmt.Errorf("child: source: %w", err)
	}
	return answer(out, string(source), options.Steps)
}

// answer checks and traces source and sends what came of it.
func answer(out *wire.Writer, source string, steps int) error {
	canonical, graph, rejection := Trace(source, steps)
	if rejection != nil {
		data, err := json.Marshal(rejection)
		if err != nil {
			return fmt.Errorf("child: %w", err)
		}
		return out.Write(wire.Rejected, data)
	}
	if err := out.Write(wire.Canonical, []byte(canonical)); err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return out.Write(wire.Graph, graph)
}

// Trace runs all stages up to the trace on source, in this process, and returns
// the canonical form and the graph as JSON.
func Trace(source string, steps int) (canonical string, graph []byte, rejection *gate.Rejection) {
	file, rejection := gate.Front(source)
	if rejection != nil {
		return "", nil, rejection
	}
	checked, rejection := gate.Types(file)
	if rejection != nil {
		return "", nil, rejection
	}
	text := canon.Rewrite(checked)
	in, err := tracer.New(steps)
	if err != nil {
		return "", nil, &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error()}
	}
	g, err := in.Trace(text.Source)
	if err != nil {
		return "", nil, fault(err, text)
	}
	graph, err = json.Marshal(g)
	if err != nil {
		return "", nil, &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error()}
	}
	return text.Source, graph, nil
}

// fault turns an error of the trace into a rejection at a position of the
// candidate's own source.
func fault(err error, text *canon.Text) *gate.Rejection {
	var f *tracer.Fault
	if !errors.As(err, &f) {
		return &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error(), Hint: "write it in a simpler way"}
	}
	r := &gate.Rejection{Stage: gate.StageTrace, Reason: f.Reason, Hint: "constants must be finite and every vector must come from the batch"}
	r.Line, r.Column = text.Position(f.Line)
	if f.Budget {
		r.Stage, r.Hint = gate.StageBudget, "use fewer loop iterations; a loop is unrolled while it is traced"
	}
	return r
}
