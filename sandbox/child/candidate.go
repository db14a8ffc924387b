package child

import (
	"encoding/json"
	"go/token"
	"sync/atomic"

	"github.com/objdisco/discover/sandbox/canon"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/stub"
	"github.com/objdisco/discover/sandbox/tracer"
)

// candidate is a source on its way to a graph.
type candidate struct {
	steps     int
	fresh     *tracer.Interpreter // for the first trace
	checked   *gate.Checked
	canonical string
	graph     *graph.Graph
	running   atomic.Pointer[trace] // for those who watch
}

// trace is one that goes on.
type trace struct {
	file *gate.File
	in   *tracer.Interpreter
}

// prepare does what every source needs: few need the other stub, math.
func (c *candidate) prepare(steps int) (err error) {
	if _, err := (stub.Importer{}).Import(gate.ObjectivePath); err != nil {
		return err
	}
	c.steps = steps
	c.fresh, err = tracer.New(steps)
	return err
}

// trace runs all stages up to the trace on source.
func (c *candidate) trace(source string) *gate.Rejection {
	file, rejection := gate.Front(source)
	if rejection != nil {
		return rejection
	}
	if c.checked, rejection = gate.Types(file); rejection != nil {
		return rejection
	}
	c.canonical = canon.Rewrite(c.checked)
	g, _, err := c.interpret(c.canonical)
	if err != nil {
		return c.explain(err)
	}
	c.graph = g
	return nil
}

// interpret traces a canonical form.
func (c *candidate) interpret(canonical string) (*graph.Graph, []int, error) {
	in := c.fresh
	c.fresh = nil
	if in == nil {
		var err error
		if in, err = tracer.New(c.steps); err != nil {
			return nil, nil, err
		}
	}
	c.running.Store(&trace{c.checked.File, in})
	return in.Trace(canonical)
}

func (c *candidate) encoded() ([]byte, error) { return json.Marshal(c.graph) }

// now returns the function or loop that ran last, 0 and 0 if nothing did. It may
// be called while the candidate is traced.
func (c *candidate) now() (line, column int) {
	t := c.running.Load()
	if t == nil {
		return 0, 0
	}
	return t.file.Position(token.Pos(t.in.At()))
}

// place returns where a node of the graph was written, 0 and 0 if that is not
// found. It traces once more, with marks.
func (c *candidate) place(node int) (line, column int) {
	g, at, err := c.interpret(canon.RewriteMarked(c.checked))
	if err != nil || g.Hash() != c.graph.Hash() || node < 0 || node >= len(at) {
		return 0, 0
	}
	return c.checked.Position(token.Pos(at[node]))
}

// Trace runs all stages up to the trace on source, in this process, and returns
// the canonical form and the graph as JSON.
func Trace(source string, steps int) (canonical string, encoded []byte, rejection *gate.Rejection) {
	c := &candidate{steps: steps}
	if rejection := c.trace(source); rejection != nil {
		return "", nil, rejection
	}
	encoded, err := c.encoded()
	if err != nil {
		return "", nil, &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error()}
	}
	return c.canonical, encoded, nil
}
