package randprog

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// evaluate traces a checked candidate by walking its syntax tree: a third
// meaning, written without regard to the interpreter, that fuzzing can afford.
// TestInterpretedEqualsCompiled holds it against the compiler.
func evaluate(c *gate.Checked) (g *graph.Graph, err error) {
	e := &evaluator{info: c.Info, functions: map[types.Object]*ast.FuncDecl{}}
	for _, d := range c.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			e.functions[c.Info.Defs[fn.Name]] = fn
		}
	}
	defer func() {
		if r := recover(); r != nil {
			if g, err = nil, errFault; r == errSteps {
				err = errSteps
			}
		}
	}()
	return objective.Trace(func(b objective.Batch) objective.Vec {
		for obj, fn := range e.functions {
			if obj.Name() == "Loss" {
				return e.call(&closure{fn.Type, fn.Body, nil}, []any{b})[0].(objective.Vec)
			}
		}
		panic("no Loss")
	})
}

var (
	errSteps = errors.New("too many steps")
	errFault = errors.New("the candidate panics")
)

// maxSteps bounds an evaluation.
const maxSteps = 20_000

// evaluator holds what is known of a candidate.
type evaluator struct {
	info      *types.Info
	functions map[types.Object]*ast.FuncDecl
	steps     int
}

// scope is a block's variables.
type scope struct {
	outer *scope
	vars  map[types.Object]*any
}

func (s *scope) inner() *scope { return &scope{s, map[types.Object]*any{}} }

func (s *scope) find(obj types.Object) *any {
	for ; s != nil; s = s.outer {
		if v, ok := s.vars[obj]; ok {
			return v
		}
	}
	panic("no variable " + obj.Name())
}

// closure is a function value.
type closure struct {
	typ   *ast.FuncType
	body  *ast.BlockStmt
	scope *scope
}

// frame is a running function.
type frame struct {
	results []any
	named   []types.Object // named results, if there are any
	top     *scope
}

// flow says how a statement ended.
type flow int

const (
	next flow = iota
	breaks
	continues
	returns
)

func (e *evaluator) step() {
	if e.steps++; e.steps > maxSteps {
		panic(errSteps)
	}
}

func (e *evaluator) call(fn *closure, args []any) []any {
	e.step()
	f := &frame{top: fn.scope.inner()}
	i := 0
	for _, field := range fn.typ.Params.List {
		for _, id := range field.Names {
			f.top.vars[e.info.Defs[id]] = ref(args[i])
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	if fn.typ.Results != nil {
		for _, field := range fn.typ.Results.List {
			for _, id := range field.Names {
				obj := e.info.Defs[id]
				if obj == nil {
					obj = types.NewVar(id.Pos(), nil, "_", e.info.TypeOf(field.Type))
				}
				f.top.vars[obj] = ref(zero(e.info.TypeOf(field.Type)))
				f.named = append(f.named, obj)
			}
		}
	}
	e.block(f, f.top.inner(), fn.body.List)
	return f.results
}

func ref(v any) *any { return &v }

func (e *evaluator) block(f *frame, s *scope, list []ast.Stmt) flow {
	for _, stmt := range list {
		if ctl := e.stmt(f, s, stmt); ctl != next {
			return ctl
		}
	}
	return next
}

func (e *evaluator) stmt(f *frame, s *scope, stmt ast.Stmt) flow {
	e.step()
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		e.assign(s, stmt)
	case *ast.IncDecStmt:
		op := token.ADD
		if stmt.Tok == token.DEC {
			op = token.SUB
		}
		x := e.target(s, stmt.X)
		if n, ok := (*x).(int); ok {
			*x = arithmetic(op, n, 1)
		} else {
			*x = arithmetic(op, *x, 1.0)
		}
	case *ast.ExprStmt:
		e.exprs(s, stmt.X)
	case *ast.DeclStmt:
		e.declare(s, stmt.Decl.(*ast.GenDecl))
	case *ast.ReturnStmt:
		e.doReturn(f, s, stmt)
		return returns
	case *ast.BranchStmt:
		if stmt.Tok == token.BREAK {
			return breaks
		}
		return continues
	case *ast.BlockStmt:
		return e.block(f, s.inner(), stmt.List)
	case *ast.IfStmt:
		return e.ifElse(f, s.inner(), stmt)
	case *ast.ForStmt:
		return e.loop(f, s.inner(), stmt)
	case *ast.RangeStmt:
		return e.rangeLoop(f, s, stmt)
	case *ast.SwitchStmt:
		return e.switchCase(f, s.inner(), stmt)
	}
	return next
}

func (e *evaluator) doReturn(f *frame, s *scope, stmt *ast.ReturnStmt) {
	if len(stmt.Results) == 0 {
		for _, obj := range f.named {
			f.results = append(f.results, *f.top.find(obj))
		}
		return
	}
	var results []any
	for _, x := range stmt.Results {
		results = append(results, e.exprs(s, x)...)
	}
	f.results = results
}

func (e *evaluator) declare(s *scope, d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		var values []any
		for _, x := range spec.Values {
			values = append(values, e.exprs(s, x)...)
		}
		for i, id := range spec.Names {
			if len(spec.Values) == 0 {
				values = append(values, zero(e.info.TypeOf(spec.Type)))
			}
			if id.Name != "_" {
				s.vars[e.info.Defs[id]] = ref(values[i])
			}
		}
	}
}

func (e *evaluator) target(s *scope, x ast.Expr) *any {
	id := ast.Unparen(x).(*ast.Ident)
	if id.Name == "_" {
		return new(any)
	}
	return s.find(e.info.Uses[id])
}

func (e *evaluator) assign(s *scope, stmt *ast.AssignStmt) {
	if stmt.Tok != token.ASSIGN && stmt.Tok != token.DEFINE {
		op := stmt.Tok - token.ADD_ASSIGN + token.ADD
		y := e.operand(s, op, stmt.Rhs[0])
		x := e.target(s, stmt.Lhs[0])
		*x = arithmetic(op, *x, y)
		return
	}
	var values []any
	for _, x := range stmt.Rhs {
		values = append(values, e.exprs(s, x)...)
	}
	for i, lhs := range stmt.Lhs {
		id, ok := lhs.(*ast.Ident)
		if ok && e.info.Defs[id] != nil {
			s.vars[e.info.Defs[id]] = ref(values[i])
			continue
		}
		*e.target(s, lhs) = values[i]
	}
}

func (e *evaluator) ifElse(f *frame, s *scope, stmt *ast.IfStmt) flow {
	if stmt.Init != nil {
		e.stmt(f, s, stmt.Init)
	}
	switch {
	case e.expr(s, stmt.Cond).(bool):
		return e.block(f, s.inner(), stmt.Body.List)
	case stmt.Else != nil:
		return e.stmt(f, s, stmt.Else)
	}
	return next
}

func (e *evaluator) loop(f *frame, s *scope, stmt *ast.ForStmt) flow {
	if stmt.Init != nil {
		e.stmt(f, s, stmt.Init)
	}
	for {
		e.step()
		if stmt.Cond != nil && !e.expr(s, stmt.Cond).(bool) {
			return next
		}
		switch e.block(f, s.inner(), stmt.Body.List) {
		case breaks:
			return next
		case returns:
			return returns
		}
		again := s.outer.inner() // each iteration has variables of its own
		for obj, v := range s.vars {
			again.vars[obj] = ref(*v)
		}
		s = again
		if stmt.Post != nil {
			e.stmt(f, s, stmt.Post)
		}
	}
}

func (e *evaluator) rangeLoop(f *frame, s *scope, stmt *ast.RangeStmt) flow {
	for i, v := range e.expr(s, stmt.X).([]any) {
		e.step()
		body := s.inner()
		for j, x := range []ast.Expr{stmt.Key, stmt.Value} {
			if x == nil {
				continue
			}
			value := []any{i, v}[j]
			if id, ok := x.(*ast.Ident); ok && e.info.Defs[id] != nil {
				body.vars[e.info.Defs[id]] = ref(value)
				continue
			}
			*e.target(s, x) = value
		}
		switch e.block(f, body.inner(), stmt.Body.List) {
		case breaks:
			return next
		case returns:
			return returns
		}
	}
	return next
}

func (e *evaluator) switchCase(f *frame, s *scope, stmt *ast.SwitchStmt) flow {
	if stmt.Init != nil {
		e.stmt(f, s, stmt.Init)
	}
	var tag any = true
	if stmt.Tag != nil {
		tag = e.expr(s, stmt.Tag)
	}
	var chosen *ast.CaseClause
	for _, c := range stmt.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			chosen = clause
		}
	}
search:
	for _, c := range stmt.Body.List {
		for _, x := range c.(*ast.CaseClause).List {
			if e.expr(s, x) == tag {
				chosen = c.(*ast.CaseClause)
				break search
			}
		}
	}
	if chosen == nil {
		return next
	}
	if ctl := e.block(f, s.inner(), chosen.Body); ctl != breaks {
		return ctl
	}
	return next
}
