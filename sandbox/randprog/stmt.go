package randprog

import (
	"fmt"
	"strings"
)

func (g *generator) statements(n int) {
	for range n {
		g.statement()
	}
}

// exprDepth is the depth of expressions in statements.
const exprDepth = 2

func (g *generator) statement() {
	switch n := g.rng.IntN(20); {
	case n < 7:
		g.define()
	case n < 10:
		g.assign()
	case n < 11:
		g.multi()
	case n < 12:
		g.swap()
	case g.depth >= 3:
		g.define()
	case n < 15:
		g.ifElse()
	case n < 17:
		g.loop()
	case n < 19:
		g.switchCase()
	default:
		g.line("{")
		g.block(1 + g.rng.IntN(2))
		g.line("}")
	}
}

// block writes statements in a scope of their own, and uses what they declare.
func (g *generator) block(n int) {
	g.push()
	g.depth++
	g.indent++
	g.statements(n)
	g.useScope()
	g.leave()
	g.indent--
	g.depth--
	g.pop()
}

// useScope mentions every variable of the innermost scope.
func (g *generator) useScope() {
	for _, v := range g.scopes[len(g.scopes)-1] {
		if v.name != "b" {
			g.line("_ = %s", v.name)
		}
	}
}

// leave sometimes ends a block with return, break or continue.
func (g *generator) leave() {
	switch {
	case g.chance(15):
		g.returnNow()
	case g.loops > 0 && g.chance(25):
		g.line("%s", g.pick("break", "continue"))
	case g.switches > 0 && g.chance(25):
		g.line("break")
	}
}

func (g *generator) returnNow() {
	if g.named != nil && g.namedVisible() && g.chance(60) {
		g.line("return")
		return
	}
	var out []string
	for _, k := range g.returning {
		out = append(out, g.expr(k, 1))
	}
	g.line("return %s", strings.Join(out, ", "))
}

// namedVisible reports whether no named result is shadowed here, which a bare
// return needs.
func (g *generator) namedVisible() bool {
	for _, name := range g.named {
		count := 0
		for _, s := range g.scopes {
			for _, v := range s {
				if v.name == name {
					count++
				}
			}
		}
		if count > 1 {
			return false
		}
	}
	return true
}

func (g *generator) define() {
	k := kind(g.rng.IntN(int(kinds)))
	value := g.expr(k, exprDepth)
	name := g.fresh()
	if g.inInnermost(name) {
		return
	}
	readOnly := k == vecFunc || k == realFunc
	switch g.rng.IntN(4) {
	case 0:
		if readOnly {
			g.line("var %s = %s", name, value)
			break
		}
		g.line("var %s %s = %s", name, typeNames[k], value)
	case 1:
		if k == float && g.chance(50) {
			g.line("const %s = %s", name, g.literal())
			readOnly = true
			break
		}
		g.line("var %s = %s", name, g.typed(k, value))
	default:
		g.line("%s := %s", name, g.typed(k, value))
	}
	g.declare(name, k, readOnly)
	g.line("_ = %s", name)
}

// typed makes an untyped constant a float64 where that is what k asks for.
func (g *generator) typed(k kind, value string) string {
	if k == float {
		return "float64(" + value + ")"
	}
	return value
}

func (g *generator) assign() {
	k := []kind{float, integer, boolean, vec, floats, array}[g.rng.IntN(6)]
	name, ok := g.assignable(k)
	if !ok {
		g.define()
		return
	}
	switch {
	case k == float && g.chance(50):
		g.line("%s %s= %s", name, g.pick("+", "-", "*", "/"), g.expr(float, exprDepth))
	case k == integer && g.chance(30):
		g.line("%s %s= %s", name, g.pick("+", "-", "*", "|", "&", "^", "&^"), g.expr(integer, 2))
	case k == integer && g.chance(20):
		g.line("%s %s= int(%s) & 7", name, g.pick("<<", ">>"), g.operand(integer, 1))
	case k == integer && g.chance(20):
		g.line("%s %s= 3", name, g.pick("/", "%"))
	case k == integer && g.chance(30):
		g.line("%s%s", name, g.pick("++", "--"))
	case k == vec:
		g.line("%s = %s", name, g.vec(1))
	default:
		g.line("%s = %s", name, g.expr(k, exprDepth))
	}
}

// multi takes all results of a helper at once.
func (g *generator) multi() {
	for _, h := range g.helpers {
		if len(h.results) < 2 || g.chance(30) {
			continue
		}
		names := make([]string, len(h.results))
		g.push()
		for i, k := range h.results {
			names[i] = "_"
			if i == 0 || g.chance(70) {
				g.names++
				names[i] = fmt.Sprintf("m%d", g.names)
				g.declare(names[i], k, false)
			}
		}
		declared := g.scopes[len(g.scopes)-1]
		g.pop()
		g.line("%s := %s", strings.Join(names, ", "), g.call(h, 1))
		for _, v := range declared {
			g.declare(v.name, v.kind, false)
			g.line("_ = %s", v.name)
		}
		return
	}
	g.define()
}

func (g *generator) swap() {
	k := []kind{float, integer, vec, boolean}[g.rng.IntN(4)]
	x, ok := g.assignable(k)
	y, ok2 := g.assignable(k)
	if !ok || !ok2 || x == y {
		g.assign()
		return
	}
	g.line("%s, %s = %s, %s", x, y, y, g.pick(x, "("+x+")"))
}

func (g *generator) ifElse() {
	if g.chance(25) {
		g.push()
		defer g.pop()
		value := g.expr(float, 2)
		name := g.fresh()
		g.line("if %s := float64(%s); %s < %s {", name, value, name, g.literal())
		g.declare(name, float, false)
	} else {
		g.line("if %s {", g.bare(boolean, exprDepth))
	}
	g.block(1 + g.rng.IntN(2))
	switch g.rng.IntN(3) {
	case 0:
		g.line("} else {")
		g.block(1)
	case 1:
		g.line("} else if %s {", g.bare(boolean, 2))
		g.block(1)
	}
	g.line("}")
}

func (g *generator) loop() {
	if g.chance(40) {
		g.rangeLoop()
		return
	}
	g.push()
	defer g.pop()
	g.names++
	i := fmt.Sprintf("i_%d", g.names)
	g.declare(i, integer, true)
	n := g.rng.IntN(4)
	switch g.rng.IntN(3) {
	case 0:
		g.line("for %s := 0; %s < %d; %s++ {", i, i, n, i)
	case 1:
		g.line("for %s := %d; (%s) >= 0 && %s; %s -= 1 {", i, n, i, g.pick("true", "!false", i+" != 17"), i)
	default:
		g.line("for %s := 0; %s < len([]int{1, 2, 3}); %s = %s + 1 {", i, i, i, i)
	}
	g.inLoop(1 + g.rng.IntN(3))
	g.line("}")
}

func (g *generator) rangeLoop() {
	k, elem := floats, float
	if g.chance(40) {
		k, elem = vecs, vec
	}
	x := g.expr(k, 2)
	if strings.Contains(x, "{") {
		x = "(" + x + ")"
	}
	g.push()
	defer g.pop()
	g.names++
	i, v := fmt.Sprintf("i_%d", g.names), fmt.Sprintf("w%d", g.names)
	switch g.rng.IntN(3) {
	case 0:
		g.line("for _, %s := range %s {\n\t_ = %s", v, x, v)
		g.declare(v, elem, false)
	case 1:
		g.line("for %s := range %s {\n\t_ = %s", i, x, i)
		g.declare(i, integer, false)
	default:
		g.line("for %s, %s := range %s {", i, v, x)
		g.declare(i, integer, false)
		g.declare(v, elem, false)
		g.line("\t_, _ = %s, %s", i, v)
	}
	g.inLoop(1 + g.rng.IntN(3))
	g.line("}")
}

func (g *generator) inLoop(n int) {
	loops, switches := g.loops, g.switches
	g.loops, g.switches = loops+1, 0
	g.block(n)
	g.loops, g.switches = loops, switches
}

func (g *generator) switchCase() {
	k := []kind{integer, float, boolean}[g.rng.IntN(3)]
	tag := g.expr(k, 2)
	if k == float {
		tag = "float64(" + tag + ")"
	}
	if k == boolean {
		g.line("switch {")
	} else {
		if strings.Contains(tag, "{") {
			tag = "(" + tag + ")"
		}
		g.line("switch %s {", tag)
	}
	g.switches++
	fallback := g.rng.IntN(4)
	for i := range 3 {
		if i == fallback {
			g.line("default:")
			g.block(1)
		}
		g.line("case %s:", g.caseList(k, i))
		g.block(1 + g.rng.IntN(2))
	}
	g.switches--
	g.line("}")
}

// caseList returns values that do not repeat in one switch.
func (g *generator) caseList(k kind, i int) string {
	switch k {
	case boolean:
		if g.chance(30) {
			return g.operand(boolean, 2) + ", " + g.operand(boolean, 1)
		}
		return g.operand(boolean, 2)
	case integer:
		return fmt.Sprintf("%d, %d", 10*i, 10*i+1)
	}
	return fmt.Sprintf("%d.5, %s", i, g.operand(float, 2))
}

// finish mixes everything visible into the results and returns them.
func (g *generator) finish() {
	g.useScope()
	if len(g.returning) == 1 && g.returning[0] == vec && g.declared("b") {
		g.names++
		acc := fmt.Sprintf("acc%d", g.names)
		g.line("%s := b.Margin()", acc)
		for _, v := range g.visible(func(variable, int) bool { return true }) {
			g.mix(acc, v)
		}
		g.line("return %s", acc)
		return
	}
	if g.named != nil && g.namedVisible() && g.chance(70) {
		g.line("return")
		return
	}
	var out []string
	for _, k := range g.returning {
		out = append(out, g.expr(k, 2))
	}
	g.line("return %s", strings.Join(out, ", "))
}

// mix makes acc depend on v.
func (g *generator) mix(acc string, v variable) {
	lim := "lim"
	switch v.kind {
	case float:
		g.line("%s = %s.AddConst(%s(%s))", acc, acc, lim, v.name)
	case integer:
		g.line("%s = %s.AddConst(%s(float64(%s)))", acc, acc, lim, v.name)
	case boolean:
		g.line("if %s {\n\t\t%s = %s.Neg()\n\t}", v.name, acc, acc)
	case vec:
		g.line("%s = %s.Add(%s)", acc, acc, v.name)
	case floats, array:
		g.line("for _, w := range %s {\n\t\t%s = %s.AddConst(%s(w))\n\t}", v.name, acc, acc, lim)
	case vecs:
		g.line("for _, w := range %s {\n\t\t%s = %s.Sub(w)\n\t}", v.name, acc, acc)
	case vecFunc:
		g.line("%s = %s(%s)", acc, v.name, acc)
	case realFunc:
		g.line("%s = %s.AddConst(%s(%s(2.5)))", acc, acc, lim, v.name)
	}
}
