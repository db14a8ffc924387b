package gate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/objdisco/discover/sandbox/stub"
)

func (p *policy) exprs(list []ast.Expr) {
	for _, e := range list {
		p.expr(e)
	}
}

// expr checks an expression that is not called.
func (p *policy) expr(e ast.Expr) {
	if p.rejection != nil {
		return
	}
	switch e := e.(type) {
	case *ast.Ident:
		p.ident(e)
	case *ast.BasicLit:
		p.literal(e)
	case *ast.ParenExpr:
		p.expr(e.X)
	case *ast.UnaryExpr:
		p.unary(e)
	case *ast.BinaryExpr:
		p.expr(e.X)
		p.expr(e.Y)
	case *ast.CallExpr:
		p.call(e)
	case *ast.SelectorExpr:
		p.selector(e)
	case *ast.IndexExpr:
		p.expr(e.X)
		p.expr(e.Index)
	case *ast.FuncLit:
		p.function(e.Type, e.Body)
	case *ast.CompositeLit:
		p.composite(e)
	default:
		p.forbid(e.Pos(), describe(e), "write constants, variables, calls and operators")
	}
}

// builtins that a candidate may not call unless it declares a name like it; len
// is the one it may.
var builtins = []string{
	"append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "make",
	"max", "min", "new", "panic", "print", "println", "real", "recover",
}

func (p *policy) ident(id *ast.Ident) {
	switch {
	case id.Name == "nil":
		p.forbid(id.Pos(), "nil", "every value of the language is always set")
	case slices.Contains(reserved, id.Name) && id.Name != "true" && id.Name != "false" && id.Name != "iota":
		p.refuse(id.Pos(), fmt.Sprintf("%s used as a value", id.Name), "use a variable or a constant")
	}
}

func (p *policy) literal(lit *ast.BasicLit) {
	switch lit.Kind {
	case token.INT, token.FLOAT:
	case token.STRING:
		p.forbid(lit.Pos(), "string", "the only string is the literal name in objective.Param")
	default:
		p.forbid(lit.Pos(), "literal "+lit.Value, "use float64, int and bool constants")
	}
}

func (p *policy) unary(e *ast.UnaryExpr) {
	switch e.Op {
	case token.AND:
		p.forbid(e.Pos(), "pointer", "pass values")
	case token.ARROW:
		p.forbid(e.Pos(), "channel receive", "call functions directly")
	default:
		p.expr(e.X)
	}
}

// selector checks x.Sel where it is not called: a field of the batch or a
// constant of math.
func (p *policy) selector(e *ast.SelectorExpr) {
	if x, ok := ast.Unparen(e.X).(*ast.Ident); ok {
		if x.Name == ObjectivePath {
			p.refuse(e.Pos(), fmt.Sprintf("%s.%s used as a value", x.Name, e.Sel.Name), "call it")
		}
		if x.Name == ObjectivePath || x.Name == MathPath {
			return
		}
	}
	if slices.Contains(stub.Methods(), e.Sel.Name) {
		p.refuse(e.Sel.Pos(), fmt.Sprintf("method %s used as a value", e.Sel.Name), "call it, or wrap the call in a function literal")
	}
	p.expr(e.X)
}

func (p *policy) call(e *ast.CallExpr) {
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		p.callee(fun)
	case *ast.SelectorExpr:
		if x, ok := ast.Unparen(fun.X).(*ast.Ident); ok && (x.Name == ObjectivePath || x.Name == MathPath) {
			p.callAPI(e, x.Name, fun.Sel.Name)
			return
		}
		p.expr(fun.X)
	case *ast.FuncLit, *ast.CallExpr:
		p.expr(fun)
	default:
		p.forbid(fun.Pos(), describe(fun)+" in place of a function", "call a function by its name")
	}
	p.exprs(e.Args)
}

// callee checks a function or conversion that is called by its bare name.
func (p *policy) callee(id *ast.Ident) {
	switch {
	case id.Name == "float64" || id.Name == "int" || id.Name == "bool":
	case slices.Contains(builtins, id.Name) && !p.declared[id.Name]:
		p.forbid(id.Pos(), "call of "+id.Name, builtinHint(id.Name))
	case slices.Contains(reserved, id.Name):
		p.forbid(id.Pos(), fmt.Sprintf("conversion to %s", id.Name), typeHint)
	}
}

func builtinHint(name string) string {
	switch name {
	case "append", "copy", "make", "new", "clear", "cap", "delete":
		return "write slices as literals and accumulate into a variable"
	case "max", "min":
		return "use math.Max and math.Min for constants, the methods Max and Min for vectors"
	case "panic", "recover":
		return "return a value on every path"
	}
	return "remove it"
}

// callAPI checks a call of a function of the objective or math package.
func (p *policy) callAPI(e *ast.CallExpr, pkg, name string) {
	args := e.Args
	if pkg == ObjectivePath && name == "Param" && len(args) > 0 {
		lit, ok := args[0].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			p.refuse(args[0].Pos(), "name of a Param that is not a literal", `write objective.Param("tau", 0.05)`)
			return
		}
		args = args[1:]
	}
	if pkg == ObjectivePath && (name == "Vec" || name == "Batch") {
		p.forbid(e.Pos(), "conversion to objective."+name, "vectors come from the batch, objective.Const and operations")
	}
	p.exprs(args)
}

func (p *policy) composite(e *ast.CompositeLit) {
	t, ok := e.Type.(*ast.ArrayType)
	switch {
	case e.Type == nil: // an element of a two-dimensional literal
	case !ok:
		p.forbid(e.Pos(), "a literal of "+describe(e.Type), "vectors come from the batch, objective.Const and operations")
	default:
		p.arrayType(t, 2)
	}
	for _, elem := range e.Elts {
		if kv, ok := elem.(*ast.KeyValueExpr); ok {
			p.forbid(kv.Pos(), "slice literal with keys", "list the elements in order")
			return
		}
		p.expr(elem)
	}
}
