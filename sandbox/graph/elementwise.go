package graph

import "math"

// unaryFunc is an element-wise function of one operand x with constants k, and its
// derivative given x and the value y. At a kink the derivative is PyTorch's.
type unaryFunc struct {
	value func(x float64, k []float64) float64
	slope func(x, y float64, k []float64) float64
}

// binaryFunc is an element-wise function of two operands and its two partial
// derivatives. Ties of Max and Min share the gradient equally, as in PyTorch.
type binaryFunc struct {
	value func(a, b float64) float64
	slope func(a, b, y float64) (da, db float64)
}

var unaries = [opCount]*unaryFunc{
	AddConst: {func(x float64, k []float64) float64 { return x + k[0] }, one},
	Scale: {func(x float64, k []float64) float64 { return x * k[0] },
		func(_, _ float64, k []float64) float64 { return k[0] }},
	PowConst:     {func(x float64, k []float64) float64 { return math.Pow(x, k[0]) }, powSlope},
	Clamp:        {func(x float64, k []float64) float64 { return math.Min(math.Max(x, k[0]), k[1]) }, clampSlope},
	ClampMin:     {func(x float64, k []float64) float64 { return math.Max(x, k[0]) }, clampMinSlope},
	ClampMax:     {func(x float64, k []float64) float64 { return math.Min(x, k[0]) }, clampMaxSlope},
	Neg:          {func(x float64, _ []float64) float64 { return -x }, func(_, _ float64, _ []float64) float64 { return -1 }},
	Abs:          {func(x float64, _ []float64) float64 { return math.Abs(x) }, signSlope},
	Square:       {func(x float64, _ []float64) float64 { return x * x }, func(x, _ float64, _ []float64) float64 { return 2 * x }},
	Sqrt:         {func(x float64, _ []float64) float64 { return math.Sqrt(x) }, func(_, y float64, _ []float64) float64 { return 0.5 / y }},
	Exp:          {func(x float64, _ []float64) float64 { return math.Exp(x) }, func(_, y float64, _ []float64) float64 { return y }},
	Expm1:        {func(x float64, _ []float64) float64 { return math.Expm1(x) }, func(_, y float64, _ []float64) float64 { return y + 1 }},
	Log:          {func(x float64, _ []float64) float64 { return math.Log(x) }, func(x, _ float64, _ []float64) float64 { return 1 / x }},
	Log1p:        {func(x float64, _ []float64) float64 { return math.Log1p(x) }, func(x, _ float64, _ []float64) float64 { return 1 / (1 + x) }},
	Sigmoid:      {func(x float64, _ []float64) float64 { return sigmoid(x) }, func(_, y float64, _ []float64) float64 { return y * (1 - y) }},
	LogSigmoid:   {func(x float64, _ []float64) float64 { return -softplus(-x) }, func(x, _ float64, _ []float64) float64 { return sigmoid(-x) }},
	Softplus:     {func(x float64, _ []float64) float64 { return softplus(x) }, func(x, _ float64, _ []float64) float64 { return sigmoid(x) }},
	ReLU:         {func(x float64, _ []float64) float64 { return math.Max(x, 0) }, reluSlope},
	Tanh:         {func(x float64, _ []float64) float64 { return math.Tanh(x) }, func(_, y float64, _ []float64) float64 { return 1 - y*y }},
	Erf:          {func(x float64, _ []float64) float64 { return math.Erf(x) }, erfSlope},
	Atan:         {func(x float64, _ []float64) float64 { return math.Atan(x) }, func(x, _ float64, _ []float64) float64 { return 1 / (1 + x*x) }},
	Sin:          {func(x float64, _ []float64) float64 { return math.Sin(x) }, func(x, _ float64, _ []float64) float64 { return math.Cos(x) }},
	Cos:          {func(x float64, _ []float64) float64 { return math.Cos(x) }, func(x, _ float64, _ []float64) float64 { return -math.Sin(x) }},
	Reciprocal:   {func(x float64, _ []float64) float64 { return 1 / x }, func(_, y float64, _ []float64) float64 { return -y * y }},
	Detach:       {func(x float64, _ []float64) float64 { return x }, nil},
	GreaterConst: {func(x float64, k []float64) float64 { return indicator(x > k[0]) }, nil},
	LessConst:    {func(x float64, k []float64) float64 { return indicator(x < k[0]) }, nil},
}

var binaries = [opCount]*binaryFunc{
	Add:     {func(a, b float64) float64 { return a + b }, func(_, _, _ float64) (float64, float64) { return 1, 1 }},
	Sub:     {func(a, b float64) float64 { return a - b }, func(_, _, _ float64) (float64, float64) { return 1, -1 }},
	Mul:     {func(a, b float64) float64 { return a * b }, func(a, b, _ float64) (float64, float64) { return b, a }},
	Div:     {func(a, b float64) float64 { return a / b }, func(_, b, y float64) (float64, float64) { return 1 / b, -y / b }},
	Max:     {math.Max, func(a, b, _ float64) (float64, float64) { return share(b, a), share(a, b) }},
	Min:     {math.Min, func(a, b, _ float64) (float64, float64) { return share(a, b), share(b, a) }},
	Greater: {func(a, b float64) float64 { return indicator(a > b) }, nil},
	Less:    {func(a, b float64) float64 { return indicator(a < b) }, nil},
}

// differentiable reports whether gradient flows through op to its operands.
func (op Op) differentiable() bool {
	if u := unaries[op]; u != nil {
		return u.slope != nil
	}
	if b := binaries[op]; b != nil {
		return b.slope != nil
	}
	return !op.Leaf()
}

// sigmoid is the logistic function without overflow.
func sigmoid(x float64) float64 { return sigmoidOf(x, math.Exp(-math.Abs(x))) }

// sigmoidOf is sigmoid(x), given exp(−|x|).
func sigmoidOf(x, decay float64) float64 {
	if x >= 0 {
		return 1 / (1 + decay)
	}
	return decay / (1 + decay)
}

// softplus is log(1 + exp(x)) without overflow.
func softplus(x float64) float64 { return softplusOf(x, math.Exp(-math.Abs(x))) }

// softplusOf is softplus(x), given exp(−|x|).
func softplusOf(x, decay float64) float64 { return max(x, 0) + math.Log1p(decay) }

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// share is the part of the gradient that goes to winner when it is compared
// with loser: 1, one half at a tie, 0 when winner has lost after all.
func share(loser, winner float64) float64 {
	switch {
	case winner < loser:
		return 0
	case winner == loser:
		return 0.5
	}
	return 1
}

func one(_, _ float64, _ []float64) float64 { return 1 }

func powSlope(x, _ float64, k []float64) float64 {
	if k[0] == 0 {
		return 0
	}
	return k[0] * math.Pow(x, k[0]-1)
}

func clampSlope(x, _ float64, k []float64) float64    { return indicator(x >= k[0] && x <= k[1]) }
func clampMinSlope(x, _ float64, k []float64) float64 { return indicator(x >= k[0]) }
func clampMaxSlope(x, _ float64, k []float64) float64 { return indicator(x <= k[0]) }

func signSlope(x, _ float64, _ []float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 or NaN
}

func reluSlope(x, _ float64, _ []float64) float64 { return indicator(!(x <= 0)) }

func erfSlope(x, _ float64, _ []float64) float64 {
	return 2 / math.SqrtPi * math.Exp(-x*x)
}
