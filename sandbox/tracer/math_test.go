package tracer

import (
	"fmt"
	"math"
	"reflect"
	"testing"
)

// unary and binary are the functions of package math by their names, listed
// once more so that a wrong entry of the symbol table shows.
var (
	unary = map[string]func(float64) float64{
		"Abs": math.Abs, "Acos": math.Acos, "Asin": math.Asin, "Atan": math.Atan, "Cbrt": math.Cbrt, "Ceil": math.Ceil,
		"Cos": math.Cos, "Cosh": math.Cosh, "Erf": math.Erf, "Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1,
		"Floor": math.Floor, "Log": math.Log, "Log10": math.Log10, "Log1p": math.Log1p, "Log2": math.Log2,
		"Round": math.Round, "Sin": math.Sin, "Sinh": math.Sinh, "Sqrt": math.Sqrt, "Tan": math.Tan, "Tanh": math.Tanh,
		"Trunc": math.Trunc,
	}
	binary = map[string]func(x, y float64) float64{
		"Atan2": math.Atan2, "Hypot": math.Hypot, "Max": math.Max, "Min": math.Min, "Mod": math.Mod, "Pow": math.Pow,
	}
	points = []float64{-3.7, -1, -0.6, math.Copysign(0, -1), 0.3, 0.5, 0.9, 1, 2.5, 11.2}
)

// TestMathSymbols holds every function that the interpreter offers under a name
// against the function of that name, by its values.
func TestMathSymbols(t *testing.T) {
	if len(mathSymbols) != len(unary)+len(binary) {
		t.Errorf("%d functions, %d known to this test", len(mathSymbols), len(unary)+len(binary))
	}
	for name, symbol := range mathSymbols {
		if want, ok := unary[name]; ok {
			got := symbol.Interface().(func(float64) float64)
			for _, x := range points {
				same(t, fmt.Sprintf("%s(%v)", name, x), got(x), want(x))
			}
			continue
		}
		want, ok := binary[name]
		if !ok {
			t.Errorf("%s is not known to this test", name)
			continue
		}
		got := symbol.Interface().(func(x, y float64) float64)
		for i, x := range points {
			y := points[(i*3+1)%len(points)]
			same(t, fmt.Sprintf("%s(%v, %v)", name, x, y), got(x, y), want(x, y))
		}
	}
}

// TestMathPointsTellApart checks that no two functions agree on all points, so
// that TestMathSymbols sees one in place of another.
func TestMathPointsTellApart(t *testing.T) {
	for a, f := range unary {
		for b, g := range unary {
			if a < b && reflect.DeepEqual(bits(f), bits(g)) {
				t.Errorf("%s and %s have the same values", a, b)
			}
		}
	}
}

func bits(f func(float64) float64) []uint64 {
	var out []uint64
	for _, x := range points {
		out = append(out, math.Float64bits(f(x)))
	}
	return out
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
