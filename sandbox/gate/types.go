package gate

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/objdisco/discover/sandbox/stub"
)

// maxTypeErrors bounds the errors that a rejection lists.
const maxTypeErrors = 8

// Checked is a candidate that passed every stage before the trace.
type Checked struct {
	*File
	Info *types.Info
}

// Types is the fourth stage: the file is type-checked as Go 1.17 against the
// stubs, and the rules of the language that need types are applied. f must have
// passed Policy. All type errors are reported: the first as the position, the
// others in the reason.
func Types(f *File) (*Checked, *Rejection) {
	c := &Checked{File: f, Info: &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Implicits:  map[ast.Node]types.Object{},
	}}
	var errs []types.Error
	config := types.Config{
		GoVersion: "go1.17",
		Importer:  stub.Importer{},
		Sizes:     types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			var te types.Error
			if errors.As(err, &te) && !strings.HasPrefix(te.Msg, "\t") {
				errs = append(errs, te)
			}
		},
	}
	_, err := config.Check("candidate", f.Fset, []*ast.File{f.AST}, c.Info)
	if len(errs) > 0 {
		return nil, f.typeRejection(errs)
	}
	if err != nil {
		return nil, &Rejection{Stage: StageTypes, Reason: err.Error()}
	}
	if r := c.rules(); r != nil {
		return nil, r
	}
	return c, nil
}

func (f *File) typeRejection(errs []types.Error) *Rejection {
	r := f.reject(StageTypes, errs[0].Pos, shorten(errs[0].Msg), typeErrorHint(errs[0].Msg))
	for i, e := range errs[1:] {
		if i+1 == maxTypeErrors {
			r.Reason += fmt.Sprintf("; and %d more errors", len(errs)-maxTypeErrors)
			break
		}
		line, column := f.Position(e.Pos)
		r.Reason += fmt.Sprintf("; %d:%d: %s", line, column, shorten(e.Msg))
	}
	return r
}

// shorten takes the middle out of a message that quotes a long expression.
func shorten(msg string) string {
	const head, tail = 160, 120
	if len(msg) <= head+tail {
		return msg
	}
	return strings.ToValidUTF8(msg[:head], "") + " … " + strings.ToValidUTF8(msg[len(msg)-tail:], "")
}

// typeErrorHint says what to do about frequent errors.
func typeErrorHint(msg string) string {
	for _, h := range [...]struct{ in, hint string }{
		{"requires go1.2", "write Go 1.17: for i := 0; i < n; i++, math.Max, no generics"},
		{"requires go1.1", "write Go 1.17: no generics"},
		{"declared and not used", "use the variable or remove it"},
		{"operator + not defined", "vectors have methods: x.Add(y), x.AddConst(k)"},
		{"operator - not defined", "vectors have methods: x.Sub(y), x.Neg()"},
		{"operator * not defined", "vectors have methods: x.Mul(y), x.Scale(k)"},
		{"operator / not defined", "vectors have methods: x.Div(y), x.Scale(1/k)"},
		{"operator > not defined", "vectors have methods: x.Greater(y), x.GreaterConst(k), objective.Where"},
		{"operator < not defined", "vectors have methods: x.Less(y), x.LessConst(k), objective.Where"},
		{"operator ! not defined", "a mask is a vector of 0 and 1: not m is m.Neg().AddConst(1)"},
		{"cannot call b.", "the fields of the batch are values: write b.Beta, without parentheses"},
		{"non-boolean condition", "a branch on a vector is objective.Where(mask, a, b)"},
		{"cannot compare", "a branch on a vector is objective.Where(mask, a, b)"},
		{"(struct containing", "a branch on a vector is objective.Where(mask, a, b)"},
		{"mismatched types objective.Vec and", "vectors have methods: x.Add(y), x.Scale(k); objective.Const(k) makes a vector of a constant"},
		{"overflow", "the constant is too large: a float64 goes to 1.8e308, an int to 9.2e18"},
		{"malformed constant", "the constant is too large: a float64 goes to 1.8e308, an int to 9.2e18"},
		{"shift count", "the constant is too large: a float64 goes to 1.8e308, an int to 9.2e18"},
		{"shifted operand", "shift ints only; for a float64 use math.Exp2"},
		{"division by zero", "divide by something that is not 0"},
		{"redeclared", "declare each function once"},
		{"initialization cycle", "define each constant by numbers or by other constants"},
		{"as objective.Vec value", "objective.Const(k) makes a vector of a constant; Scale, AddConst and PowConst take constants"},
		{"as float64 value", "constants are float64: the vector methods without Const in their name (Add, Mul, Max, …) take vectors"},
		{"undefined: math.", "see the language reference for the functions of math that are available"},
		{"undefined", "see the language reference for what exists"},
		{"missing return", "return an objective.Vec on every path"},
	} {
		if strings.Contains(msg, h.in) {
			return h.hint
		}
	}
	return "make the source compile against the objective package"
}
