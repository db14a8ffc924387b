// Package tracer runs a canonical source in the yaegi interpreter, once, on
// symbols, and returns the graph it denotes. It is meant for the sandbox child:
// the interpreter is no boundary.
package tracer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"sync/atomic"

	"github.com/traefik/yaegi/interp"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// DefaultSteps is the number of steps that a trace may spend: ten for each node
// that a graph may have. The known losses need a few dozen.
const DefaultSteps = 10 * graph.MaxNodes

// Fault says why a trace stopped.
type Fault struct {
	At     int  // the last position given to budget.At or budget.Spend, 0 if there was none
	Budget bool // the steps were spent
	Twice  *Twice
	Reason string
}

// Twice says of a parameter with two values where, and as what, it is declared:
// the one further up in the source first. With marks At has positions, otherwise 0.
type Twice struct {
	Name   string
	At     [2]int
	Values [2]float64
}

func (f *Fault) Error() string { return f.Reason }

// errSteps is the panic of the budget.
var errSteps = errors.New("the candidate runs too many steps")

// errShift is the panic of a negative shift count, in the words of the runtime.
var errShift = errors.New("runtime error: negative shift amount")

// Interpreter is an interpreter with nothing but the objective language loaded.
// It serves one trace.
type Interpreter struct {
	yaegi *interp.Interpreter
	steps int
	at    atomic.Int64
	seen  map[objective.Vec]int // where each vector was noted by budget.Traced first
}

// New returns an Interpreter that may spend the given number of steps.
func New(steps int) (*Interpreter, error) {
	in := &Interpreter{steps: steps, seen: map[objective.Vec]int{}}
	in.yaegi = interp.New(interp.Options{
		Stdin:                bytes.NewReader(nil),
		Stdout:               io.Discard,
		Stderr:               io.Discard,
		Env:                  []string{},
		SourcecodeFilesystem: noFiles{},
	})
	if err := in.yaegi.Use(in.symbols()); err != nil {
		return nil, fmt.Errorf("tracer: %w", err)
	}
	return in, nil
}

// At returns the last position given to budget.At or budget.Spend, 0 if there was
// none. It may be called while a trace goes on.
func (in *Interpreter) At() int { return int(in.at.Load()) }

// spend is budget.Spend.
func (in *Interpreter) spend(n, pos int) {
	in.mark(pos)
	if in.steps -= n; in.steps < 0 {
		panic(errSteps)
	}
}

// mark is budget.At.
func (in *Interpreter) mark(pos int) { in.at.Store(int64(pos)) }

// traced is budget.Traced.
func (in *Interpreter) traced(v objective.Vec) objective.Vec {
	if _, ok := in.seen[v]; !ok {
		in.seen[v] = in.At()
	}
	return v
}

// shift is budget.Shift: it checks a shift count as the compiler does.
func shift(n int) int {
	if n < 0 {
		panic(errShift)
	}
	return n
}

// Trace interprets source, the canonical form, and traces its Loss. With marks in
// source it returns besides, for each node of g, the argument of budget.At before
// the call that made it. The error is a *Fault unless the interpreter itself fails.
func (in *Interpreter) Trace(source string) (g *graph.Graph, at []int, err error) {
	defer func() {
		if r := recover(); r != nil {
			g, at, err = nil, nil, in.fault(r)
		}
	}()
	if _, err := in.yaegi.Eval(source); err != nil {
		return nil, nil, fmt.Errorf("tracer: the interpreter refuses the canonical form: %w", err)
	}
	v, err := in.yaegi.Eval("candidate.Loss")
	if err != nil {
		return nil, nil, fmt.Errorf("tracer: Loss: %w", err)
	}
	loss, ok := v.Interface().(func(objective.Batch) objective.Vec)
	if !ok {
		return nil, nil, fmt.Errorf("tracer: Loss has type %s", v.Type())
	}
	g, vecs, err := objective.TraceVecs(loss)
	if err != nil {
		return nil, nil, &Fault{At: in.about(err), Twice: in.twice(err), Reason: err.Error()}
	}
	return g, in.positions(g, vecs), nil
}

// about returns where what err is about was made.
func (in *Interpreter) about(err error) int {
	var e *objective.TraceError
	if errors.As(err, &e) {
		if at, ok := in.seen[e.At]; ok {
			return at
		}
	}
	return in.At()
}

// twice returns what err says of a parameter with two values, nil if nothing.
func (in *Interpreter) twice(err error) *Twice {
	var e *objective.TwiceError
	if !errors.As(err, &e) {
		return nil
	}
	t := &Twice{e.Name, [2]int{in.seen[e.Vecs[0]], in.seen[e.Vecs[1]]}, e.Values}
	if t.At[0] > t.At[1] {
		t.At[0], t.At[1] = t.At[1], t.At[0]
		t.Values[0], t.Values[1] = t.Values[1], t.Values[0]
	}
	return t
}

// positions returns where each node of g was made. A node that no call of the
// candidate returned, such as a difference inside b.Margin(), is where the first
// node is that uses it.
func (in *Interpreter) positions(g *graph.Graph, vecs []objective.Vec) []int {
	at := make([]int, len(vecs))
	for i, v := range vecs {
		at[i] = in.seen[v]
	}
	for i := len(at) - 1; i >= 0; i-- {
		for _, a := range g.Nodes[i].Args {
			if _, ok := in.seen[vecs[a]]; !ok {
				at[a] = at[i]
			}
		}
	}
	return at
}

// fault describes a recovered panic of the candidate.
func (in *Interpreter) fault(r any) error {
	f := &Fault{At: in.At()}
	switch r := r.(type) {
	case error:
		f.Budget = errors.Is(r, errSteps)
		f.Reason = r.Error()
	default:
		f.Reason = fmt.Sprint(r)
	}
	return f
}

// noFiles is a file system without files.
type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// symbols is everything that interpreted code can name. The entries under
// objective and math are those of the stub; a test holds them equal.
func (in *Interpreter) symbols() interp.Exports {
	return interp.Exports{
		"budget/budget":       {"Spend": reflect.ValueOf(in.spend), "At": reflect.ValueOf(in.mark), "Traced": reflect.ValueOf(in.traced), "Shift": reflect.ValueOf(shift)},
		"objective/objective": objectiveSymbols,
		"math/math":           mathSymbols,
	}
}
