package tracer

import (
	"math"
	"reflect"

	"github.com/objdisco/discover/sandbox/objective"
)

var objectiveSymbols = map[string]reflect.Value{
	"Vec":   reflect.ValueOf((*objective.Vec)(nil)),
	"Batch": reflect.ValueOf((*objective.Batch)(nil)),
	"Const": reflect.ValueOf(objective.Const),
	"Param": reflect.ValueOf(objective.Param),
	"Where": reflect.ValueOf(objective.Where),
}

// mathSymbols has the functions only: the canonical form has no named constants.
var mathSymbols = map[string]reflect.Value{
	"Abs":   reflect.ValueOf(math.Abs),
	"Acos":  reflect.ValueOf(math.Acos),
	"Asin":  reflect.ValueOf(math.Asin),
	"Atan":  reflect.ValueOf(math.Atan),
	"Atan2": reflect.ValueOf(math.Atan2),
	"Cbrt":  reflect.ValueOf(math.Cbrt),
	"Ceil":  reflect.ValueOf(math.Ceil),
	"Cos":   reflect.ValueOf(math.Cos),
	"Cosh":  reflect.ValueOf(math.Cosh),
	"Erf":   reflect.ValueOf(math.Erf),
	"Exp":   reflect.ValueOf(math.Exp),
	"Exp2":  reflect.ValueOf(math.Exp2),
	"Expm1": reflect.ValueOf(math.Expm1),
	"Floor": reflect.ValueOf(math.Floor),
	"Hypot": reflect.ValueOf(math.Hypot),
	"Log":   reflect.ValueOf(math.Log),
	"Log10": reflect.ValueOf(math.Log10),
	"Log1p": reflect.ValueOf(math.Log1p),
	"Log2":  reflect.ValueOf(math.Log2),
	"Max":   reflect.ValueOf(math.Max),
	"Min":   reflect.ValueOf(math.Min),
	"Mod":   reflect.ValueOf(math.Mod),
	"Pow":   reflect.ValueOf(math.Pow),
	"Round": reflect.ValueOf(math.Round),
	"Sin":   reflect.ValueOf(math.Sin),
	"Sinh":  reflect.ValueOf(math.Sinh),
	"Sqrt":  reflect.ValueOf(math.Sqrt),
	"Tan":   reflect.ValueOf(math.Tan),
	"Tanh":  reflect.ValueOf(math.Tanh),
	"Trunc": reflect.ValueOf(math.Trunc),
}
