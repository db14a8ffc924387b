package graph

import (
	"html"
	"strconv"
	"strings"
)

// Equation is what a name of a formula stands for, in presentation MathML: the
// content of math elements, between which a line may be broken.
type Equation []string

// MathML returns the formula as equations: that of the loss ℓ first, then those of
// its named sub-expressions and parameters. It says what Formula says, with the
// functions that have a notation of their own written in it, and with further names
// where a term would be wider than a line. The graph must be valid.
func MathML(g *Graph) []Equation {
	var equations []Equation
	for i, l := range write(g, mathML) {
		if i == 0 {
			l.name = mathWord("ℓ")
		}
		parts := summands(l.value)
		parts[0] = l.name + mathOperator("=") + mathRow(parts[0])
		equations = append(equations, parts)
	}
	return equations
}

// summands cuts a row before each sign outside of all elements, but the first.
func summands(row string) Equation {
	var parts Equation
	depth, from := 0, 0
	for i := range row {
		if row[i] != '<' {
			continue
		}
		if row[i+1] == '/' {
			depth--
			continue
		}
		if sign := strings.HasPrefix(row[i:], mathML.plus) || strings.HasPrefix(row[i:], mathML.minus); sign && depth == 0 && i > 0 {
			parts, from = append(parts, strings.TrimSpace(row[from:i])), i
		}
		depth++
	}
	parts = append(parts, row[from:])
	for i, part := range parts[1:] { // a sign that begins a row would stand before a number
		parts[i+1] = strings.Replace(part, "<mo>", `<mo form="infix">`, 1)
	}
	return parts
}

// mathML is the notation of MathML.
var mathML = notation{
	leaves: map[Op]string{
		PolicyChosen: logProbability(mathWord("π"), "+"), PolicyRejected: logProbability(mathWord("π"), "−"),
		RefChosen: logProbability(mathIndexed(mathWord("π"), mathWord("ref")), "+"), RefRejected: logProbability(mathIndexed(mathWord("π"), mathWord("ref")), "−"),
		ChosenLen: mathFence("|", mathIndexed(mathWord("y"), mathOperator("+")), "|"), RejectedLen: mathFence("|", mathIndexed(mathWord("y"), mathOperator("−")), "|"),
		Beta: mathWord("β"), Progress: mathWord("t"),
	},
	margin:   [3]string{mathWord("h"), mathIndexed(mathWord("h"), mathOperator("+")), mathIndexed(mathWord("h"), mathOperator("−"))},
	names:    []string{"u", "v", "w", "z"},
	name:     mathName,
	plus:     mathOperator("+"),
	minus:    mathOperator("−"),
	number:   mathNumber,
	param:    mathParam,
	paren:    func(s string) string { return mathFence("(", s, ")") },
	product:  mathProduct,
	fraction: func(above, below []operand) string { return "<mfrac>" + mathSide(above) + mathSide(below) + "</mfrac>" },
	power: func(base string, k float64) string {
		return "<msup>" + mathRow(base) + mathRow(mathNumber(k)) + "</msup>"
	},
	compare: func(op Op, a, b string) string {
		return mathRow(mathRow(a) + mathOperator(strings.TrimSpace(comparison[op])) + mathRow(b))
	},
	mask: func(s string) string { return mathFence("[", s, "]") },
	call: mathCall,
	wide: mathWide,
	omitted: func(n int) string {
		return "<mtext>… (" + strconv.Itoa(n) + " operations)</mtext>"
	},
}

// mathRoom is how many letters and signs a term has at most before its largest
// arguments get names: somewhat less than a line of print.
const mathRoom = 60

// mathWide counts what is shown of a term.
func mathWide(term string) bool {
	shown, tag := 0, false
	for _, r := range term {
		switch {
		case r == '<' || r == '>':
			tag = r == '<'
		case !tag && r != ' ':
			shown++
		}
	}
	return shown > mathRoom
}

func mathWord(s string) string     { return "<mi>" + html.EscapeString(s) + "</mi>" }
func mathOperator(s string) string { return "<mo>" + html.EscapeString(s) + "</mo>" }
func mathRow(s string) string      { return "<mrow>" + s + "</mrow>" }

// mathFence puts s between signs, which grow only with what is taller than a line:
// browsers leave wide gaps around those that may grow.
func mathFence(left, s, right string) string {
	stretchy := "false"
	if strings.Contains(s, "<mfrac>") || strings.Contains(s, "<mtable>") || strings.Contains(s, "<msqrt>") {
		stretchy = "true"
	}
	return mathRow(`<mo form="prefix" stretchy="` + stretchy + `">` + left + "</mo>" + mathRow(s) + `<mo form="postfix" stretchy="` + stretchy + `">` + right + "</mo>")
}

func mathIndexed(base, index string) string { return "<msub>" + base + index + "</msub>" }

func logProbability(policy, sign string) string {
	return mathLog(mathRow(policy + mathFence("(", mathIndexed(mathWord("y"), mathOperator(sign)), ")")))
}

// mathLog is the logarithm of what has no parentheses.
func mathLog(of string) string {
	return mathRow(mathWord("log") + "<mo lspace=\"0.17em\" rspace=\"0\">\u2061</mo>" + of)
}

// mathApplied is a function, invisibly applied.
func mathApplied(function, argument string) string {
	return mathRow(function + "<mo>\u2061</mo>" + argument)
}

func mathName(base string, index int) string {
	if index == 0 {
		return mathWord(base)
	}
	return mathIndexed(mathWord(base), "<mn>"+strconv.Itoa(index)+"</mn>")
}

func mathNumber(x float64) string {
	mantissa, exponent, scientific := strings.Cut(textNumber(x), "e")
	if !scientific {
		return "<mn>" + mantissa + "</mn>"
	}
	power := strings.Replace(strings.TrimLeft(exponent, "+0"), "−0", "−", 1)
	return mathRow("<mn>" + mantissa + "</mn>" + mathOperator("·") + "<msup><mn>10</mn><mn>" + power + "</mn></msup>")
}

// greekLetters are the parameter names that are written as letters. Those that
// formulas use otherwise are not among them.
var greekLetters = [...][2]string{
	{"alpha", "α"}, {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"}, {"eta", "η"}, {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"},
	{"mu", "μ"}, {"nu", "ν"}, {"xi", "ξ"}, {"rho", "ρ"}, {"tau", "τ"}, {"phi", "φ"}, {"chi", "χ"}, {"psi", "ψ"}, {"omega", "ω"},
}

// mathParam writes a parameter upright, where a single letter would look like a
// name of the formula.
func mathParam(name string) string {
	for _, g := range greekLetters {
		if g[0] == name {
			return mathWord(g[1])
		}
	}
	return `<mi mathvariant="normal">` + html.EscapeString(name) + "</mi>"
}

// mathProduct puts a dot before digits and a thin space between other factors.
func mathProduct(factors []string) string {
	s := factors[0]
	for _, f := range factors[1:] {
		if strings.HasPrefix(f, "<mn>") {
			s += mathOperator("·") + f
		} else {
			s += "<mo lspace=\"0.08em\" rspace=\"0.08em\">\u2062</mo>" + f
		}
	}
	return mathRow(s)
}

// mathSide writes one side of a fraction, which needs no parentheses.
func mathSide(factors []operand) string {
	if len(factors) == 1 {
		return mathRow(factors[0].alone)
	}
	return mathProduct(texts(factors))
}

func mathCall(op Op, args []string) string {
	function := mathWord(op.String())
	switch op {
	case Sqrt:
		return "<msqrt>" + args[0] + "</msqrt>"
	case Abs:
		return mathFence("|", args[0], "|")
	case Where:
		row := func(value, condition string) string {
			return "<mtr><mtd>" + mathRow(value) + "</mtd><mtd><mtext>\u2002" + condition + "</mtd></mtr>"
		}
		return mathRow(`<mo form="prefix">{</mo><mtable>` + row(args[1], "if\u2002</mtext>"+mathRow(args[0])) + row(args[2], "otherwise</mtext>") + "</mtable>")
	case ReLU:
		function, args = mathWord("max"), []string{"<mn>0</mn>", args[0]}
	case Sigmoid:
		function = mathWord("σ")
	case LogSigmoid:
		function = mathLog(mathWord("σ"))
	}
	rows := make([]string, len(args))
	for i, arg := range args {
		rows[i] = mathRow(arg)
	}
	return mathApplied(function, mathFence("(", strings.Join(rows, mathOperator(",")), ")"))
}
