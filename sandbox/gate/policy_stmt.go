package gate

import (
	"fmt"
	"go/ast"
	"go/token"
)

func (p *policy) stmts(list []ast.Stmt) {
	for _, s := range list {
		p.stmt(s)
	}
}

// stmt checks one statement; nil is allowed where Go allows it.
func (p *policy) stmt(s ast.Stmt) {
	if p.rejection != nil {
		return
	}
	switch s := s.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.AssignStmt:
		p.assign(s)
	case *ast.IncDecStmt:
		p.target(s.X)
	case *ast.ExprStmt:
		p.expr(s.X)
	case *ast.ReturnStmt:
		p.exprs(s.Results)
	case *ast.BlockStmt:
		p.stmts(s.List)
	case *ast.DeclStmt:
		p.genDecl(s.Decl.(*ast.GenDecl))
	case *ast.BranchStmt:
		p.branch(s)
	default:
		p.control(s)
	}
}

// control checks statements that contain statements.
func (p *policy) control(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.IfStmt:
		p.ifChain(s)
	case *ast.ForStmt:
		p.stmt(s.Init)
		if s.Cond != nil {
			p.expr(s.Cond)
		}
		p.stmt(s.Post)
		p.stmt(s.Body)
	case *ast.RangeStmt:
		p.rangeStmt(s)
	case *ast.SwitchStmt:
		p.stmt(s.Init)
		if s.Tag != nil {
			p.expr(s.Tag)
		}
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			p.exprs(clause.List)
			p.stmts(clause.Body)
		}
	case *ast.LabeledStmt:
		p.forbid(s.Pos(), describe(s), "end loops with a bool variable, or move them to a function and return")
	default:
		p.forbid(s.Pos(), describe(s), "compute the loss with straight calls, if, for and switch")
	}
}

// MaxElseIfs bounds a chain of if and else if, which nests in the canonical form.
const MaxElseIfs = 200

func (p *policy) ifChain(s *ast.IfStmt) {
	for n := 0; ; n++ {
		p.stmt(s.Init)
		p.expr(s.Cond)
		p.stmt(s.Body)
		next, chained := s.Else.(*ast.IfStmt)
		if !chained {
			p.stmt(s.Else)
			return
		}
		if n == MaxElseIfs {
			p.refuse(next.Pos(), fmt.Sprintf("more than %d else if in a row", MaxElseIfs), "use switch")
			return
		}
		s = next
	}
}

func (p *policy) assign(s *ast.AssignStmt) {
	for _, lhs := range s.Lhs {
		if id, ok := lhs.(*ast.Ident); ok && s.Tok == token.DEFINE {
			p.declare(id)
			continue
		}
		p.target(lhs)
	}
	p.exprs(s.Rhs)
}

// target checks the left side of an assignment: values are never changed in
// place, so it is a name.
func (p *policy) target(lhs ast.Expr) {
	switch lhs := ast.Unparen(lhs).(type) {
	case *ast.Ident:
	case *ast.IndexExpr:
		p.forbid(lhs.Pos(), "assignment to an element", "slices are read-only: write all elements in the literal, or use variables")
	case *ast.SelectorExpr:
		p.forbid(lhs.Pos(), "assignment to a field", "the batch is read-only: declare a variable with :=")
	default:
		p.forbid(lhs.Pos(), "assignment to "+describe(lhs), "assign to a variable")
	}
}

func (p *policy) rangeStmt(s *ast.RangeStmt) {
	for _, v := range [...]ast.Expr{s.Key, s.Value} {
		if v == nil {
			continue
		}
		if id, ok := v.(*ast.Ident); ok && s.Tok == token.DEFINE {
			p.declare(id)
			continue
		}
		p.target(v)
	}
	p.expr(s.X)
	p.stmt(s.Body)
}

func (p *policy) branch(s *ast.BranchStmt) {
	switch {
	case s.Label != nil:
		p.forbid(s.Pos(), s.Tok.String()+" with a label", "end loops with a bool variable, or move them to a function and return")
	case s.Tok != token.BREAK && s.Tok != token.CONTINUE:
		p.forbid(s.Pos(), s.Tok.String(), "use if and else")
	}
}
