package gate

import (
	"fmt"
	"go/ast"
	"go/types"
)

// unset refuses what would use a named result of function type: functions are
// never assigned to, so that it is nil for ever. Its name may only say what is
// returned.
func (r *ruler) unset(t *ast.FuncType, body *ast.BlockStmt) {
	results := r.functionResults(t)
	if len(results) == 0 {
		return
	}
	const hint = "return a function literal or the name of a function"
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if obj := r.Info.Uses[n]; results[obj] {
				r.refuse(n.Pos(), fmt.Sprintf("the result %s is used, but no function was ever assigned to it", n.Name), hint)
			}
		case *ast.ReturnStmt:
			if len(n.Results) == 0 && !inLiteral(body, n) {
				r.refuse(n.Pos(), "a return without values, though a result is a function", hint)
			}
		}
		return r.rejection == nil
	})
}

// functionResults returns the named results of t whose type is a function.
func (r *ruler) functionResults(t *ast.FuncType) map[types.Object]bool {
	found := map[types.Object]bool{}
	if t.Results == nil {
		return found
	}
	for _, field := range t.Results.List {
		for _, id := range field.Names {
			if _, ok := r.Info.TypeOf(field.Type).Underlying().(*types.Signature); ok {
				found[r.Info.Defs[id]] = true
			}
		}
	}
	return found
}

// inLiteral reports whether s lies in a function literal inside body.
func inLiteral(body *ast.BlockStmt, s ast.Stmt) bool {
	inside := false
	ast.Inspect(body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			inside = inside || lit.Pos() <= s.Pos() && s.End() <= lit.End()
		}
		return true
	})
	return inside
}
