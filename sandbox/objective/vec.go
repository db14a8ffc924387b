// Package objective is what a candidate loss sees: symbolic vectors over a batch
// of preference pairs and the operations on them.
//
// No number ever reaches a candidate. Its Loss receives a Batch of symbols and
// returns the symbol of the loss per pair; Trace records the operations between
// them as a graph.Graph. Operations carry PyTorch's names and, at kinks, its
// sub-gradients. A misuse that only shows while tracing (an empty vector, a
// constant that is not finite) panics with *TraceError, which Trace returns.
package objective

import (
	"fmt"
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// Vec is a symbolic vector: one value per preference pair, or a scalar that
// broadcasts. It is immutable. The zero Vec is empty and may not be used.
type Vec struct{ node *node }

// node is one operation of the expression that a Vec stands for.
type node struct {
	op      graph.Op
	args    [3]*node
	k       []float64
	name    string
	perPair bool
	depth   int
}

// TraceError says what a candidate did that has no meaning as an expression.
type TraceError struct {
	Reason string
	At     Vec // what it is about; empty if that is the operation that runs
}

func (e *TraceError) Error() string { return e.Reason }

func fail(format string, args ...any) {
	panic(&TraceError{Reason: fmt.Sprintf(format, args...)})
}

func leaf(op graph.Op) Vec {
	return Vec{&node{op: op, perPair: op.PerPairLeaf(), depth: 1}}
}

// apply records op on operands with constants k.
func apply(op graph.Op, k []float64, operands ...Vec) Vec {
	n := &node{op: op, k: k}
	for i, v := range operands {
		if v.node == nil {
			fail("%s is applied to an empty Vec: every Vec must come from the batch, Const, Param or an operation", op)
		}
		n.args[i] = v.node
		n.perPair = n.perPair || v.node.perPair
		n.depth = max(n.depth, v.node.depth)
	}
	for _, c := range k {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			fail("%s has the constant %v: constants must be finite", op, c)
		}
	}
	n.perPair = n.perPair && !op.Reduces()
	if n.depth++; n.depth > graph.MaxNodes {
		fail("the expression is more than %d operations deep", graph.MaxNodes)
	}
	return Vec{n}
}

// Add returns v + w.
func (v Vec) Add(w Vec) Vec { return apply(graph.Add, nil, v, w) }

// Sub returns v − w.
func (v Vec) Sub(w Vec) Vec { return apply(graph.Sub, nil, v, w) }

// Mul returns v · w, pair by pair.
func (v Vec) Mul(w Vec) Vec { return apply(graph.Mul, nil, v, w) }

// Div returns v / w, pair by pair.
func (v Vec) Div(w Vec) Vec { return apply(graph.Div, nil, v, w) }

// Max returns the larger of v and w; at a tie each has half the gradient.
func (v Vec) Max(w Vec) Vec { return apply(graph.Max, nil, v, w) }

// Min returns the smaller of v and w; at a tie each has half the gradient.
func (v Vec) Min(w Vec) Vec { return apply(graph.Min, nil, v, w) }

// AddConst returns v + k.
func (v Vec) AddConst(k float64) Vec { return apply(graph.AddConst, []float64{k}, v) }

// Scale returns k · v.
func (v Vec) Scale(k float64) Vec { return apply(graph.Scale, []float64{k}, v) }

// PowConst returns v to the power k; NaN where v < 0 and k is not whole.
func (v Vec) PowConst(k float64) Vec { return apply(graph.PowConst, []float64{k}, v) }

// Clamp returns v limited to [lo, hi]; no gradient outside.
func (v Vec) Clamp(lo, hi float64) Vec {
	if lo > hi {
		fail("clamp from %v to %v is empty", lo, hi)
	}
	return apply(graph.Clamp, []float64{lo, hi}, v)
}

// ClampMin returns the larger of v and lo; no gradient below lo.
func (v Vec) ClampMin(lo float64) Vec { return apply(graph.ClampMin, []float64{lo}, v) }

// ClampMax returns the smaller of v and hi; no gradient above hi.
func (v Vec) ClampMax(hi float64) Vec { return apply(graph.ClampMax, []float64{hi}, v) }

// Neg returns −v.
func (v Vec) Neg() Vec { return apply(graph.Neg, nil, v) }

// Abs returns |v|; gradient 0 at 0.
func (v Vec) Abs() Vec { return apply(graph.Abs, nil, v) }

// Square returns v².
func (v Vec) Square() Vec { return apply(graph.Square, nil, v) }

// Sqrt returns the square root; NaN below 0, infinite gradient at 0.
func (v Vec) Sqrt() Vec { return apply(graph.Sqrt, nil, v) }

// Exp returns e to the power v; overflows above 709.
func (v Vec) Exp() Vec { return apply(graph.Exp, nil, v) }

// Expm1 returns exp(v) − 1, accurate near 0.
func (v Vec) Expm1() Vec { return apply(graph.Expm1, nil, v) }

// Log returns the natural logarithm; NaN below 0.
func (v Vec) Log() Vec { return apply(graph.Log, nil, v) }

// Log1p returns log(1 + v), accurate near 0.
func (v Vec) Log1p() Vec { return apply(graph.Log1p, nil, v) }

// Sigmoid returns 1 / (1 + exp(−v)).
func (v Vec) Sigmoid() Vec { return apply(graph.Sigmoid, nil, v) }

// LogSigmoid returns log(sigmoid(v)) without overflow.
func (v Vec) LogSigmoid() Vec { return apply(graph.LogSigmoid, nil, v) }

// Softplus returns log(1 + exp(v)) without overflow.
func (v Vec) Softplus() Vec { return apply(graph.Softplus, nil, v) }

// ReLU returns the larger of v and 0; gradient 0 at 0.
func (v Vec) ReLU() Vec { return apply(graph.ReLU, nil, v) }

// Tanh returns the hyperbolic tangent.
func (v Vec) Tanh() Vec { return apply(graph.Tanh, nil, v) }

// Erf returns the error function.
func (v Vec) Erf() Vec { return apply(graph.Erf, nil, v) }

// Atan returns the inverse tangent, radians.
func (v Vec) Atan() Vec { return apply(graph.Atan, nil, v) }

// Sin returns the sine of v in radians.
func (v Vec) Sin() Vec { return apply(graph.Sin, nil, v) }

// Cos returns the cosine of v in radians.
func (v Vec) Cos() Vec { return apply(graph.Cos, nil, v) }

// Reciprocal returns 1 / v.
func (v Vec) Reciprocal() Vec { return apply(graph.Reciprocal, nil, v) }

// Detach returns v as a constant: no gradient flows through it.
func (v Vec) Detach() Vec { return apply(graph.Detach, nil, v) }

// Greater returns the mask v > w: 1 where true, else 0, without gradient.
func (v Vec) Greater(w Vec) Vec { return apply(graph.Greater, nil, v, w) }

// Less returns the mask v < w.
func (v Vec) Less(w Vec) Vec { return apply(graph.Less, nil, v, w) }

// GreaterConst returns the mask v > k.
func (v Vec) GreaterConst(k float64) Vec { return apply(graph.GreaterConst, []float64{k}, v) }

// LessConst returns the mask v < k.
func (v Vec) LessConst(k float64) Vec { return apply(graph.LessConst, []float64{k}, v) }

// Mean returns the mean over the micro-batch, a scalar.
func (v Vec) Mean() Vec { return apply(graph.Mean, nil, v) }

// Sum returns the sum over the micro-batch, a scalar.
func (v Vec) Sum() Vec { return apply(graph.Sum, nil, v) }

// Std returns the unbiased standard deviation over the micro-batch, a scalar; 0 for one pair.
func (v Vec) Std() Vec { return apply(graph.Std, nil, v) }

// Var returns the unbiased variance over the micro-batch, a scalar; 0 for one pair.
func (v Vec) Var() Vec { return apply(graph.Var, nil, v) }

// BatchMax returns the largest value in the micro-batch, a scalar.
func (v Vec) BatchMax() Vec { return apply(graph.BatchMax, nil, v) }

// BatchMin returns the smallest value in the micro-batch, a scalar.
func (v Vec) BatchMin() Vec { return apply(graph.BatchMin, nil, v) }

// Sort returns the values of the micro-batch in ascending order; the gradient follows the permutation.
func (v Vec) Sort() Vec { return apply(graph.Sort, nil, v) }

// Where returns a where mask is not 0, else b.
func Where(mask, a, b Vec) Vec { return apply(graph.Where, nil, mask, a, b) }

// Const returns the scalar k.
func Const(k float64) Vec { return apply(graph.Const, []float64{k}) }

// Param returns the scalar value under a name, so that it can be tuned or
// changed without touching the code. A name may be declared more than once, with
// one value.
func Param(name string, value float64) Vec {
	if !graph.ValidParamName(name) {
		fail("parameter name %q is not lower-case letters, digits and _", name)
	}
	v := apply(graph.Param, []float64{value})
	v.node.name = name
	return v
}
