package canon

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// block writes statements up to the first that leaves the block, and reports
// whether the last one written is a return.
func (l *lowering) block(list []ast.Stmt) (returns bool) {
	for _, s := range list {
		l.at(s)
		l.stmt(s)
		switch s.(type) {
		case *ast.ReturnStmt:
			return true
		case *ast.BranchStmt:
			return false
		}
	}
	return false
}

func (l *lowering) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		l.assign(s)
	case *ast.IncDecStmt:
		l.line("%s = %s %s 1", l.value(s.X), l.value(s.X), s.Tok.String()[:1])
	case *ast.ExprStmt:
		l.discard(s.X)
	case *ast.ReturnStmt:
		l.returns(s)
	case *ast.BlockStmt:
		l.block(s.List)
	case *ast.DeclStmt:
		l.declare(s.Decl.(*ast.GenDecl))
	case *ast.BranchStmt:
		l.branch(s)
	case *ast.IfStmt:
		l.ifElse(s)
	case *ast.ForStmt:
		l.forLoop(s)
	case *ast.RangeStmt:
		l.rangeLoop(s)
	case *ast.SwitchStmt:
		l.switchCase(s)
	}
}

// discard evaluates e for what it may break.
func (l *lowering) discard(e ast.Expr) {
	if l.c.Info.Types[e].Value != nil {
		return
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if ok {
		switch t := l.c.Info.TypeOf(e).(type) {
		case *types.Tuple:
			if t.Len() > 1 {
				l.multi(e, t.Len())
				return
			}
			l.line("%s", l.callText(call))
			return
		}
	}
	l.atom(e)
}

// declare writes a local var declaration; constants are folded where they are used.
func (l *lowering) declare(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, s := range d.Specs {
		spec := s.(*ast.ValueSpec)
		l.at(spec)
		if len(spec.Values) == 0 {
			for _, id := range spec.Names {
				l.define(id, l.zero(l.c.Info.TypeOf(spec.Type)))
			}
			continue
		}
		lhs := make([]ast.Expr, len(spec.Names))
		for i, id := range spec.Names {
			lhs[i] = id
		}
		l.assignAll(lhs, spec.Values)
	}
}

// define declares the variable id.
func (l *lowering) define(id *ast.Ident, value string) {
	if id.Name != "_" {
		l.line("%s := %s", l.names.of(l.c.Info.Defs[id]), value)
	}
}

func (l *lowering) assign(s *ast.AssignStmt) {
	if s.Tok == token.ASSIGN || s.Tok == token.DEFINE {
		l.assignAll(s.Lhs, s.Rhs)
		return
	}
	op := s.Tok - token.ADD_ASSIGN + token.ADD // the two lists of tokens run in parallel
	y := l.atom(s.Rhs[0])
	x := l.value(s.Lhs[0])
	l.at(s)
	l.line("%s = %s", x, l.binary(x, op, y, s.Rhs[0]))
}

// assignAll assigns right to left in parallel.
func (l *lowering) assignAll(lhs, rhs []ast.Expr) {
	if len(lhs) == 1 {
		if isBlank(lhs[0]) {
			l.discard(rhs[0])
			return
		}
		l.store(lhs[0], l.value(rhs[0]))
		return
	}
	var values []string
	if len(rhs) == 1 {
		values = l.multi(rhs[0], len(lhs))
	} else {
		for _, e := range rhs {
			values = append(values, l.let(l.value(e)))
		}
	}
	for i := range lhs {
		if !isBlank(lhs[i]) {
			l.store(lhs[i], values[i])
		}
	}
}

func isBlank(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "_"
}

// store declares or sets the variable that lhs names.
func (l *lowering) store(lhs ast.Expr, value string) {
	id := ast.Unparen(lhs).(*ast.Ident)
	if l.c.Info.Defs[id] != nil {
		l.define(id, value)
		return
	}
	l.line("%s = %s", l.names.of(l.c.Info.Uses[id]), value)
}

// returns writes a return; named results are variables like any other.
func (l *lowering) returns(s *ast.ReturnStmt) {
	f := l.frames[len(l.frames)-1]
	var out []string
	switch {
	case len(s.Results) == 0 && f.named:
		for _, v := range f.results {
			out = append(out, l.names.of(v))
		}
	case len(s.Results) == 1 && len(f.results) > 1:
		out = l.multi(s.Results[0], len(f.results))
	default:
		for _, e := range s.Results {
			out = append(out, l.atom(e))
		}
	}
	l.line("%s", strings.TrimSpace("return "+strings.Join(out, ", ")))
}
