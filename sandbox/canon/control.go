package canon

import (
	"go/ast"
	"go/token"
)

// loop is an enclosing statement that break or continue may refer to.
type loop struct {
	isSwitch bool   // a switch: continue passes through it
	wrapped  bool   // a switch written inside for { … break }
	again    string // variable that tells that the loop around a wrapped switch shall continue
}

func (l *lowering) branch(s *ast.BranchStmt) {
	if s.Tok == token.BREAK {
		l.line("break")
		return
	}
	// continue: leave wrapped switches first.
	top := len(l.loops) - 1
	if l.loops[top].isSwitch && l.wrappedAbove() {
		for i := top; i >= 0 && l.loops[i].isSwitch; i-- {
			if l.loops[i].wrapped {
				l.line("%s = true", l.loops[i].again)
			}
		}
		l.line("break")
		return
	}
	l.line("continue")
}

// wrappedAbove reports whether a wrapped switch lies between here and the
// innermost loop.
func (l *lowering) wrappedAbove() bool {
	for i := len(l.loops) - 1; i >= 0 && l.loops[i].isSwitch; i-- {
		if l.loops[i].wrapped {
			return true
		}
	}
	return false
}

func (l *lowering) ifElse(s *ast.IfStmt) {
	if s.Init != nil {
		l.stmt(s.Init)
	}
	l.line("if %s {", l.condition(s.Cond))
	l.indented(s.Body.List)
	if s.Else != nil {
		l.line("} else {")
		l.indented([]ast.Stmt{s.Else})
	}
	l.line("}")
}

func (l *lowering) indented(list []ast.Stmt) {
	l.indent++
	l.block(list)
	l.indent--
}

// condition returns a variable that holds e.
func (l *lowering) condition(e ast.Expr) string {
	c := l.atom(e)
	if l.c.Info.Types[e].Value != nil {
		return l.let(c)
	}
	return c
}

// unless leaves the loop being written when cond is false.
func (l *lowering) unless(cond string) {
	stop := l.let("!" + cond)
	l.line("if %s {", stop)
	l.line("\tbreak")
	l.line("}")
}

// forLoop writes for init; cond; post as for { … } with post first in every
// iteration but the first, so that continue needs no care.
func (l *lowering) forLoop(s *ast.ForStmt) {
	if s.Init != nil {
		l.stmt(s.Init)
	}
	first := ""
	if s.Post != nil {
		first = l.let("true")
	}
	l.at(s)
	l.line("for {")
	l.indent++
	l.spend(s.Body.List)
	if s.Post != nil {
		l.line("if %s {", first)
		l.line("\t%s = false", first)
		l.line("} else {")
		l.indented([]ast.Stmt{s.Post})
		l.line("}")
	}
	if s.Cond != nil {
		l.unless(l.condition(s.Cond))
	}
	l.loops = append(l.loops, loop{})
	l.block(s.Body.List)
	l.loops = l.loops[:len(l.loops)-1]
	l.indent--
	l.line("}")
}

// rangeLoop writes range over a slice with an index of its own.
func (l *lowering) rangeLoop(s *ast.RangeStmt) {
	x := l.let(l.value(s.X))
	n := l.let("len(" + x + ")")
	next := l.let("0")
	l.at(s)
	l.line("for {")
	l.indent++
	l.spend(s.Body.List)
	l.unless(l.let(next + " < " + n))
	if s.Key != nil && !isBlank(s.Key) {
		l.store(s.Key, next)
	}
	if s.Value != nil && !isBlank(s.Value) {
		l.store(s.Value, x+"["+next+"]")
	}
	l.line("%s = %s + 1", next, next)
	l.loops = append(l.loops, loop{})
	l.block(s.Body.List)
	l.loops = l.loops[:len(l.loops)-1]
	l.indent--
	l.line("}")
}

// switchCase writes a switch as a sequence of ifs, inside for { … break }
// if one of its clauses uses break.
func (l *lowering) switchCase(s *ast.SwitchStmt) {
	if s.Init != nil {
		l.stmt(s.Init)
	}
	tag := ""
	if s.Tag != nil {
		tag = l.let(l.value(s.Tag))
	}
	sw := loop{isSwitch: true, wrapped: breaks(s.Body)}
	if sw.wrapped {
		sw.again = l.let("false")
		l.line("for {")
		l.indent++
	}
	l.loops = append(l.loops, sw)
	l.clauses(tag, s.Body.List)
	l.loops = l.loops[:len(l.loops)-1]
	if sw.wrapped {
		l.line("break")
		l.indent--
		l.line("}")
		l.continueAfter(sw)
	}
}

// continueAfter writes the continue that was asked for inside a wrapped switch.
func (l *lowering) continueAfter(sw loop) {
	inLoop := false
	for _, outer := range l.loops {
		inLoop = inLoop || !outer.isSwitch
	}
	if !inLoop {
		return
	}
	l.line("if %s {", sw.again)
	l.indent++
	if l.wrappedAbove() {
		l.line("break")
	} else {
		l.line("continue")
	}
	l.indent--
	l.line("}")
}

// clauses writes the cases in order, default last, side by side: each looks
// whether its turn has come, so that many of them do not nest.
func (l *lowering) clauses(tag string, list []ast.Stmt) {
	var fallback *ast.CaseClause
	searching := l.let("true")
	for _, s := range list {
		c := s.(*ast.CaseClause)
		if c.List == nil {
			fallback = c
			continue
		}
		l.at(c)
		l.line("if %s {", searching)
		l.indent++
		l.line("if %s {", l.matches(tag, c.List))
		l.line("\t%s = false", searching)
		l.indented(c.Body)
		l.line("}")
		l.indent--
		l.line("}")
	}
	if fallback != nil {
		l.line("if %s {", searching)
		l.indented(fallback.Body)
		l.line("}")
	}
}

// matches returns an atom that tells whether one of the expressions of a case
// equals tag, or is true in a switch without tag.
func (l *lowering) matches(tag string, list []ast.Expr) string {
	found := l.match(tag, list[0])
	if len(list) == 1 {
		return found
	}
	t := l.let(found)
	for _, e := range list[1:] {
		l.line("if %s {", l.let("!"+t))
		l.indent++
		l.line("%s = %s", t, l.match(tag, e))
		l.indent--
		l.line("}")
	}
	return t
}

func (l *lowering) match(tag string, e ast.Expr) string {
	if tag == "" {
		return l.condition(e)
	}
	return l.let(tag + " == " + l.atom(e))
}

// breaks reports whether body contains a break that refers to the switch it is
// the body of.
func breaks(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.FuncLit:
			return false
		case *ast.BranchStmt:
			found = found || n.Tok == token.BREAK
		}
		return true
	})
	return found
}
