package sandbox

import (
	"fmt"
	"strings"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/stub"
	"github.com/objdisco/discover/sandbox/tracer"
)

// Stub returns what a candidate may call from the objective package, as
// documented Go declarations without bodies.
func Stub() string { return stub.Objective() }

// MathStub returns the same for the package math.
func MathStub() string { return stub.Math() }

// Rules returns, as lines that begin with "- ", what a candidate may write and
// the limits that it must keep. It says what the gate enforces.
func Rules() string {
	constants, functions := stub.MathNames()
	return fmt.Sprintf(`- The source is one Go 1.17 file that declares func Loss(b objective.Batch) objective.Vec. It may import "objective" and "math" and nothing else.
- Of math there are the constants %s, and the functions %s. They compute with float64; a vector has methods.
- Loss runs once, on symbols: no number of the data is known to it. A choice that depends on data is objective.Where(mask, a, b), never if.
- Allowed: functions and function literals, constants, local variables, if, for, range over slices, switch, break, continue, return; the types float64, int, bool, objective.Vec, objective.Batch, slices and arrays of them (arrays of up to %d elements), and functions as parameters and results.
- Functions are pure: slices and the batch are read-only, a function literal assigns to its own variables only, a function variable keeps its function, and nothing is recursive.
- Not allowed: package variables, type declarations, methods, generics, pointers, maps, channels, interfaces, structs, strings (except the literal name in objective.Param), go, defer, select, goto, labels, fallthrough, any builtin but len.
- Vectors have methods, not operators: x.Mul(y), x.Scale(2), x.AddConst(1). A method is called, not used as a value.
- The result has one value per pair, and its gradient with respect to PolicyChosen or PolicyRejected is not 0 everywhere. Loss and gradient are finite for log-ratios from -8 to 8 and beta from 0.01 to 1, for completions of any length from 1 token (of a pair possibly equally long), also where the policy equals the reference and every margin is 0.
- Limits: %d KiB of source, %d tokens, brackets nested %d deep, %d parameters of a function, function types nested %d deep, %d times else if in a row, %d operations in the traced expression, %d steps while tracing.
`, strings.Join(constants, ", "), strings.Join(functions, ", "), gate.MaxArray, gate.MaxBytes>>10, gate.MaxTokens, gate.MaxDepth, gate.MaxParameters, gate.MaxFuncTypes, gate.MaxElseIfs, graph.MaxNodes, tracer.DefaultSteps)
}

// Reference returns the whole language reference: the rules, then the stubs,
// indented as code is in a text.
func Reference() string {
	code := stub.Objective() + "\n" + stub.Math()
	code = strings.ReplaceAll("\t"+strings.TrimSpace(code), "\n", "\n\t") + "\n"
	return Rules() + "\n" + strings.ReplaceAll(code, "\n\t\n", "\n\n")
}
