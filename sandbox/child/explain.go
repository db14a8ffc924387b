package child

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"github.com/objdisco/discover/sandbox/canon"
	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/tracer"
)

// explain turns an error of the trace into a rejection. Where the function or loop
// that ran last is not place enough it traces once more, with marks.
func (c *candidate) explain(err error) *gate.Rejection {
	var f *tracer.Fault
	if !errors.As(err, &f) {
		return &gate.Rejection{Stage: gate.StageTrace, Reason: err.Error(), Hint: "write it in a simpler way"}
	}
	r := &gate.Rejection{Stage: gate.StageTrace, Reason: plain(f.Reason), Hint: hint(f.Reason)}
	if f.Budget {
		r.Stage, r.Hint = gate.StageBudget, "use fewer loop iterations and calls; a loop is unrolled while it is traced"
	} else if marked := (*tracer.Fault)(nil); errors.As(c.marked(), &marked) {
		f = marked
	}
	r.Line, r.Column = c.checked.Position(token.Pos(f.At))
	if f.Twice != nil {
		c.explainTwice(r, f.Twice)
	}
	return r
}

// marked returns the error of a trace with marks.
func (c *candidate) marked() error {
	_, _, err := c.interpret(canon.RewriteMarked(c.checked))
	return err
}

// explainTwice points at the value of the second declaration of a parameter and
// says where the first is.
func (c *candidate) explainTwice(r *gate.Rejection, t *tracer.Twice) {
	first, second := c.paramValue(t.At[0]), c.paramValue(t.At[1])
	r.Reason = fmt.Sprintf("parameter %q declared as %g and as %g", t.Name, t.Values[0], t.Values[1])
	r.Hint = fmt.Sprintf("one value per name: declare %q once, outside of loops and functions that run more than once", t.Name)
	if !second.IsValid() {
		return
	}
	r.Line, r.Column = c.checked.Position(second)
	if first != second {
		line, column := c.checked.Position(first)
		r.Hint = fmt.Sprintf("one value per name: %q is %g at %d:%d; use that value here or another name", t.Name, t.Values[0], line, column)
	}
}

// paramValue returns where the value of the Param is whose name is at a position.
func (c *candidate) paramValue(name int) (pos token.Pos) {
	ast.Inspect(c.checked.AST, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 && call.Args[0].Pos() == token.Pos(name) {
			pos = call.Args[1].Pos()
		}
		return true
	})
	return pos
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
