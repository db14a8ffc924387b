// Package randprog writes random programs of the objective language, for tests
// that hold the interpreted meaning of a candidate against the compiled one.
//
// The programs type-check, end, and return a vector into which every value that
// they computed has been mixed. They use the language to its edges: helpers with
// several, named and variadic results and parameters, closures, shadowing,
// parentheses anywhere, untyped constants, iota, tuple assignments, early
// returns, break and continue through nested switches and loops, arrays and
// slices of one and two dimensions.
package randprog

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Generate returns the program of a seed.
func Generate(seed uint64) string {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 0x5eed))}
	return g.program()
}

// kind is a type of the language.
type kind int

const (
	float kind = iota
	integer
	boolean
	vec
	floats   // []float64
	table    // [][]float64
	array    // [3]float64
	vecs     // []objective.Vec
	vecFunc  // func(objective.Vec) objective.Vec
	realFunc // func(float64) float64
	kinds
)

var typeNames = [kinds]string{
	"float64", "int", "bool", "objective.Vec", "[]float64", "[][]float64", "[3]float64",
	"[]objective.Vec", "func(objective.Vec) objective.Vec", "func(float64) float64",
}

// variable is a name in scope.
type variable struct {
	name     string
	kind     kind
	readOnly bool // assigning would be refused or could make a loop endless
}

// helper is a top-level function that later ones may call.
type helper struct {
	name     string
	params   []kind
	variadic bool // the last parameter may be repeated
	results  []kind
}

type generator struct {
	rng       *rand.Rand
	out       strings.Builder
	indent    int
	scopes    [][]variable
	barrier   int // scopes below this index may be read, not assigned
	consts    []variable
	helpers   []helper
	names     int
	depth     int    // of nested control flow
	loops     int    // enclosing loops of the current function
	switches  int    // enclosing switches inside the innermost loop
	returning []kind // results of the current function
	named     []string
}

func (g *generator) line(format string, args ...any) {
	g.out.WriteString(strings.Repeat("\t", g.indent))
	fmt.Fprintf(&g.out, format, args...)
	g.out.WriteByte('\n')
}

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// pick returns one of the strings.
func (g *generator) pick(options ...string) string { return options[g.rng.IntN(len(options))] }

func (g *generator) program() string {
	g.line("package candidate")
	g.line("")
	g.line("import (")
	g.line("\t\"math\"")
	g.line("")
	g.line("\t\"github.com/objdisco/discover/sandbox/objective\"")
	g.line(")")
	g.constants()
	g.limitFunc()
	for range g.rng.IntN(4) {
		g.helper()
	}
	g.function(helper{name: "Loss", params: nil, results: []kind{vec}})
	return g.out.String()
}

// constants declares package constants in various styles.
func (g *generator) constants() {
	g.line("")
	g.line("const (")
	g.line("\tc0 = %s", g.pick("1", "1.5", "1 << 3 / 2.0", "7/2", "3 - 4", "1e-3", "0x10p-2"))
	g.line("\tc1 float64 = %s", g.pick("1 / 2", "5/2", "1/2.0", "math.Pi / 4", "c0 * 2"))
	g.line("\tc2 = c1 * %s", g.pick("2", "(1)", "-0.25", "math.Sqrt2"))
	g.line(")")
	g.line("")
	g.line("const (")
	g.line("\ti0 = iota + %d", g.rng.IntN(3))
	g.line("\ti1")
	g.line("\ti2")
	g.line(")")
	for i := range 3 {
		g.consts = append(g.consts,
			variable{fmt.Sprintf("c%d", i), float, true},
			variable{fmt.Sprintf("i%d", i), integer, true})
	}
	g.consts[0].kind = float // c0 is untyped: usable as float64
}

// limitFunc declares a function that makes any float64 a valid constant.
func (g *generator) limitFunc() {
	g.line("")
	g.line("func lim(x float64) float64 {")
	g.line("\tif !(x < 1e3) {")
	g.line("\t\treturn 1e3")
	g.line("\t}")
	g.line("\tif (x) < -1e3 && true {")
	g.line("\t\treturn -1e3")
	g.line("\t}")
	g.line("\treturn math.Trunc(x*4096) / 4096")
	g.line("}")
}

// helper declares a random function.
func (g *generator) helper() {
	h := helper{name: fmt.Sprintf("h%d", len(g.helpers))}
	for range 1 + g.rng.IntN(3) {
		h.params = append(h.params, kind(g.rng.IntN(int(kinds))))
	}
	if g.chance(30) {
		h.variadic = true
		h.params[len(h.params)-1] = []kind{float, vec, integer}[g.rng.IntN(3)]
	}
	for range 1 + g.rng.IntN(3) {
		h.results = append(h.results, []kind{float, integer, boolean, vec, floats}[g.rng.IntN(5)])
	}
	g.function(h)
	g.helpers = append(g.helpers, h)
}

// function writes a declaration; Loss has the batch as parameter.
func (g *generator) function(h helper) {
	g.push()
	g.line("")
	params := g.parameters(h)
	g.returning, g.named = h.results, nil
	g.line("func %s(%s) %s {", h.name, params, g.resultList(h.results))
	g.body(2 + g.rng.IntN(4))
	g.line("}")
	g.pop()
}

func (g *generator) parameters(h helper) string {
	if len(h.params) == 0 {
		g.declare("b", -1, true)
		return "b objective.Batch"
	}
	var out []string
	for i, k := range h.params {
		name, t := g.fresh(), typeNames[k]
		if h.variadic && i == len(h.params)-1 {
			t = "..." + t
			switch k {
			case float:
				k = floats
			case vec:
				k = vecs
			default:
				k = -1 // []int: only passed, not used
			}
		}
		g.declare(name, k, g.chance(30) || k == vecFunc || k == realFunc)
		out = append(out, name+" "+t)
	}
	return strings.Join(out, ", ")
}

// resultList writes the results of a function and declares named ones.
func (g *generator) resultList(results []kind) string {
	if g.chance(30) {
		var out []string
		for _, k := range results {
			name := g.fresh()
			g.named = append(g.named, name)
			g.declare(name, k, false)
			out = append(out, name+" "+typeNames[k])
		}
		return "(" + strings.Join(out, ", ") + ")"
	}
	if len(results) == 1 {
		return typeNames[results[0]]
	}
	var out []string
	for _, k := range results {
		out = append(out, typeNames[k])
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// body writes statements and a final return.
func (g *generator) body(statements int) {
	g.indent++
	for i, k := range g.namedKinds() {
		if k == vec { // the zero Vec may not be used
			g.line("%s = %s", g.named[i], g.source())
		}
	}
	g.statements(statements)
	g.finish()
	g.indent--
}

func (g *generator) namedKinds() []kind {
	if g.named == nil {
		return nil
	}
	return g.returning
}
