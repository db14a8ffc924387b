package graph

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// plainText is the notation of Formula.
var plainText = notation{
	leaves: map[Op]string{
		PolicyChosen: "log π(y₊)", PolicyRejected: "log π(y₋)", RefChosen: "log π_ref(y₊)", RefRejected: "log π_ref(y₋)",
		ChosenLen: "|y₊|", RejectedLen: "|y₋|", Beta: "β", Progress: "t",
	},
	margin:   [3]string{"h", "h₊", "h₋"},
	names:    []string{"u", "v", "w", "z"},
	name:     textName,
	plus:     " + ",
	minus:    "−",
	number:   textNumber,
	param:    func(name string) string { return name },
	paren:    func(s string) string { return "(" + s + ")" },
	product:  func(factors []string) string { return strings.Join(factors, "·") },
	fraction: textFraction,
	compare:  func(op Op, a, b string) string { return a + comparison[op] + b },
	mask:     func(s string) string { return "[" + s + "]" },
	call:     textCall,
	omitted:  func(n int) string { return fmt.Sprintf("… (%d operations)", n) },
	power: func(base string, k float64) string {
		switch k {
		case 2:
			return base + "²"
		case 3:
			return base + "³"
		}
		return base + "^" + textNumber(k)
	},
}

func textName(base string, index int) string {
	if index == 0 {
		return base
	}
	return base + strconv.Itoa(index)
}

// comparison is how masks read; Invalid stands for "is not".
var comparison = [opCount]string{Greater: " > ", Less: " < ", Invalid: " ≠ "}

func textFraction(above, below []operand) string {
	denominator := below[0].text
	if len(below) > 1 {
		denominator = "(" + strings.Join(texts(below), "·") + ")"
	}
	return strings.Join(texts(above), "·") + "/" + denominator
}

// textNumber writes six digits.
func textNumber(x float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(x, 'g', 6, 64), "-", "−")
}

func textCall(op Op, args []string) string {
	switch op {
	case Sigmoid:
		return "σ(" + args[0] + ")"
	case LogSigmoid:
		return "log σ(" + args[0] + ")"
	}
	return op.String() + "(" + strings.Join(args, ", ") + ")"
}

// latex is the notation of LaTeX.
var latex = notation{
	leaves: map[Op]string{
		PolicyChosen: `\log\pi(y_{+})`, PolicyRejected: `\log\pi(y_{-})`,
		RefChosen: `\log\pi_{\mathrm{ref}}(y_{+})`, RefRejected: `\log\pi_{\mathrm{ref}}(y_{-})`,
		ChosenLen: `|y_{+}|`, RejectedLen: `|y_{-}|`, Beta: `\beta`, Progress: "t",
	},
	margin:  [3]string{"h", "h_{+}", "h_{-}"},
	names:   []string{"u", "v", "w", "z"},
	name:    latexName,
	plus:    " + ",
	minus:   "-",
	number:  latexNumber,
	param:   latexParam,
	paren:   latexParen,
	product: latexProduct,
	fraction: func(above, below []operand) string {
		return `\frac{` + latexSide(above) + "}{" + latexSide(below) + "}"
	},
	power: func(base string, k float64) string { return base + "^{" + latexNumber(k) + "}" },
	compare: func(op Op, a, b string) string {
		return a + strings.ReplaceAll(comparison[op], "≠", `\neq`) + b
	},
	mask: func(s string) string { return `\mathbf{1}[` + s + "]" },
	call: latexCall,
	omitted: func(n int) string {
		return fmt.Sprintf(`\ldots\quad\text{(%d operations)}`, n)
	},
}

func latexName(base string, index int) string {
	if index == 0 {
		return base
	}
	return base + "_{" + strconv.Itoa(index) + "}"
}

func latexNumber(x float64) string {
	mantissa, exponent, scientific := strings.Cut(strconv.FormatFloat(x, 'g', 6, 64), "e")
	switch {
	case math.IsInf(x, 0) || math.IsNaN(x):
		return `\mathrm{` + mantissa + "}"
	case !scientific:
		return mantissa
	}
	e, _ := strconv.Atoi(exponent)
	return mantissa + ` \cdot 10^{` + strconv.Itoa(e) + "}"
}

// greek lists the parameter names that are Greek letters.
const greek = " alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega "

func latexParam(name string) string {
	if strings.Contains(greek, " "+name+" ") {
		return `\` + name
	}
	return `\mathrm{` + strings.ReplaceAll(name, "_", `\_`) + "}"
}

func latexParen(s string) string { return `\left(` + s + `\right)` }

// latexProduct puts a dot before digits and a thin space after words.
func latexProduct(factors []string) string {
	s := factors[0]
	for i, f := range factors[1:] {
		switch {
		case f[0] >= '0' && f[0] <= '9':
			s += ` \cdot `
		case strings.HasPrefix(factors[i], `\mathrm`):
			s += `\, `
		default:
			s += " "
		}
		s += f
	}
	return s
}

// latexSide writes one side of a fraction, which needs no parentheses.
func latexSide(factors []operand) string {
	if len(factors) == 1 {
		return factors[0].alone
	}
	return latexProduct(texts(factors))
}

// latexFunctions are the functions with a command of their own.
var latexFunctions = [opCount]string{
	Sigmoid: `\sigma`, LogSigmoid: `\log\sigma`, Exp: `\exp`, Log: `\log`, Tanh: `\tanh`, Atan: `\arctan`, Sin: `\sin`, Cos: `\cos`,
	Max: `\max`, Min: `\min`, Detach: `\operatorname{sg}`,
}

func latexCall(op Op, args []string) string {
	switch op {
	case Sqrt:
		return `\sqrt{` + args[0] + "}"
	case Abs:
		return `\left|` + args[0] + `\right|`
	case ReLU:
		return `\max\left(0,\, ` + args[0] + `\right)`
	case Where:
		return `\begin{cases} ` + args[1] + ` & \text{if } ` + args[0] + ` \\ ` + args[2] + ` & \text{otherwise} \end{cases}`
	}
	name := latexFunctions[op]
	if name == "" {
		name = `\operatorname{` + strings.ReplaceAll(op.String(), "_", `\_`) + "}"
	}
	return name + latexParen(strings.Join(args, `,\, `))
}
