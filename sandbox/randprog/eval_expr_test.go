package randprog

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"reflect"

	"github.com/objdisco/discover/sandbox/objective"
)

// api are the functions that a candidate calls by a package name.
var api = map[string]any{
	"objective.Const": objective.Const, "objective.Param": objective.Param, "objective.Where": objective.Where,
	"math.Abs": math.Abs, "math.Acos": math.Acos, "math.Asin": math.Asin, "math.Atan": math.Atan, "math.Atan2": math.Atan2,
	"math.Cbrt": math.Cbrt, "math.Ceil": math.Ceil, "math.Cos": math.Cos, "math.Cosh": math.Cosh, "math.Erf": math.Erf,
	"math.Exp": math.Exp, "math.Exp2": math.Exp2, "math.Expm1": math.Expm1, "math.Floor": math.Floor, "math.Hypot": math.Hypot,
	"math.Log": math.Log, "math.Log10": math.Log10, "math.Log1p": math.Log1p, "math.Log2": math.Log2, "math.Max": math.Max,
	"math.Min": math.Min, "math.Mod": math.Mod, "math.Pow": math.Pow, "math.Round": math.Round, "math.Sin": math.Sin,
	"math.Sinh": math.Sinh, "math.Sqrt": math.Sqrt, "math.Tan": math.Tan, "math.Tanh": math.Tanh, "math.Trunc": math.Trunc,
}

// zero returns the zero value of t; slices and arrays are []any.
func zero(t types.Type) any {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return false
		case u.Info()&types.IsInteger != 0:
			return 0
		}
		return 0.0
	case *types.Slice:
		return []any{}
	case *types.Array:
		out := make([]any, u.Len())
		for i := range out {
			out[i] = zero(u.Elem())
		}
		return out
	}
	if t.String() == "objective.Batch" {
		return objective.Batch{}
	}
	return objective.Vec{}
}

func (e *evaluator) expr(s *scope, x ast.Expr) any { return e.exprs(s, x)[0] }

// exprs evaluates x, which has several values if it is a call.
func (e *evaluator) exprs(s *scope, x ast.Expr) []any {
	if tv := e.info.Types[x]; tv.Value != nil {
		return []any{constantValue(tv)}
	}
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		return e.callExpr(s, call)
	}
	return []any{e.single(s, ast.Unparen(x))}
}

func constantValue(tv types.TypeAndValue) any {
	basic := tv.Type.Underlying().(*types.Basic)
	switch {
	case basic.Info()&types.IsBoolean != 0:
		return constant.BoolVal(tv.Value)
	case basic.Info()&types.IsString != 0:
		return constant.StringVal(tv.Value)
	case basic.Info()&types.IsInteger != 0:
		n, _ := constant.Int64Val(constant.ToInt(tv.Value))
		return int(n)
	}
	f, _ := constant.Float64Val(constant.ToFloat(tv.Value))
	return f
}

func (e *evaluator) single(s *scope, x ast.Expr) any {
	switch x := x.(type) {
	case *ast.Ident:
		if fn, ok := e.functions[e.info.Uses[x]]; ok {
			return &closure{fn.Type, fn.Body, nil}
		}
		return *s.find(e.info.Uses[x])
	case *ast.SelectorExpr:
		return reflect.ValueOf(e.expr(s, x.X)).FieldByName(x.Sel.Name).Interface()
	case *ast.FuncLit:
		return &closure{x.Type, x.Body, s}
	case *ast.IndexExpr:
		list := e.expr(s, x.X).([]any)
		return list[e.expr(s, x.Index).(int)]
	case *ast.CompositeLit:
		var out []any
		for _, elem := range x.Elts {
			out = append(out, e.expr(s, elem))
		}
		if a, ok := e.info.TypeOf(x).Underlying().(*types.Array); ok {
			for len(out) < int(a.Len()) {
				out = append(out, zero(a.Elem()))
			}
		}
		return out
	case *ast.UnaryExpr:
		return unary(x.Op, e.expr(s, x.X))
	case *ast.BinaryExpr:
		return e.binary(s, x)
	}
	panic(fmt.Sprintf("%T", x))
}

func unary(op token.Token, v any) any {
	switch v := v.(type) {
	case bool:
		return !v
	case float64:
		if op == token.SUB {
			return -v
		}
		return v
	}
	n := v.(int)
	switch op {
	case token.SUB:
		return -n
	case token.XOR:
		return ^n
	}
	return n
}

func (e *evaluator) binary(s *scope, x *ast.BinaryExpr) any {
	left := e.expr(s, x.X)
	switch {
	case x.Op == token.LAND && !left.(bool):
		return false
	case x.Op == token.LOR && left.(bool):
		return true
	case x.Op == token.LAND, x.Op == token.LOR:
		return e.expr(s, x.Y)
	}
	return arithmetic(x.Op, left, e.operand(s, x.Op, x.Y))
}

// operand evaluates the right side of op: the constant 1.0 is a shift count, too.
func (e *evaluator) operand(s *scope, op token.Token, x ast.Expr) any {
	v := e.expr(s, x)
	if f, ok := v.(float64); ok && (op == token.SHL || op == token.SHR) {
		return int(f)
	}
	return v
}

// arithmetic computes x op y on two values of the same type.
func arithmetic(op token.Token, x, y any) any {
	switch op {
	case token.EQL:
		return x == y
	case token.NEQ:
		return x != y
	}
	if x, ok := x.(float64); ok {
		return floatOperation(op, x, y.(float64))
	}
	return intOperation(op, x.(int), y.(int))
}

func floatOperation(op token.Token, x, y float64) any {
	switch op {
	case token.ADD:
		return x + y
	case token.SUB:
		return x - y
	case token.MUL:
		return x * y
	case token.QUO:
		return x / y
	case token.LSS:
		return x < y
	case token.LEQ:
		return x <= y
	case token.GTR:
		return x > y
	case token.GEQ:
		return x >= y
	}
	panic(op.String())
}

func intOperation(op token.Token, x, y int) any {
	switch op {
	case token.ADD:
		return x + y
	case token.SUB:
		return x - y
	case token.MUL:
		return x * y
	case token.QUO:
		return x / y
	case token.REM:
		return x % y
	case token.AND:
		return x & y
	case token.OR:
		return x | y
	case token.XOR:
		return x ^ y
	case token.AND_NOT:
		return x &^ y
	case token.SHL:
		return x << y
	case token.SHR:
		return x >> y
	case token.LSS:
		return x < y
	case token.LEQ:
		return x <= y
	case token.GTR:
		return x > y
	case token.GEQ:
		return x >= y
	}
	panic(op.String())
}

func (e *evaluator) callExpr(s *scope, x *ast.CallExpr) []any {
	e.step()
	if e.info.Types[x.Fun].IsType() {
		return []any{convert(e.info.TypeOf(x), e.expr(s, x.Args[0]))}
	}
	fun := ast.Unparen(x.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if _, builtin := e.info.Uses[id].(*types.Builtin); builtin {
			return []any{len(e.expr(s, x.Args[0]).([]any))}
		}
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
			if _, isPackage := e.info.Uses[id].(*types.PkgName); isPackage {
				return reflectCall(reflect.ValueOf(api[id.Name+"."+sel.Sel.Name]), e.args(s, x))
			}
		}
		method := reflect.ValueOf(e.expr(s, sel.X)).MethodByName(sel.Sel.Name)
		return reflectCall(method, e.args(s, x))
	}
	fn := e.expr(s, fun).(*closure)
	args := e.args(s, x)
	if sig := e.info.TypeOf(fun).Underlying().(*types.Signature); sig.Variadic() && !x.Ellipsis.IsValid() {
		fixed := sig.Params().Len() - 1
		args = append(args[:fixed:fixed], append([]any{}, args[fixed:]...))
	}
	return e.call(fn, args)
}

func (e *evaluator) args(s *scope, x *ast.CallExpr) []any {
	var args []any
	for _, a := range x.Args {
		args = append(args, e.exprs(s, a)...)
	}
	return args
}

func reflectCall(fn reflect.Value, args []any) []any {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	return []any{fn.Call(in)[0].Interface()}
}

func convert(t types.Type, v any) any {
	toInt := t.Underlying().(*types.Basic).Info()&types.IsInteger != 0
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		if toInt {
			return int(v)
		}
		return v
	case int:
		if toInt {
			return v
		}
		return float64(v)
	}
	panic(fmt.Sprintf("conversion of %T", v))
}
