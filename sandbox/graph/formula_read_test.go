package graph_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// reader evaluates what Formula writes, with nothing shared but the notation.
// Values are columns of a batch.
type reader struct {
	rest  string
	names map[string][]float64
	batch *graph.Batch
}

// read evaluates a formula, the definitions after "where" first, last first.
func read(formula string, b *graph.Batch) (y []float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v in %q", r, formula)
		}
	}()
	loss, where, _ := strings.Cut(formula, " where ")
	r := &reader{batch: b, names: map[string][]float64{}}
	definitions := splitDefinitions(where)
	slices.Reverse(definitions)
	for _, d := range definitions {
		name, value, _ := strings.Cut(d, " = ")
		r.names[name] = r.whole(value)
	}
	return r.whole(loss), nil
}

// splitDefinitions splits at commas outside of parentheses.
func splitDefinitions(s string) []string {
	var parts []string
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	if s != "" {
		parts = append(parts, strings.TrimSpace(s[from:]))
	}
	return parts
}

func (r *reader) whole(s string) []float64 {
	r.rest = s
	y := r.sum()
	if r.rest != "" {
		panic("cannot read " + r.rest)
	}
	return y
}

func (r *reader) take(token string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(r.rest, " "), token)
	if ok {
		r.rest = rest
	}
	return ok
}

func (r *reader) must(token string) {
	if !r.take(token) {
		panic("want " + token + " before " + r.rest)
	}
}

func (r *reader) each(f func(i int) float64) []float64 {
	y := make([]float64, r.batch.Len())
	for i := range y {
		y[i] = f(i)
	}
	return y
}

func (r *reader) zip(a, b []float64, f func(x, y float64) float64) []float64 {
	return r.each(func(i int) float64 { return f(a[i], b[i]) })
}

func (r *reader) sum() []float64 {
	var y []float64
	if r.take("−") {
		y = r.each(func(int) float64 { return 0 })
		t := r.product()
		y = r.zip(y, t, func(a, b float64) float64 { return a - b })
	} else {
		y = r.product()
	}
	for {
		switch {
		case r.take("+ "):
			y = r.zip(y, r.product(), func(a, b float64) float64 { return a + b })
		case r.take("− "):
			y = r.zip(y, r.product(), func(a, b float64) float64 { return a - b })
		default:
			return y
		}
	}
}

func (r *reader) product() []float64 {
	y := r.power()
	for {
		switch {
		case r.take("·"):
			y = r.zip(y, r.power(), func(a, b float64) float64 { return a * b })
		case r.take("/"):
			y = r.zip(y, r.power(), func(a, b float64) float64 { return a / b })
		default:
			return y
		}
	}
}

func (r *reader) power() []float64 {
	y := r.primary()
	exponent := func(k float64) []float64 {
		return r.each(func(i int) float64 { return math.Pow(y[i], k) })
	}
	switch {
	case r.take("²"):
		return exponent(2)
	case r.take("³"):
		return exponent(3)
	case r.take("^"):
		return exponent(r.number())
	}
	return y
}

func (r *reader) number() float64 {
	s := strings.ReplaceAll(r.rest, "−", "-")
	end := 0
	for end < len(s) && (strings.ContainsRune("0123456789.e", rune(s[end])) || s[end] == '-' && (end == 0 || s[end-1] == 'e')) {
		end++
	}
	x, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		panic(err)
	}
	taken := strings.Count(s[:end], "-") * (len("−") - 1)
	r.rest = r.rest[end+taken:]
	return x
}

func (r *reader) primary() []float64 {
	b := r.batch
	difference := func(a, b []float64) []float64 { return r.zip(a, b, func(x, y float64) float64 { return x - y }) }
	chosen, rejected := difference(b.PolicyChosen, b.RefChosen), difference(b.PolicyRejected, b.RefRejected)
	for _, symbol := range []struct {
		text  string
		value []float64
	}{
		{"log π(y₊)", b.PolicyChosen}, {"log π(y₋)", b.PolicyRejected}, {"log π_ref(y₊)", b.RefChosen}, {"log π_ref(y₋)", b.RefRejected},
		{"|y₊|", b.ChosenLen}, {"|y₋|", b.RejectedLen},
		{"β", r.each(func(int) float64 { return b.Beta })},
		{"h₊", chosen}, {"h₋", rejected}, {"h", difference(chosen, rejected)},
	} {
		if r.take(symbol.text) {
			return symbol.value
		}
	}
	switch {
	case r.take("("):
		y := r.sum()
		r.must(")")
		return y
	case r.take("["):
		y := r.comparison()
		r.must("]")
		return y
	case r.take("log σ("):
		return r.call("log σ")
	case r.take("σ("):
		return r.call("σ")
	case r.rest[0] >= '0' && r.rest[0] <= '9':
		k := r.number()
		return r.each(func(int) float64 { return k })
	}
	return r.word()
}

// word reads a function, the progress t or a defined name.
func (r *reader) word() []float64 {
	end := strings.IndexFunc(r.rest, func(c rune) bool { return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') })
	if end < 0 {
		end = len(r.rest)
	}
	name := r.rest[:end]
	r.rest = r.rest[end:]
	if r.take("(") {
		return r.call(name)
	}
	if y, ok := r.names[name]; ok {
		return y
	}
	if name == "t" {
		return r.each(func(int) float64 { return r.batch.Progress })
	}
	panic(fmt.Sprintf("unknown name %q", name))
}

func (r *reader) comparison() []float64 {
	a := r.sum()
	holds := func(f func(x, y float64) bool) []float64 {
		return r.zip(a, r.sum(), func(x, y float64) float64 {
			if f(x, y) {
				return 1
			}
			return 0
		})
	}
	switch {
	case r.take("> "):
		return holds(func(x, y float64) bool { return x > y })
	case r.take("< "):
		return holds(func(x, y float64) bool { return x < y })
	}
	r.must("≠ ")
	return holds(func(x, y float64) bool { return x != y })
}

// functions of one number.
var functions = map[string]func(float64) float64{
	"σ": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, "log σ": func(x float64) float64 { return -math.Log1p(math.Exp(-x)) },
	"exp": math.Exp, "log": math.Log, "relu": func(x float64) float64 { return math.Max(x, 0) }, "abs": math.Abs, "sqrt": math.Sqrt,
	"tanh": math.Tanh, "erf": math.Erf, "atan": math.Atan, "sin": math.Sin, "cos": math.Cos, "detach": func(x float64) float64 { return x },
}

// call evaluates a function up to its closing parenthesis.
func (r *reader) call(name string) []float64 {
	if name == "where" {
		mask := r.comparison()
		r.must(", ")
		a := r.sum()
		r.must(", ")
		b := r.sum()
		r.must(")")
		return r.each(func(i int) float64 {
			if mask[i] != 0 {
				return a[i]
			}
			return b[i]
		})
	}
	args := [][]float64{r.sum()}
	for r.take(", ") {
		args = append(args, r.sum())
	}
	r.must(")")
	if f, ok := functions[name]; ok {
		return r.each(func(i int) float64 { return f(args[0][i]) })
	}
	switch name {
	case "max":
		return r.zip(args[0], args[1], math.Max)
	case "min":
		return r.zip(args[0], args[1], math.Min)
	case "clamp":
		return r.each(func(i int) float64 { return math.Min(math.Max(args[0][i], args[1][i]), args[2][i]) })
	case "sort":
		return slices.Sorted(slices.Values(args[0]))
	}
	statistic := statistics(args[0])[name]
	return r.each(func(int) float64 { return statistic })
}

func statistics(v []float64) map[string]float64 {
	sum, squares := 0.0, 0.0
	for _, x := range v {
		sum += x
	}
	mean := sum / float64(len(v))
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	variance := squares / float64(len(v)-1)
	return map[string]float64{
		"mean": mean, "sum": sum, "var": variance, "std": math.Sqrt(variance), "batch_max": slices.Max(v), "batch_min": slices.Min(v),
	}
}
