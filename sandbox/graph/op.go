package graph

import "fmt"

// Op identifies one operation of the objective language. Its String is the
// name used in JSON and, where PyTorch has the operation, PyTorch's name.
type Op uint8

// The operations. Leaves first, then binary, unary with constants, unary,
// masks, selection and batch statistics.
const (
	Invalid Op = iota

	PolicyChosen
	PolicyRejected
	RefChosen
	RefRejected
	ChosenLen
	RejectedLen
	Beta
	Progress
	Const
	Param

	Add
	Sub
	Mul
	Div
	Max
	Min

	AddConst
	Scale
	PowConst
	Clamp
	ClampMin
	ClampMax

	Neg
	Abs
	Square
	Sqrt
	Exp
	Expm1
	Log
	Log1p
	Sigmoid
	LogSigmoid
	Softplus
	ReLU
	Tanh
	Erf
	Atan
	Sin
	Cos
	Reciprocal
	Detach

	Greater
	Less
	GreaterConst
	LessConst
	Where

	Mean
	Sum
	Std
	Var
	BatchMax
	BatchMin
	Sort

	opCount
)

// kind groups operations that have the same shape rule.
type kind uint8

const (
	kindLeafPair   kind = iota // one value per pair
	kindLeafScalar             // one value per batch
	kindMap                    // element by element, operands broadcast
	kindReduce                 // per pair (or scalar) to scalar
	kindSort                   // same shape as the operand
)

type opInfo struct {
	name      string
	kind      kind
	args      int // operands
	constants int // entries of Node.K
}

var infos = [opCount]opInfo{
	PolicyChosen:   {"policy_chosen", kindLeafPair, 0, 0},
	PolicyRejected: {"policy_rejected", kindLeafPair, 0, 0},
	RefChosen:      {"ref_chosen", kindLeafPair, 0, 0},
	RefRejected:    {"ref_rejected", kindLeafPair, 0, 0},
	ChosenLen:      {"chosen_len", kindLeafPair, 0, 0},
	RejectedLen:    {"rejected_len", kindLeafPair, 0, 0},
	Beta:           {"beta", kindLeafScalar, 0, 0},
	Progress:       {"progress", kindLeafScalar, 0, 0},
	Const:          {"const", kindLeafScalar, 0, 1},
	Param:          {"param", kindLeafScalar, 0, 1},
	Add:            {"add", kindMap, 2, 0},
	Sub:            {"sub", kindMap, 2, 0},
	Mul:            {"mul", kindMap, 2, 0},
	Div:            {"div", kindMap, 2, 0},
	Max:            {"max", kindMap, 2, 0},
	Min:            {"min", kindMap, 2, 0},
	AddConst:       {"add_const", kindMap, 1, 1},
	Scale:          {"scale", kindMap, 1, 1},
	PowConst:       {"pow_const", kindMap, 1, 1},
	Clamp:          {"clamp", kindMap, 1, 2},
	ClampMin:       {"clamp_min", kindMap, 1, 1},
	ClampMax:       {"clamp_max", kindMap, 1, 1},
	Neg:            {"neg", kindMap, 1, 0},
	Abs:            {"abs", kindMap, 1, 0},
	Square:         {"square", kindMap, 1, 0},
	Sqrt:           {"sqrt", kindMap, 1, 0},
	Exp:            {"exp", kindMap, 1, 0},
	Expm1:          {"expm1", kindMap, 1, 0},
	Log:            {"log", kindMap, 1, 0},
	Log1p:          {"log1p", kindMap, 1, 0},
	Sigmoid:        {"sigmoid", kindMap, 1, 0},
	LogSigmoid:     {"log_sigmoid", kindMap, 1, 0},
	Softplus:       {"softplus", kindMap, 1, 0},
	ReLU:           {"relu", kindMap, 1, 0},
	Tanh:           {"tanh", kindMap, 1, 0},
	Erf:            {"erf", kindMap, 1, 0},
	Atan:           {"atan", kindMap, 1, 0},
	Sin:            {"sin", kindMap, 1, 0},
	Cos:            {"cos", kindMap, 1, 0},
	Reciprocal:     {"reciprocal", kindMap, 1, 0},
	Detach:         {"detach", kindMap, 1, 0},
	Greater:        {"greater", kindMap, 2, 0},
	Less:           {"less", kindMap, 2, 0},
	GreaterConst:   {"greater_const", kindMap, 1, 1},
	LessConst:      {"less_const", kindMap, 1, 1},
	Where:          {"where", kindMap, 3, 0},
	Mean:           {"mean", kindReduce, 1, 0},
	Sum:            {"sum", kindReduce, 1, 0},
	Std:            {"std", kindReduce, 1, 0},
	Var:            {"var", kindReduce, 1, 0},
	BatchMax:       {"batch_max", kindReduce, 1, 0},
	BatchMin:       {"batch_min", kindReduce, 1, 0},
	Sort:           {"sort", kindSort, 1, 0},
}

var opByName = func() map[string]Op {
	m := make(map[string]Op, opCount)
	for op := Invalid + 1; op < opCount; op++ {
		m[infos[op].name] = op
	}
	return m
}()

// Ops returns every operation in declaration order.
func Ops() []Op {
	ops := make([]Op, 0, opCount-1)
	for op := Invalid + 1; op < opCount; op++ {
		ops = append(ops, op)
	}
	return ops
}

// Valid reports whether op is one of the declared operations.
func (op Op) Valid() bool { return op > Invalid && op < opCount }

// String returns the JSON name of the operation.
func (op Op) String() string {
	if !op.Valid() {
		return fmt.Sprintf("op(%d)", uint8(op))
	}
	return infos[op].name
}

// Arity returns how many operands op takes.
func (op Op) Arity() int { return infos[op].args }

// Constants returns how many constants (Node.K) op carries.
func (op Op) Constants() int { return infos[op].constants }

// Leaf reports whether op takes no operands.
func (op Op) Leaf() bool { return infos[op].kind <= kindLeafScalar }

// PerPairLeaf reports whether op is a leaf with one value per preference pair.
func (op Op) PerPairLeaf() bool { return infos[op].kind == kindLeafPair }

// BatchStatistic reports whether the value of op for one pair depends on the
// other pairs of the micro-batch.
func (op Op) BatchStatistic() bool { return infos[op].kind >= kindReduce }

// Reduces reports whether op yields a scalar whatever the shape of its operand.
func (op Op) Reduces() bool { return infos[op].kind == kindReduce }

// MarshalText returns the JSON name.
func (op Op) MarshalText() ([]byte, error) {
	if !op.Valid() {
		return nil, fmt.Errorf("graph: cannot encode %s", op)
	}
	return []byte(op.String()), nil
}

// UnmarshalText sets op from its JSON name.
func (op *Op) UnmarshalText(text []byte) error {
	o, ok := opByName[string(text)]
	if !ok {
		return fmt.Errorf("graph: unknown operation %q", text)
	}
	*op = o
	return nil
}
