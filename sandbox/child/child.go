// Package child is the untrusted side of the sandbox: a process that confines
// itself, reads one candidate, and answers with its graph or with a rejection.
package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"io"
	"os"
	"strings"

	"github.com/objdisco/discover/sandbox/canon"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/probe"
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
	begin := make(chan struct{})
	report := isolate.Enter(isolate.Limits{MemoryBytes: options.MemoryBytes, CPU: options.CPU, Begin: begin}, isolate.All)
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
	close(begin)
	return answer(out, string(source), options.Steps)
}

// answer checks and traces source and sends what came of it.
func answer(out *wire.Writer, source string, steps int) error {
	c, rejection := trace(source, steps)
	if rejection != nil {
		data, err := json.Marshal(rejection)
		if err != nil {
			return fmt.Errorf("child: %w", err)
		}
		return out.Write(wire.Rejected, data)
	}
	if err := out.Write(wire.Canonical, []byte(c.canonical)); err != nil {
		return fmt.Errorf("child: %w", err)
	}
	payload, err := c.encoded()
	if err == nil {
		payload, err = appendPositions(payload, c, steps)
	}
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return out.Write(wire.Graph, payload)
}

// traced is a candidate with its canonical form and its graph.
type traced struct {
	*gate.Checked
	canonical string
	graph     *graph.Graph
}

func (c *traced) encoded() ([]byte, error) { return json.Marshal(c.graph) }

// Trace runs all stages up to the trace on source, in this process, and returns
// the canonical form and the graph as JSON.
func Trace(source string, steps int) (canonical string, encoded []byte, rejection *gate.Rejection) {
	c, rejection := trace(source, steps)
	if rejection != nil {
		return "", nil, rejection
	}
	encoded, err := c.encoded()
	if err != nil {
		return "", nil, &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error()}
	}
	return c.canonical, encoded, nil
}

func trace(source string, steps int) (*traced, *gate.Rejection) {
	file, rejection := gate.Front(source)
	if rejection != nil {
		return nil, rejection
	}
	checked, rejection := gate.Types(file)
	if rejection != nil {
		return nil, rejection
	}
	c := &traced{Checked: checked, canonical: canon.Rewrite(checked)}
	g, _, err := interpret(c.canonical, steps)
	if err != nil {
		return nil, explain(err, checked, steps)
	}
	c.graph = g
	return c, nil
}

func interpret(canonical string, steps int) (*graph.Graph, []int, error) {
	in, err := tracer.New(steps)
	if err != nil {
		return nil, nil, err
	}
	return in.Trace(canonical)
}

// appendPositions adds to the graph, after a line end, where its nodes come from,
// if the probe would find one of them to blame. It traces once more, with marks.
// The parent probes for itself.
func appendPositions(payload []byte, c *traced, steps int) ([]byte, error) {
	if probe.Run(c.graph).Node < 0 {
		return payload, nil
	}
	g, at, err := interpret(canon.RewriteMarked(c.Checked), steps)
	if err != nil || g.Hash() != c.graph.Hash() {
		return payload, nil // a graph without positions will do
	}
	positions := make([][2]int, len(at))
	for i, pos := range at {
		positions[i][0], positions[i][1] = c.Position(token.Pos(pos))
	}
	encoded, err := json.Marshal(positions)
	return append(append(payload, '\n'), encoded...), err
}

// explain turns an error of the trace into a rejection. To find the position it
// traces once more, with marks.
func explain(err error, checked *gate.Checked, steps int) *gate.Rejection {
	var f *tracer.Fault
	if !errors.As(err, &f) {
		return &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error(), Hint: "write it in a simpler way"}
	}
	r := &gate.Rejection{Stage: gate.StageTrace, Reason: plain(f.Reason)}
	var marked *tracer.Fault
	if _, _, err := interpret(canon.RewriteMarked(checked), steps); errors.As(err, &marked) {
		r.Line, r.Column = checked.Position(token.Pos(marked.At))
	}
	r.Hint = hint(r.Reason)
	if f.Budget {
		r.Stage, r.Hint = gate.StageBudget, "use fewer loop iterations and calls; a loop is unrolled while it is traced"
	}
	return r
}

// plain drops from a reason which package found it.
func plain(reason string) string {
	for _, prefix := range [...]string{"graph: ", "reflect: slice ", "runtime error: "} {
		reason = strings.TrimPrefix(reason, prefix)
	}
	return reason
}

// hint says what to do about the faults of a trace.
func hint(reason string) string {
	for _, h := range [...]struct{ in, hint string }{
		{"empty Vec", "give every variable and named result a vector from the batch, objective.Const or an operation"},
		{"finite", "compute constants that are neither infinite nor NaN"},
		{"scalar", "combine batch statistics and constants with a value per pair, such as b.Margin()"},
		{"operations", "use fewer operations; a loop is unrolled while it is traced"},
		{"parameter", `write objective.Param("tau", 0.05): lower-case letters, digits and _, one value per name`},
		{"clamp", "write the lower limit first"},
		{"index out of range", "an index runs from 0 to len-1"},
		{"divide by zero", "divide float64 values, or check the divisor"},
		{"shift", "shift by 0 or more"},
	} {
		if strings.Contains(reason, h.in) {
			return h.hint
		}
	}
	return "simplify the statement"
}
