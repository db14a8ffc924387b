package canon

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strconv"
	"strings"
)

// value writes what e needs and returns an expression for it that may stand on
// the right of := or as an argument: a literal, a name or a chain of API calls.
func (l *lowering) value(e ast.Expr) string {
	if tv := l.c.Info.Types[e]; tv.Value != nil {
		return literal(tv)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.value(e.X)
	case *ast.Ident:
		obj := l.c.Info.Uses[e]
		if fn, ok := obj.(*types.Func); ok {
			return l.wrapped(fn)
		}
		return l.names.of(obj)
	case *ast.SelectorExpr:
		return l.value(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		if chain, ok := l.apiCall(e); ok {
			return chain
		}
		return l.userCall(e)
	case *ast.FuncLit:
		return l.functionLiteral(e)
	}
	return l.operation(e)
}

// atom is value, named if it is not yet a literal or a name.
func (l *lowering) atom(e ast.Expr) string {
	v := l.value(e)
	if isAtom(v) {
		return v
	}
	return l.let(v)
}

// isAtom reports whether an expression that value returned is a literal or a
// name, not a chain.
func isAtom(v string) bool {
	if strings.Contains(v, "(") {
		return false
	}
	_, err := strconv.ParseFloat(v, 64)
	return err == nil || !strings.Contains(v, ".")
}

// let gives an expression a name.
func (l *lowering) let(expression string) string {
	t := l.names.temp()
	l.line("%s := %s", t, expression)
	return t
}

// literal writes a constant of its type.
func literal(tv types.TypeAndValue) string {
	basic := tv.Type.Underlying().(*types.Basic)
	switch {
	case basic.Info()&types.IsBoolean != 0:
		return strconv.FormatBool(constant.BoolVal(tv.Value))
	case basic.Info()&types.IsString != 0:
		return strconv.Quote(constant.StringVal(tv.Value))
	case basic.Info()&types.IsInteger != 0:
		return constant.ToInt(tv.Value).ExactString()
	}
	f, _ := constant.Float64Val(constant.ToFloat(tv.Value))
	return floatLiteral(f)
}

// floatLiteral writes f so that it reads back as the same float64 and never as
// an integer.
func floatLiteral(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if f == math.Trunc(f) && !strings.ContainsAny(s, "e.") {
		s += ".0"
	}
	return s
}

// operation writes an operator, index or literal as one statement and returns
// the name of its result.
func (l *lowering) operation(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		x := l.atom(e.X)
		if e.Op == token.ADD {
			return x
		}
		l.at(e)
		if isFloat(l.c.Info.TypeOf(e)) {
			return l.let(x + " * -1.0") // the interpreter negates 0.0 to 0.0
		}
		return l.let(e.Op.String() + x)
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			return l.logical(e)
		}
		x, y := l.atom(e.X), l.atom(e.Y)
		l.at(e)
		return l.let(l.binary(x, e.Op, y, e.Y))
	case *ast.IndexExpr:
		x, i := l.atom(e.X), l.atom(e.Index)
		l.at(e)
		return l.let(x + "[" + i + "]")
	case *ast.CompositeLit:
		return l.slice(e)
	}
	panic(fmt.Sprintf("canon: %T passed the gate", e))
}

// binary returns x op y; rhs is the source of y. The interpreter refuses to
// divide a float64 by the literal 0.0, and shifts by a negative number without a
// panic.
func (l *lowering) binary(x string, op token.Token, y string, rhs ast.Expr) string {
	k, shift := l.c.Info.Types[rhs].Value, op == token.SHL || op == token.SHR
	switch {
	case op == token.QUO && k != nil:
		y = l.let(y)
	case shift && k != nil:
		y = constant.ToInt(k).ExactString() // 1.0 is a shift count, too
	case shift:
		y = l.let("budget.Shift(" + y + ")")
	}
	return x + " " + op.String() + " " + y
}

// logical writes x && y or x || y with y evaluated only when it decides.
func (l *lowering) logical(e *ast.BinaryExpr) string {
	t, x := l.names.temp(), l.value(e.X)
	l.line("%s := %s", t, x)
	decide := t
	if e.Op == token.LOR {
		decide = l.let("!" + t)
	}
	l.line("if %s {", decide)
	l.indent++
	l.line("%s = %s", t, l.value(e.Y))
	l.indent--
	l.line("}")
	return t
}

// slice writes a slice or array literal; an array is filled up with zeros.
func (l *lowering) slice(e *ast.CompositeLit) string {
	t := l.c.Info.TypeOf(e)
	elems := make([]string, len(e.Elts))
	for i, elem := range e.Elts {
		elems[i] = l.atom(elem)
	}
	if a, ok := t.Underlying().(*types.Array); ok {
		elems = l.zeros(elems, a)
	}
	return l.let(typeString(t) + "{" + strings.Join(elems, ", ") + "}")
}

// zero returns an atom for the zero value of t.
func (l *lowering) zero(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsInteger != 0:
			return "0"
		}
		return "0.0"
	case *types.Array:
		return l.let(typeString(t) + "{" + strings.Join(l.zeros(nil, u), ", ") + "}")
	case *types.Slice:
		return l.let(typeString(t) + "{}")
	}
	name := l.names.temp()
	l.line("var %s %s", name, typeString(t))
	return name
}

// zeros fills elems up to the length of a. Elements are never changed, so that
// one zero value serves for all.
func (l *lowering) zeros(elems []string, a *types.Array) []string {
	missing := int(a.Len()) - len(elems)
	if missing == 0 {
		return elems
	}
	return append(elems, slices.Repeat([]string{l.zero(a.Elem())}, missing)...)
}
