package kernel

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// calls holds one call of every exported kernel, on n columns and rows rows, with
// operands from fresh.
func calls(rows, n int, fresh func(n int) []float32, index []int32) map[string]func() {
	a, b, c, d := fresh(rows*n), fresh(rows*n), fresh(rows*n), fresh(rows*n)
	x, y, z, w := Dense(rows, n, a), Dense(rows, n, b), Dense(rows, n, c), Dense(rows, n, d)
	perRow, row, square, tall := fresh(rows), fresh(n), Dense(n, n, fresh(n*n)), Dense(n, rows, fresh(rows*n))
	look := func(m Matrix) Lookup { return Lookup{m, NewIndex(index)} }
	adam := Adam{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Correction1: 0.1, Correction2: 0.001, GradScale: 1}
	return map[string]func(){
		"Gemm":              func() { Gemm(x, y, square) },
		"Gemm transposed":   func() { Gemm(square, y.T(), z) },
		"GemmAdd":           func() { GemmAdd(x, y, square) },
		"GemmBias":          func() { GemmBias(x, y, square, row) },
		"Transpose":         func() { Transpose(tall, x) },
		"Exp":               func() { Exp(a, b) },
		"Log":               func() { Log(a, b) },
		"Tanh":              func() { Tanh(a, b) },
		"TanhBackward":      func() { TanhBackward(a, b) },
		"Add":               func() { Add(a, b, c) },
		"Sub":               func() { Sub(a, b, c) },
		"Axpy":              func() { Axpy(a, 0.5, b) },
		"Scale":             func() { Scale(a, 0.5) },
		"LogSoftmax":        func() { LogSoftmax(x, y, perRow) },
		"LogSoftmax, alone": func() { LogSoftmax(x, x, nil) },
		"SoftmaxBackward":   func() { SoftmaxBackward(x, y, perRow) },
		"Dot":               func() { Dot(a, b) },
		"SumSquares":        func() { SumSquares(a) },
		"RowDots":           func() { RowDots(perRow, x, y) },
		"AddColumnSums":     func() { AddColumnSums(row, x) },
		"GatherTanh":        func() { GatherTanh(x, look(y), look(z), look(w)) },
		"ScatterAdd":        func() { ScatterAdd(look(x), y) },
		"Adam":              func() { adam.Step(a, b, c, d) },
	}
}

// rowsOf returns an index of so many rows, backwards.
func rowsOf(rows int) []int32 {
	index := make([]int32, rows)
	for i := range index {
		index[i] = int32(rows - 1 - i)
	}
	return index
}

func TestNoAllocation(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 1))
		fresh := func(n int) []float32 { return random(rng, n) }
		for name, call := range calls(70, 53, fresh, rowsOf(70)) {
			if n := testing.AllocsPerRun(5, call); n != 0 {
				t.Errorf("%s allocates %v times", name, n)
			}
		}
	})
}

func TestDeterministic(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		run := func() (all []float32) {
			rng := rand.New(rand.NewPCG(2, 2))
			var operands [][]float32
			fresh := func(n int) []float32 {
				operands = append(operands, random(rng, n))
				return operands[len(operands)-1]
			}
			set := calls(70, 53, fresh, rowsOf(70))
			for _, name := range slices.Sorted(maps.Keys(set)) {
				set[name]()
			}
			return slices.Concat(operands...)
		}
		if first := run(); !slices.EqualFunc(first, run(), func(a, b float32) bool { return a == b || a != a && b != b }) {
			t.Error("the same calls gave two results")
		}
	})
}

// TestWrongExtentsPanic: every operand that is one element or row short or long,
// and every index outside its table, must be caught before the assembly.
func TestWrongExtentsPanic(t *testing.T) {
	five, six := make([]float32, 5), make([]float32, 6)
	m23, m32, m22 := Dense(2, 3, six), Dense(3, 2, six), Dense(2, 2, six)
	short := Matrix{Rows: 2, Cols: 3, RowStride: 3, ColStride: 1, Data: five}
	holes := Matrix{Rows: 2, Cols: 3, RowStride: 1, ColStride: 2, Data: six}
	negative := Matrix{Rows: 2, Cols: 3, RowStride: -3, ColStride: 1, Data: six}
	good := Lookup{m23, NewIndex([]int32{0, 1})}
	for name, call := range map[string]func(){
		"Exp":                     func() { Exp(five, six) },
		"Log":                     func() { Log(six, five) },
		"Tanh":                    func() { Tanh(five, six) },
		"TanhBackward":            func() { TanhBackward(six, five) },
		"Add, first":              func() { Add(six, five, six) },
		"Add, second":             func() { Add(six, six, five) },
		"Sub":                     func() { Sub(six, six, five) },
		"Axpy":                    func() { Axpy(five, 1, six) },
		"Dot":                     func() { Dot(five, six) },
		"Gemm, inner":             func() { Gemm(m22, m23, m23) },
		"Gemm, outer":             func() { Gemm(m23, m23, m32) },
		"Gemm, short a":           func() { Gemm(m22, short, m32) },
		"Gemm, short c":           func() { Gemm(short, m22, m23) },
		"Gemm, b not contiguous":  func() { Gemm(m23, m22, holes) },
		"Gemm, c not contiguous":  func() { Gemm(holes, m22, m23) },
		"Gemm, negative stride":   func() { Gemm(m22, negative, m32) },
		"GemmBias":                func() { GemmBias(m22, m23, m32, five) },
		"Transpose":               func() { Transpose(m23, m23) },
		"LogSoftmax, shape":       func() { LogSoftmax(m23, m32, nil) },
		"LogSoftmax, lse":         func() { LogSoftmax(m23, m23, five) },
		"LogSoftmax, short":       func() { LogSoftmax(m23, short, nil) },
		"SoftmaxBackward, shape":  func() { SoftmaxBackward(m23, m32, six[:2]) },
		"SoftmaxBackward, weight": func() { SoftmaxBackward(m23, m23, six[:1]) },
		"RowDots, shape":          func() { RowDots(six[:2], m23, m22) },
		"RowDots, dst":            func() { RowDots(six[:3], m23, m23) },
		"AddColumnSums":           func() { AddColumnSums(six[:2], m23) },
		"GatherTanh, width":       func() { GatherTanh(m23, good, Lookup{m22, good.Index}, good) },
		"GatherTanh, examples":    func() { GatherTanh(m23, good, good, Lookup{m23, good.Index.Slice(0, 1)}) },
		"GatherTanh, index":       func() { GatherTanh(m23, Lookup{m23, NewIndex([]int32{0, 2})}, good, good) },
		"NewIndex, negative":      func() { NewIndex([]int32{0, -1}) },
		"ScatterAdd, width":       func() { ScatterAdd(Lookup{m22, good.Index}, m23) },
		"Adam":                    func() { Adam{}.Step(six, six, six, five) },
		"Row":                     func() { m23.T().Row(0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "kernel: ") {
					t.Errorf("panic value %q, want one of this package", text)
				}
			}()
			call()
		})
	}
}
