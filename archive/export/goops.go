package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/objdisco/discover/sandbox/graph"
)

// A rule says how Go computes an element-wise operation and its slopes. In the
// texts x, y and z are the operands, v the value, g the adjoint of the value, and
// k and l the constants; single letters between braces are replaced, and {-x} is the
// negative of an operand.
type rule struct {
	value  string
	slopes []string // what is added to the adjoint of each operand
}

var goRules = map[graph.Op]rule{
	graph.Add:          {"{x} + {y}", []string{"{g}", "{g}"}},
	graph.Sub:          {"{x} - {y}", []string{"{g}", "-{g}"}},
	graph.Mul:          {"{x} * {y}", []string{"{g} * {y}", "{g} * {x}"}},
	graph.Div:          {"{x} / {y}", []string{"{g} / {y}", "-{g} * {v} / {y}"}},
	graph.Max:          {"math.Max({x}, {y})", []string{"{g} * share({y}, {x})", "{g} * share({x}, {y})"}},
	graph.Min:          {"math.Min({x}, {y})", []string{"{g} * share({x}, {y})", "{g} * share({y}, {x})"}},
	graph.AddConst:     {"{x} + {k}", []string{"{g}"}},
	graph.Scale:        {"{x} * {k}", []string{"{g} * {k}"}},
	graph.PowConst:     {"math.Pow({x}, {k})", []string{"{g} * powSlope({x}, {k})"}},
	graph.Clamp:        {"math.Min(math.Max({x}, {k}), {l})", []string{"{g} * indicator({x} >= {k} && {x} <= {l})"}},
	graph.ClampMin:     {"math.Max({x}, {k})", []string{"{g} * indicator({x} >= {k})"}},
	graph.ClampMax:     {"math.Min({x}, {k})", []string{"{g} * indicator({x} <= {k})"}},
	graph.Neg:          {"-{x}", []string{"-{g}"}},
	graph.Abs:          {"math.Abs({x})", []string{"{g} * sign({x})"}},
	graph.Square:       {"{x} * {x}", []string{"{g} * 2 * {x}"}},
	graph.Sqrt:         {"math.Sqrt({x})", []string{"{g} * 0.5 / {v}"}},
	graph.Exp:          {"math.Exp({x})", []string{"{g} * {v}"}},
	graph.Expm1:        {"math.Expm1({x})", []string{"{g} * ({v} + 1)"}},
	graph.Log:          {"math.Log({x})", []string{"{g} / {x}"}},
	graph.Log1p:        {"math.Log1p({x})", []string{"{g} / (1 + {x})"}},
	graph.Sigmoid:      {"sigmoid({x})", []string{"{g} * {v} * (1 - {v})"}},
	graph.LogSigmoid:   {"-softplus({-x})", []string{"{g} * sigmoid({-x})"}},
	graph.Softplus:     {"softplus({x})", []string{"{g} * sigmoid({x})"}},
	graph.ReLU:         {"math.Max({x}, 0)", []string{"{g} * indicator(!({x} <= 0))"}},
	graph.Tanh:         {"math.Tanh({x})", []string{"{g} * (1 - {v}*{v})"}},
	graph.Erf:          {"math.Erf({x})", []string{"{g} * 2 / math.SqrtPi * math.Exp(-{x}*{x})"}},
	graph.Atan:         {"math.Atan({x})", []string{"{g} / (1 + {x}*{x})"}},
	graph.Sin:          {"math.Sin({x})", []string{"{g} * math.Cos({x})"}},
	graph.Cos:          {"math.Cos({x})", []string{"-{g} * math.Sin({x})"}},
	graph.Reciprocal:   {"1 / {x}", []string{"-{g} * {v} * {v}"}},
	graph.Detach:       {"{x}", nil},
	graph.Greater:      {"indicator({x} > {y})", nil},
	graph.Less:         {"indicator({x} < {y})", nil},
	graph.GreaterConst: {"indicator({x} > {k})", nil},
	graph.LessConst:    {"indicator({x} < {k})", nil},
	graph.Where:        {"choose({x} != 0, {y}, {z})", []string{"", "choose({x} != 0, {g}, 0)", "choose({x} != 0, 0, {g})"}},
}

// expression is the value of node i, its operands in place.
func (w *goWriter) expression(i int) expr {
	n := &w.nodes[i]
	arg := func(j int) expr { return w.values[n.args[j]] }
	if e, ok := arithmeticOf(n, arg, goNumber); ok {
		return e
	}
	switch {
	case n.op == graph.Const:
		return goNumber(n.k[0])
	case n.op.PerPairLeaf():
		return expr{text: "b." + goFields[n.op] + "[i]", prec: atom}
	case n.op.Leaf() || n.op.BatchStatistic():
		return expr{}
	}
	text, negative := strings.CutPrefix(goRules[n.op].value, "-")
	e := expr{text: w.fill(text, i, expr{}), prec: atom, negative: negative}
	switch n.op {
	case graph.Square:
		e.prec = product
	case graph.Detach:
		e = arg(0)
	}
	return e
}

// slope is what the adjoint g of node i adds to that of an operand.
func (w *goWriter) slope(text string, i int, g expr) expr {
	if n := &w.nodes[i]; n.op == graph.Scale {
		return times(g, goNumber(n.k[0]))
	}
	text, negative := strings.CutPrefix(text, "-")
	if text == "{g}" {
		g.negative = g.negative != negative
		return g
	}
	if !strings.HasPrefix(text, "{g} ") {
		return expr{text: w.fill(text, i, g), prec: atom, negative: negative}
	}
	negative = negative != g.negative
	g.negative = false
	return expr{text: w.fill(text, i, g), prec: product, negative: negative}
}

// placeholder is a letter in braces in the text of a rule.
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{-?[a-z]\}`) })

// fill replaces the letters of a rule's text for node i with adjoint g, and notes the
// helpers that the result calls.
func (w *goWriter) fill(text string, i int, g expr) string {
	n := &w.nodes[i]
	var out strings.Builder
	from := 0
	for _, at := range placeholder().FindAllStringIndex(text, -1) {
		out.WriteString(text[from:at[0]])
		from = at[1]
		letter := text[at[1]-2]
		e := g
		switch letter {
		case 'v':
			e = w.values[i]
		case 'k', 'l':
			e = goNumber(n.k[letter-'k'])
		case 'x', 'y', 'z':
			e = w.values[n.args[letter-'x']]
		}
		if text[at[0]+1] == '-' {
			e = e.neg()
		}
		switch before, after := text[:at[0]], text[at[1]:]; {
		case (strings.HasSuffix(before, "(") || strings.HasSuffix(before, ", ")) && (strings.HasPrefix(after, ")") || strings.HasPrefix(after, ",")):
			out.WriteString(e.String())
		case letter == 'k' || letter == 'l':
			out.WriteString(e.String())
		case letter == 'g' && before == "":
			out.WriteString(e.in(product))
		default:
			out.WriteString(e.in(atom))
		}
	}
	out.WriteString(text[from:])
	for name := range goHelpers {
		if strings.Contains(text, name+"(") {
			w.use(name)
		}
	}
	return out.String()
}

// reduction is the expression of a batch statistic of the slice x.
func (w *goWriter) reduction(op graph.Op, x string) string {
	call := map[graph.Op]string{
		graph.Mean: "sum(%s) / float64(n)", graph.Sum: "sum(%s)", graph.Var: "variance(%s)", graph.Std: "math.Sqrt(variance(%s))",
		graph.BatchMax: "extreme(%s, math.Max)", graph.BatchMin: "extreme(%s, math.Min)",
	}[op]
	for _, name := range []string{"sum", "variance", "extreme"} {
		if strings.Contains(call, name+"(") {
			w.use(name)
		}
	}
	return fmt.Sprintf(call, x)
}

// helpers returns the functions that the written code calls, and those they call.
func (w *goWriter) helpers() string {
	if w.used["stdSlope"] {
		w.use("varianceSlope")
	}
	if w.used["variance"] || w.used["varianceSlope"] {
		w.use("sum")
	}
	if w.used["shareExtreme"] {
		w.use("indicator")
	}
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.used)) {
		out.WriteString(goHelpers[name] + "\n")
	}
	return out.String()
}

var goHelpers = map[string]string{
	"sigmoid": `// sigmoid is the logistic function without overflow.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}
`,
	"softplus": `// softplus is log(1 + exp(x)) without overflow.
func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}
`,
	"indicator": `// indicator is 1 where the condition holds, else 0.
func indicator(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}
`,
	"choose": `// choose is a where the condition holds, else b.
func choose(condition bool, a, b float64) float64 {
	if condition {
		return a
	}
	return b
}
`,
	"share": `// share is the part of the gradient that goes to winner when it is compared with
// loser: one half at a tie.
func share(loser, winner float64) float64 {
	switch {
	case winner < loser:
		return 0
	case winner == loser:
		return 0.5
	}
	return 1
}
`,
	"sign": `// sign is the derivative of the absolute value, 0 at 0.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}
`,
	"powSlope": `// powSlope is the derivative of x to the power k.
func powSlope(x, k float64) float64 {
	if k == 0 {
		return 0
	}
	return k * math.Pow(x, k-1)
}
`,
	"sum": `func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}
`,
	"variance": `// variance is the unbiased variance, 0 for a single value.
func variance(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	mean, total := sum(x)/float64(len(x)), 0.0
	for _, v := range x {
		total += (v - mean) * (v - mean)
	}
	return total / float64(len(x)-1)
}
`,
	"varianceSlope": `// varianceSlope adds g times the derivative of the variance of x to adjoint.
func varianceSlope(x []float64, g float64, adjoint []float64) {
	if len(x) < 2 {
		return
	}
	mean := sum(x) / float64(len(x))
	for i, v := range x {
		adjoint[i] += g * 2 * (v - mean) / float64(len(x)-1)
	}
}
`,
	"stdSlope": `// stdSlope adds g times the derivative of the standard deviation y of x to adjoint;
// where y is 0 it is 0.
func stdSlope(x []float64, y, g float64, adjoint []float64) {
	if y != 0 {
		varianceSlope(x, g/(2*y), adjoint)
	}
}
`,
	"extreme": `// extreme folds pick over x.
func extreme(x []float64, pick func(a, b float64) float64) float64 {
	y := x[0]
	for _, v := range x[1:] {
		y = pick(y, v)
	}
	return y
}
`,
	"shareExtreme": `// shareExtreme adds g to the adjoints of the values of x that equal y, in equal
// parts.
func shareExtreme(x []float64, y, g float64, adjoint []float64) {
	ties := 0.0
	for _, v := range x {
		ties += indicator(v == y)
	}
	for i, v := range x {
		if v == y {
			adjoint[i] += g / ties
		}
	}
}
`,
	"addTo": `func addTo(x []float64, v float64) {
	for i := range x {
		x[i] += v
	}
}
`,
	"ascending": `// ascending returns the stable order of x, NaN last.
func ascending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch a, b := x[i], x[j]; {
		case a < b || a == a && b != b:
			return -1
		case a > b || a != a && b == b:
			return 1
		}
		return 0
	})
	return order
}
`,
}
