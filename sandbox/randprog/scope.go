package randprog

import "fmt"

func (g *generator) push() { g.scopes = append(g.scopes, nil) }
func (g *generator) pop()  { g.scopes = g.scopes[:len(g.scopes)-1] }

// fresh returns a name: mostly a new one, sometimes one that shadows.
func (g *generator) fresh() string {
	if g.chance(20) {
		if v, ok := g.anyVisible(); ok && !g.inInnermost(v.name) && v.name != "b" {
			return v.name
		}
	}
	g.names++
	if g.chance(3) {
		if name := g.pick("len", "max", "copy", "budget", "t1", "candidate", "steps"); !g.declared(name) && name != "len" {
			return name
		}
	}
	return fmt.Sprintf("%s%d", g.pick("x", "y", "t", "v_", "aB"), g.names)
}

func (g *generator) declared(name string) bool {
	for _, s := range g.scopes {
		for _, v := range s {
			if v.name == name {
				return true
			}
		}
	}
	return false
}

func (g *generator) inInnermost(name string) bool {
	for _, v := range g.scopes[len(g.scopes)-1] {
		if v.name == name {
			return true
		}
	}
	return false
}

func (g *generator) declare(name string, k kind, readOnly bool) {
	top := len(g.scopes) - 1
	g.scopes[top] = append(g.scopes[top], variable{name, k, readOnly})
}

// visible lists the variables in scope that no inner one shadows and of which
// keep holds; scope is the index of their scope.
func (g *generator) visible(keep func(v variable, scope int) bool) []variable {
	var out []variable
	seen := map[string]bool{}
	for s := len(g.scopes) - 1; s >= 0; s-- {
		for i := len(g.scopes[s]) - 1; i >= 0; i-- {
			v := g.scopes[s][i]
			if !seen[v.name] && keep(v, s) {
				out = append(out, v)
			}
			seen[v.name] = true
		}
	}
	return out
}

func (g *generator) anyVisible() (variable, bool) {
	return g.choose(g.visible(func(variable, int) bool { return true }))
}

func (g *generator) choose(list []variable) (variable, bool) {
	if len(list) == 0 {
		return variable{}, false
	}
	return list[g.rng.IntN(len(list))], true
}

// readable returns a variable of kind k.
func (g *generator) readable(k kind) (string, bool) {
	v, ok := g.choose(g.visible(func(v variable, _ int) bool { return v.kind == k }))
	return v.name, ok
}

// assignable returns a variable of kind k that may be assigned here.
func (g *generator) assignable(k kind) (string, bool) {
	v, ok := g.choose(g.visible(func(v variable, s int) bool {
		return v.kind == k && !v.readOnly && s >= g.barrier
	}))
	return v.name, ok
}
