package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// inputs are the leaves that a batch supplies.
var inputs = []graph.Op{
	graph.PolicyChosen, graph.PolicyRejected, graph.RefChosen, graph.RefRejected,
	graph.ChosenLen, graph.RejectedLen, graph.Beta, graph.Progress,
}

// pythonKeywords may not name a variable or a module.
var pythonKeywords = []string{
	"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
	"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
	"return", "try", "while", "with", "yield", "match", "case", "type", "print",
}

// nouns name what an operation computes.
var nouns = map[graph.Op]string{
	graph.PolicyChosen: "policy_chosen", graph.PolicyRejected: "policy_rejected",
	graph.RefChosen: "reference_chosen", graph.RefRejected: "reference_rejected",
	graph.ChosenLen: "chosen_len", graph.RejectedLen: "rejected_len",
	graph.Beta: "beta", graph.Progress: "progress", graph.Const: "constant", graph.Param: "parameter",
	graph.Add: "total", graph.Sub: "difference", graph.Mul: "product", graph.Div: "quotient",
	graph.Max: "larger", graph.Min: "smaller",
	graph.AddConst: "shifted", graph.Scale: "scaled", graph.PowConst: "power",
	graph.Clamp: "clamped", graph.ClampMin: "clamped", graph.ClampMax: "clamped",
	graph.Neg: "negative", graph.Abs: "magnitude", graph.Square: "squared", graph.Sqrt: "root",
	graph.Exp: "exponential", graph.Expm1: "growth", graph.Log: "logarithm", graph.Log1p: "logarithm",
	graph.Sigmoid: "gate", graph.LogSigmoid: "log_gate", graph.Softplus: "soft_hinge", graph.ReLU: "hinge",
	graph.Tanh: "squashed", graph.Erf: "error_function", graph.Atan: "angle", graph.Sin: "sine", graph.Cos: "cosine",
	graph.Reciprocal: "inverse", graph.Detach: "fixed",
	graph.Greater: "mask", graph.Less: "mask", graph.GreaterConst: "mask", graph.LessConst: "mask", graph.Where: "selected",
	graph.Mean: "batch_mean", graph.Sum: "batch_sum", graph.Std: "batch_std", graph.Var: "batch_var",
	graph.BatchMax: "batch_max", graph.BatchMin: "batch_min", graph.Sort: "ordered",
}

// terms names differences and products that have a name in the field, by the names
// of their operands.
var terms = map[graph.Op]map[[2]string]string{
	graph.Sub: {
		{"policy_chosen", "reference_chosen"}:      "chosen_logratio",
		{"policy_rejected", "reference_rejected"}:  "rejected_logratio",
		{"policy_chosen", "policy_rejected"}:       "policy_logratio",
		{"reference_chosen", "reference_rejected"}: "reference_logratio",
		{"chosen_logratio", "rejected_logratio"}:   "margin",
		{"policy_logratio", "reference_logratio"}:  "margin",
		{"chosen_reward", "rejected_reward"}:       "reward_margin",
	},
	graph.Mul: {
		{"margin", "beta"}:            "reward_margin",
		{"beta", "margin"}:            "reward_margin",
		{"chosen_logratio", "beta"}:   "chosen_reward",
		{"beta", "chosen_logratio"}:   "chosen_reward",
		{"rejected_logratio", "beta"}: "rejected_reward",
		{"beta", "rejected_logratio"}: "rejected_reward",
	},
}

// style spells the n-th variable of a base name in a language; n counts from 1.
type style func(base string, n int) string

// snake is the style of Python.
func snake(base string, n int) string {
	if n == 1 {
		return base
	}
	return fmt.Sprintf("%s_%d", base, n)
}

// camel is the style of Go.
func camel(base string, n int) string {
	words := strings.Split(base, "_")
	for i, w := range words[1:] {
		words[i+1] = capital(w)
	}
	if n == 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words, "") + strconv.Itoa(n)
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// name gives every node a name that is unique and not reserved, and reports for
// each whether it is a term of the field. Inputs of the objective have the first
// claim to theirs.
func (p *program) name(spell style, reserved []string) (names []string, known []bool) {
	names, known = make([]string, len(p.nodes)), make([]bool, len(p.nodes))
	bases := make([]string, len(p.nodes))
	taken := map[string]bool{}
	for _, name := range reserved {
		taken[name] = true
	}
	for _, op := range inputs {
		taken[spell(nouns[op], 1)] = true
	}
	for i, n := range p.nodes {
		if bases[i] = nouns[n.op]; slices.Contains(inputs, n.op) {
			names[i] = spell(bases[i], 1)
			continue
		}
		if n.op == graph.Param {
			bases[i] = n.param
		}
		if len(n.args) == 2 {
			if term := terms[n.op][[2]string{bases[n.args[0]], bases[n.args[1]]}]; term != "" {
				bases[i], known[i] = term, true
			}
		}
		names[i] = unique(bases[i], spell, taken)
		taken[names[i]] = true
	}
	return names, known
}

// unique spells base with the first number that makes it free.
func unique(base string, spell style, taken map[string]bool) string {
	n := 1
	for taken[spell(base, n)] {
		n++
	}
	return spell(base, n)
}
