package graph_test

import (
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// element is a node of MathML.
type element struct {
	XMLName  xml.Name
	Form     string    `xml:"form,attr"`
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// arity is how many children the elements have whose children differ in meaning.
var arity = map[string]int{"mfrac": 2, "msup": 2, "msub": 2}

// text writes MathML as Formula would, so that its reader can evaluate it.
func (e element) text() string {
	name := e.XMLName.Local
	if want, ok := arity[name]; ok && want != len(e.Children) {
		panic(fmt.Sprintf("%s has %d children", name, len(e.Children)))
	}
	if len(e.Children) > 0 && strings.TrimSpace(e.Text) != "" {
		panic("text between elements: " + e.Text)
	}
	parts := make([]string, len(e.Children))
	for i, c := range e.Children {
		parts[i] = c.text()
		if sign, ok := strings.CutPrefix(parts[i], " − "); ok && i == 0 && c.Form != "infix" {
			parts[i] = "−" + sign // not a difference
		}
	}
	all := strings.Join(parts, "")
	switch name {
	case "mrow", "math":
		switch {
		case len(parts) == 3 && parts[0] == "|" && !strings.HasPrefix(parts[1], "y"):
			return "abs(" + parts[1] + ")"
		case strings.HasPrefix(all, "max(0, "):
			return "relu(" + strings.TrimPrefix(all, "max(0, ")
		case all == "logσ" || strings.HasPrefix(all, "logπ"):
			return strings.Replace(all, "log", "log ", 1)
		}
		return all
	case "mn":
		return e.Text
	case "mi", "mo":
		return symbols.Replace(e.Text)
	case "mfrac":
		return "((" + parts[0] + ")/(" + parts[1] + "))"
	case "msup":
		if parts[0] == "10" {
			return strconv.FormatFloat(math.Pow10(number(parts[1])), 'f', -1, 64)
		}
		return "(" + parts[0] + ")^" + parts[1]
	case "msub":
		return strings.NewReplacer(" + ", "₊", " − ", "₋", "πref", "π_ref").Replace(all)
	case "msqrt":
		return "sqrt(" + all + ")"
	case "mtable":
		cell := func(row, column, child int) string { return e.Children[row].Children[column].Children[child].text() }
		return "where(" + cell(0, 1, 1) + ", " + cell(0, 0, 0) + ", " + cell(1, 0, 0) + ")"
	case "mtr", "mtd", "mtext":
		return ""
	}
	panic("unknown element " + name)
}

func number(s string) int {
	n, err := strconv.Atoi(strings.Replace(s, "−", "-", 1))
	if err != nil {
		panic(err)
	}
	return n
}

// symbols are letters and signs as Formula writes them.
var symbols = strings.NewReplacer("τ", "tau", "λ", "lambda", "ε", "epsilon", "α", "alpha", "γ", "gamma", "δ", "delta", "μ", "mu", "θ", "theta",
	"+", " + ", "−", " − ", "\u2061", "", "\u2062", "·", ",", ", ", "{", "",
	"=", " = ", ">", " > ", "<", " < ", "≠", " ≠ ")

// asText reads MathML as one formula.
func asText(equations []graph.Equation) (formula string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v in %q", r, equations)
		}
	}()
	var lines []string
	for _, equation := range equations {
		line := ""
		for _, part := range equation {
			var e element
			if err := xml.Unmarshal([]byte("<math>"+part+"</math>"), &e); err != nil {
				return "", fmt.Errorf("%w in %s", err, part)
			}
			line += e.text()
		}
		lines = append(lines, line)
	}
	formula = strings.TrimPrefix(lines[0], "ℓ = ")
	if len(lines) > 1 {
		formula += " where " + strings.Join(lines[1:], ", ")
	}
	return formula, nil
}

// What MathML writes is what the graph computes.
func TestMathMLSaysWhatItComputes(t *testing.T) {
	losses := map[string]func(batch) vec{
		"small": func(b batch) vec { return b.Margin().Scale(1e-5).Mul(b.Progress).Sub(b.Margin().PowConst(1.5)) },
		"where": func(b batch) vec {
			return objective.Where(b.Margin().GreaterConst(0), b.Margin().Neg().AddConst(-1), b.Margin().Abs().Sqrt())
		},
		"many names": func(b batch) vec {
			x := bh(b)
			for range 9 {
				x = x.Sin().Mul(x.Cos()).Add(x.Tanh())
			}
			return x.Mul(b.ChosenLen).Add(b.PolicyChosen).Sub(b.RefRejected.Mul(param("lambda", 2)))
		},
		"long term":    nested,
		"long product": longProduct,
	}
	for _, e := range catalog.All() {
		losses[e.Name] = e.Loss
	}
	for _, r := range rewritings {
		losses[r.what] = r.loss
	}
	for name, loss := range losses {
		g := trace(t, loss)
		formula, err := asText(graph.MathML(g))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		says(t, g, formula)
	}
}

// Summands are apart, so that a page can break a line between them, and what a
// candidate calls its parameters is text.
func TestMathMLOfASum(t *testing.T) {
	got := graph.MathML(trace(t, func(b batch) vec {
		return b.LogRatioRejected().Mul(param("a_b", 2)).Sub(bh(b).Sigmoid()).AddConst(.5)
	}))
	want := []graph.Equation{
		{
			`<mi>ℓ</mi><mo>=</mo><mrow><mrow><mi mathvariant="normal">a_b</mi><mo lspace="0.08em" rspace="0.08em">` + "\u2062" + `</mo><msub><mi>h</mi><mo>−</mo></msub></mrow></mrow>`,
			`<mo form="infix">−</mo> <mrow><mi>σ</mi><mo>` + "\u2061" + `</mo><mrow><mo form="prefix" stretchy="false">(</mo><mrow><mrow><mrow><mi>β</mi><mo lspace="0.08em" rspace="0.08em">` + "\u2062" + `</mo><mi>h</mi></mrow></mrow></mrow><mo form="postfix" stretchy="false">)</mo></mrow></mrow>`,
			`<mo form="infix">+</mo><mn>0.5</mn>`,
		},
		{`<mi mathvariant="normal">a_b</mi><mo>=</mo><mrow><mn>2</mn></mrow>`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// nested is one term as long as its nesting is deep.
func nested(b batch) vec {
	x := bh(b)
	for i := range 20 {
		x = x.Scale(float64(i + 2)).Tanh()
	}
	return x
}

// longProduct is one term of many factors, two of them the same up to sign.
func longProduct(b batch) vec {
	x := bh(b)
	blend := x.Sigmoid().Mul(x.Exp()).Add(x.Scale(2).Tanh()).AddConst(-.25)
	return blend.Neg().Sin().Mul(blend.Exp()).Mul(x.Square().Sub(b.LogRatioChosen()).Tanh()).
		Mul(x.AddConst(3).Abs().Sub(b.LogRatioRejected().Scale(.035)).Atan()).Sub(x)
}

// A term that is wider than a line has its arguments named.
func TestMathMLFitsIntoLines(t *testing.T) {
	shown := regexp.MustCompile(`<[^>]*>`)
	for name, loss := range map[string]func(batch) vec{"nested": nested, "long product": longProduct} {
		equations := graph.MathML(trace(t, loss))
		if len(equations) < 2 {
			t.Errorf("%s: no names in %q", name, equations)
		}
		for _, equation := range equations {
			for _, part := range equation {
				if n := utf8.RuneCountInString(shown.ReplaceAllString(part, "")); n > 70 {
					t.Errorf("%s: %d letters and signs in %s", name, n, part)
				}
			}
		}
	}
}

// A formula that is too large to write out is left out in every notation.
func TestTooLargeFormulas(t *testing.T) {
	g := trace(t, func(b batch) vec {
		x := b.Margin()
		for i := range 300 {
			x = x.Add(x.Scale(float64(i + 2)).Sin())
		}
		return x
	})
	for _, got := range []string{graph.Formula(g), strings.Join(graph.LaTeX(g), ""), fmt.Sprint(graph.MathML(g))} {
		if !strings.Contains(got, "operations)") {
			t.Errorf("%.100s is written out", got)
		}
	}
}

// LaTeX has names for as many sub-expressions as there are.
func TestLaTeXOfManyNames(t *testing.T) {
	lines := graph.LaTeX(trace(t, func(b batch) vec {
		x := bh(b)
		for range 9 {
			x = x.Sin().Mul(x.Cos()).Add(x.Tanh())
		}
		return x
	}))
	if all := strings.Join(lines, "\n"); !strings.Contains(all, "\nu_{1} = ") {
		t.Errorf("no fifth name in\n%s", all)
	}
}
