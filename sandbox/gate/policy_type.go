package gate

import (
	"fmt"
	"go/ast"
)

// The limits of function types, in declarations and literals, too. Without them
// a few kilobytes of source hold types that take the checker and the interpreter
// a second.
const (
	MaxFuncTypes  = 4  // function types inside each other
	MaxParameters = 32 // parameters of a function, and as many results
)

const funcTypeHint = "pass slices instead, or write smaller functions"

// funcType checks the parameters and results of a declaration, a literal or a type.
func (p *policy) funcType(t *ast.FuncType) {
	if t.TypeParams != nil {
		p.forbid(t.TypeParams.Pos(), "a type parameter list", "write one function per type")
	}
	for _, list := range [...]*ast.FieldList{t.Params, t.Results} {
		if list == nil {
			continue
		}
		if n := list.NumFields(); n > MaxParameters {
			p.refuse(list.Pos(), fmt.Sprintf("%d parameters or results of a function, at most %d are allowed", n, MaxParameters), funcTypeHint)
		}
		for i, field := range list.List {
			for _, name := range field.Names {
				p.declare(name)
			}
			elem := field.Type
			if dots, ok := elem.(*ast.Ellipsis); ok && list == t.Params && i == len(list.List)-1 && dots.Elt != nil {
				elem = &ast.ArrayType{Lbrack: dots.Pos(), Elt: dots.Elt}
			}
			p.typ(elem, true)
		}
	}
}

// typ checks a type expression. Function types are allowed for parameters and
// results only.
func (p *policy) typ(t ast.Expr, function bool) {
	switch t := ast.Unparen(t).(type) {
	case *ast.Ident:
		if t.Name != "float64" && t.Name != "int" && t.Name != "bool" {
			p.forbid(t.Pos(), fmt.Sprintf("type %s", t.Name), typeHint)
		}
	case *ast.SelectorExpr:
		p.qualifiedType(t)
	case *ast.ArrayType:
		p.arrayType(t, 2)
	case *ast.FuncType:
		if !function {
			p.forbid(t.Pos(), "a variable or element of function type", "declare it with := and a function literal")
		}
		if p.depth++; p.depth > MaxFuncTypes {
			p.refuse(t.Pos(), fmt.Sprintf("more than %d function types inside each other", MaxFuncTypes), funcTypeHint)
			return
		}
		p.funcType(t)
		p.depth--
	default:
		p.forbid(t.Pos(), describe(t), typeHint)
	}
}

const typeHint = "use float64, int, bool, objective.Vec, or a slice of them"

func (p *policy) qualifiedType(t *ast.SelectorExpr) {
	x, ok := t.X.(*ast.Ident)
	if !ok || x.Name != ObjectivePath || (t.Sel.Name != "Vec" && t.Sel.Name != "Batch") {
		p.forbid(t.Pos(), "type that is neither objective.Vec nor objective.Batch", typeHint)
	}
}

// arrayType checks a slice or array type of at most depth dimensions.
func (p *policy) arrayType(t *ast.ArrayType, depth int) {
	if t.Len != nil {
		if _, dots := t.Len.(*ast.Ellipsis); !dots {
			p.expr(t.Len)
		}
	}
	elem, nested := ast.Unparen(t.Elt).(*ast.ArrayType)
	switch {
	case !nested:
		p.typ(t.Elt, false)
	case depth == 1:
		p.forbid(elem.Pos(), "slice of more than two dimensions", "use one or two dimensions")
	default:
		p.arrayType(elem, depth-1)
	}
}
