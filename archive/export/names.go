package export

import (
	"fmt"
	"math"
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
	graph.Add: "combined", graph.Sub: "difference", graph.Mul: "product", graph.Div: "ratio",
	graph.Max: "larger", graph.Min: "smaller",
	graph.AddConst: "shifted", graph.Scale: "scaled", graph.PowConst: "power",
	graph.Clamp: "clamped", graph.ClampMin: "clamped", graph.ClampMax: "clamped",
	graph.Neg: "negative", graph.Abs: "magnitude", graph.Square: "squared", graph.Sqrt: "root",
	graph.Exp: "exponential", graph.Expm1: "growth", graph.Log: "logarithm", graph.Log1p: "logarithm",
	graph.Sigmoid: "gate", graph.LogSigmoid: "log_gate", graph.Softplus: "reversed_logistic", graph.ReLU: "hinge",
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

// prefixes make a name from that of the operand.
var prefixes = map[graph.Op]string{
	graph.AddConst: "shifted_", graph.Scale: "scaled_", graph.Square: "squared_", graph.Abs: "abs_", graph.Sqrt: "root_",
	graph.Clamp: "clamped_", graph.ClampMin: "clamped_", graph.ClampMax: "clamped_", graph.Tanh: "squashed_",
	graph.Log: "log_", graph.Detach: "fixed_", graph.Sort: "sorted_", graph.Mean: "mean_", graph.Std: "std_", graph.Var: "var_",
	graph.BatchMax: "largest_", graph.BatchMin: "smallest_", graph.Neg: "",
}

// longestName bounds names that are made of others.
const longestName = 28

// bases returns what each node would be called if it were the only one of its kind,
// and whether that is a term of the field.
func (p *program) bases() (bases []string, known []bool) {
	bases, known = make([]string, len(p.nodes)), make([]bool, len(p.nodes))
	for i := range p.nodes {
		n := &p.nodes[i]
		if bases[i] = nouns[n.op]; !n.perPair && !n.op.Leaf() {
			bases[i] = prefixed("batch_", bases[i])
		}
		switch term := p.term(n, bases); {
		case n.op == graph.Param:
			bases[i] = n.param
		case term != "":
			bases[i], known[i] = term, true
		default:
			if phrase := p.phrase(n, bases); phrase != "" && len(phrase) <= longestName {
				bases[i] = phrase
			}
		}
	}
	return bases, known
}

// term returns the name that a node has in the field, or nothing.
func (p *program) term(n *node, bases []string) string {
	if len(n.args) != 2 {
		return ""
	}
	return terms[n.op][[2]string{bases[n.args[0]], bases[n.args[1]]}]
}

// phrase returns a name that says what a node is made of, or nothing.
func (p *program) phrase(n *node, bases []string) string {
	operand := func(j int) *node { return &p.nodes[n.args[j]] }
	switch n.op {
	case graph.Softplus:
		if operand(0).op == graph.Neg {
			return "logistic"
		}
	case graph.Sub:
		return bases[n.args[0]] + "_minus_" + bases[n.args[1]]
	case graph.Div:
		return bases[n.args[0]] + "_over_" + bases[n.args[1]]
	case graph.Add:
		if p.blends(n) {
			return "blend"
		}
		for j := range 2 {
			if m := operand(j); m.op == graph.Scale && math.Abs(m.k[0]) < 1 && operand(1-j).op != graph.Scale {
				return prefixed("adjusted_", bases[n.args[1-j]])
			}
		}
	case graph.Mul:
		for j := range 2 {
			if operand(j).op == graph.Param {
				return bases[n.args[1-j]] + "_times_" + bases[n.args[j]]
			}
			if operand(j).op == graph.Beta && bases[n.args[1-j]] == nouns[graph.Sub] {
				return "reward_difference"
			}
		}
		for j := range 2 {
			if p.share(n.args[j]) && !p.share(n.args[1-j]) {
				return prefixed("weighted_", bases[n.args[1-j]])
			}
		}
	}
	if prefix, ok := prefixes[n.op]; ok {
		return prefixed(prefix, bases[n.args[0]])
	}
	return ""
}

func prefixed(prefix, base string) string {
	if strings.HasPrefix(base, prefix) {
		return base
	}
	return prefix + base
}

// share reports whether node i is a number between 0 and 1 by its making: a sigmoid,
// a mask, or a multiple of one taken from 1.
func (p *program) share(i int) bool {
	switch n := &p.nodes[i]; n.op {
	case graph.Sigmoid, graph.Greater, graph.Less, graph.GreaterConst, graph.LessConst:
		return true
	case graph.AddConst, graph.Scale, graph.Neg, graph.Detach:
		return p.share(n.args[0])
	}
	return false
}

// blends reports whether a sum is a·g + b·(1−g) or a + (b−a)·g of a share g.
func (p *program) blends(n *node) bool {
	shares := 0
	for _, a := range n.args {
		if m := &p.nodes[a]; m.op == graph.Mul && (p.share(m.args[0]) || p.share(m.args[1])) {
			shares++
			for _, b := range m.args {
				if d := &p.nodes[b]; d.op == graph.Sub && slices.Contains(n.args, d.args[1]) {
					return true
				}
			}
		}
	}
	return shares == 2
}

// parameter is a parameter of the objective: what it is called in the generated code
// and in the graph, its default and its use.
type parameter struct{ Name, Param, Value, Role string }

// documented returns the parameters; their names are left to the language.
func (p *program) documented() []parameter {
	bases, _ := p.bases()
	var out []parameter
	for i, n := range p.nodes {
		if n.op == graph.Param {
			out = append(out, parameter{Param: n.param, Value: decimal(n.k[0]), Role: p.role(i, bases)})
		}
	}
	return out
}

// role says what a parameter is there for, by the operations that join it with other
// values; nothing if there are none.
func (p *program) role(param int, bases []string) string {
	var others []string
	verbs := map[string][]string{}
	for i := range p.nodes {
		n := &p.nodes[i]
		at := slices.Index(n.args, param)
		if at < 0 || len(n.args) != 2 {
			continue
		}
		other := strings.ReplaceAll(bases[n.args[1-at]], "_", " ")
		if !slices.Contains(others, other) {
			others = append(others, other)
		}
		if verb := verbOf(n.op, at); !slices.Contains(verbs[other], verb) {
			verbs[other] = append(verbs[other], verb)
		}
	}
	var roles []string
	for _, other := range others {
		roles = append(roles, strings.Join(verbs[other], " and ")+" the "+other)
	}
	return strings.Join(roles, ", ")
}

// verbOf says what the operand of an operation at a place does to the other one.
func verbOf(op graph.Op, at int) string {
	switch {
	case op == graph.Div && at == 1:
		return "divides"
	case op == graph.Div:
		return "is divided by"
	case op == graph.Mul:
		return "multiplies"
	case op == graph.Add:
		return "is added to"
	case op == graph.Sub && at == 1:
		return "is taken from"
	case op == graph.Sub:
		return "is lowered by"
	case op == graph.Max || op == graph.Min:
		return "bounds"
	}
	return "is compared with"
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

// namer gives out names that are unique and not reserved, in the order in which they
// are asked for. Inputs of the objective and its parameters have the first claim to
// theirs.
type namer struct {
	spell style
	base  []string
	known []bool
	names []string
	taken map[string]bool
}

func newNamer(p *program, spell style, reserved []string) *namer {
	m := &namer{spell: spell, names: make([]string, len(p.nodes)), taken: map[string]bool{}}
	m.base, m.known = p.bases()
	for _, name := range reserved {
		m.taken[name] = true
	}
	for _, op := range inputs {
		m.taken[spell(nouns[op], 1)] = true
	}
	for i, n := range p.nodes {
		switch {
		case slices.Contains(inputs, n.op):
			m.names[i] = spell(m.base[i], 1)
		case n.op == graph.Param:
			m.name(i)
		}
	}
	return m
}

// name returns the name of node i.
func (m *namer) name(i int) string {
	if m.names[i] == "" {
		m.names[i] = unique(m.base[i], m.spell, m.taken)
		m.taken[m.names[i]] = true
	}
	return m.names[i]
}

// unique spells base with the first number that makes it free.
func unique(base string, spell style, taken map[string]bool) string {
	n := 1
	for taken[spell(base, n)] {
		n++
	}
	return spell(base, n)
}
