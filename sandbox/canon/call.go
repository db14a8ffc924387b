package canon

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/objdisco/discover/sandbox/gate"
)

// functionLiteral writes a function literal and returns its name.
func (l *lowering) functionLiteral(e *ast.FuncLit) string {
	name, pos := l.names.fresh("f"), l.pos
	l.function(header{name + " := func", false}, e.Type, e.Body)
	l.pos = pos
	return name
}

// apiCall returns a call of a method of Vec or Batch, of objective or of math as
// an expression; ok is false for other calls and conversions.
func (l *lowering) apiCall(e *ast.CallExpr) (chain string, ok bool) {
	sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	fun := ""
	if id, isIdent := ast.Unparen(sel.X).(*ast.Ident); isIdent && (id.Name == gate.ObjectivePath || id.Name == gate.MathPath) {
		fun = id.Name + "." + sel.Sel.Name
	} else {
		fun = l.value(sel.X) + "." + sel.Sel.Name
	}
	chain = fun + "(" + strings.Join(l.arguments(e), ", ") + ")"
	if l.marked {
		chain = l.markedCall(e, sel, chain)
	}
	return chain, true
}

// markedCall writes a call of the API as a statement marked with where its name
// is, or the name of a Param, and returns the name of its result.
func (l *lowering) markedCall(e *ast.CallExpr, sel *ast.SelectorExpr, chain string) string {
	before := l.pos
	l.at(sel.Sel)
	if sel.Sel.Name == "Param" {
		l.at(e.Args[0])
	}
	if named, ok := l.c.Info.TypeOf(e).(*types.Named); ok && named.Obj().Name() == "Vec" {
		chain = BudgetPath + ".Traced(" + chain + ")"
	}
	name := l.let(chain)
	l.pos = before
	return name
}

// arguments returns the arguments of a call of the API; a call with several
// results is spread.
func (l *lowering) arguments(e *ast.CallExpr) []string {
	if len(e.Args) == 1 {
		if tuple, ok := l.c.Info.TypeOf(e.Args[0]).(*types.Tuple); ok {
			return l.multi(e.Args[0], tuple.Len())
		}
	}
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = l.value(a)
	}
	return args
}

// userCall writes a call of a function of the candidate, a conversion or len and
// returns an expression for its single result.
func (l *lowering) userCall(e *ast.CallExpr) string {
	if tv := l.c.Info.Types[e.Fun]; tv.IsType() {
		return l.let(typeString(tv.Type) + "(" + l.atom(e.Args[0]) + ")")
	}
	if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok {
		if _, builtin := l.c.Info.Uses[id].(*types.Builtin); builtin {
			return l.let(id.Name + "(" + l.atom(e.Args[0]) + ")")
		}
	}
	return l.let(l.callText(e))
}

// callText writes the operands of a call of the candidate's own function and
// returns the call.
func (l *lowering) callText(e *ast.CallExpr) string {
	sig := l.c.Info.TypeOf(e.Fun).Underlying().(*types.Signature)
	declared := l.declared(e.Fun)
	fun := ""
	if declared != nil {
		fun = l.names.of(declared)
	} else {
		fun = l.value(e.Fun)
	}
	args := l.arguments(e)
	for i, a := range args {
		if !isAtom(a) {
			args[i] = l.let(a)
		}
	}
	if sig.Variadic() && !e.Ellipsis.IsValid() {
		fixed := sig.Params().Len() - 1
		rest := l.let(typeString(sig.Params().At(fixed).Type()) + "{" + strings.Join(args[fixed:], ", ") + "}")
		args = append(args[:fixed:fixed], rest)
	}
	l.at(e)
	return l.call(fun, args, sig, declared != nil)
}

// declared returns the top-level function that e names, if it names one.
func (l *lowering) declared(e ast.Expr) *types.Func {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	fn, _ := l.c.Info.Uses[id].(*types.Func)
	return fn
}

// call boxes the arguments of a declared function where its parameters are.
func (l *lowering) call(fun string, args []string, sig *types.Signature, declared bool) string {
	if declared {
		for i := range args {
			if isFloat(sig.Params().At(i).Type()) {
				args[i] = l.let("[]float64{" + args[i] + "}")
			}
		}
	}
	return fun + "(" + strings.Join(args, ", ") + ")"
}

// wrapped writes a function literal that calls fn, for use as a value.
func (l *lowering) wrapped(fn *types.Func) string {
	sig := fn.Type().(*types.Signature)
	name := l.names.fresh("f")
	params, args := make([]string, sig.Params().Len()), make([]string, sig.Params().Len())
	for i := range params {
		args[i] = l.names.fresh("p")
		params[i] = args[i] + " " + typeString(sig.Params().At(i).Type())
	}
	results := make([]*types.Var, sig.Results().Len())
	for i := range results {
		results[i] = sig.Results().At(i)
	}
	l.line("%s := func(%s)%s {", name, strings.Join(params, ", "), l.resultTypes(results))
	l.indent++
	out := make([]string, len(results))
	for i := range out {
		out[i] = l.names.temp()
	}
	call := l.call(l.names.of(fn), args, sig, true)
	if len(out) == 0 {
		l.line("%s", call)
	} else {
		l.line("%s := %s", strings.Join(out, ", "), call)
		l.line("return %s", strings.Join(out, ", "))
	}
	l.indent--
	l.line("}")
	return name
}

// multi writes a call with n results and returns their names.
func (l *lowering) multi(e ast.Expr, n int) []string {
	call := l.callText(ast.Unparen(e).(*ast.CallExpr))
	out := make([]string, n)
	for i := range out {
		out[i] = l.names.temp()
	}
	l.line("%s := %s", strings.Join(out, ", "), call)
	return out
}
