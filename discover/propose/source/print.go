// Package source writes objectives as readable Go: the file that a person would
// write for a traced graph, with named intermediate values.
package source

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
)

// Widths in characters: longer expressions are split into statements, longer
// repeated ones get a name, longer comments wrap.
const (
	textWidth    = 64
	repeatWidth  = len("gate.Neg()")
	commentWidth = 96
)

// Print returns a gofmt-formatted candidate whose Loss traces to g: the trace
// has the same Hash. The comment stands above Loss and should be one or more
// sentences; it may be empty.
func Print(g *graph.Graph, comment string) string {
	p := newPrinter(rewrite.Merge(g))
	for i := range p.graph.Nodes {
		if p.uses[i] > 0 {
			p.write(i)
		}
	}
	var out strings.Builder
	out.WriteString("package candidate\n\nimport \"objective\"\n\n")
	writeComment(&out, comment)
	out.WriteString("func Loss(b objective.Batch) objective.Vec {\n")
	for _, line := range p.lines {
		fmt.Fprintf(&out, "\t%s\n", line)
	}
	fmt.Fprintf(&out, "\treturn %s\n}\n", p.text[p.graph.Output])
	return out.String()
}

func writeComment(out *strings.Builder, comment string) {
	line := "//"
	for _, word := range strings.Fields(comment) {
		if len(line)+1+len(word) > commentWidth {
			out.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	if line != "//" {
		out.WriteString(line + "\n")
	}
}

// printer writes nodes in order; text[i] is an expression, or the name of the
// local variable that holds it.
type printer struct {
	graph *graph.Graph
	atoms []*atom
	uses  []int // by nodes that are written, once more for the result
	text  []string
	names *names
	lines []string
}

func newPrinter(merged *graph.Graph) *printer {
	n := len(merged.Nodes)
	p := &printer{graph: merged, atoms: atoms(merged), uses: make([]int, n), text: make([]string, n), names: newNames()}
	p.count(merged.Output)
	return p
}

// Written reports for every node of a merged graph whether Print writes it as
// an operation of its own; the insides of b.Margin() and the like are not.
func Written(merged *graph.Graph) []bool {
	out := make([]bool, len(merged.Nodes))
	for i, uses := range newPrinter(merged).uses {
		out[i] = uses > 0
	}
	return out
}

// Noun returns the stem of the local variable that Print would hold node i of a
// merged graph in, for example "margin", "gate" or "logistic".
func Noun(merged *graph.Graph, i int) string { return newPrinter(merged).noun(i) }

// count adds a use of node i and, the first time, of what it is written with.
func (p *printer) count(i int) {
	p.uses[i]++
	if p.uses[i] > 1 || p.atoms[i] != nil {
		return
	}
	for _, a := range p.graph.Nodes[i].Args {
		p.count(a)
	}
}

func (p *printer) write(i int) {
	n := &p.graph.Nodes[i]
	if p.atoms[i] != nil {
		p.text[i] = "b." + p.atoms[i].method + "()"
	} else {
		p.text[i] = p.call(n)
		for len(p.text[i]) > textWidth && p.splitLongest(n) {
			p.text[i] = p.call(n)
		}
	}
	if n.Op == graph.Param || p.uses[i] > 1 && p.isCall(i) && !p.isShort(i) {
		p.name(i)
	}
}

// name gives node i a local variable.
func (p *printer) name(i int) {
	name := p.names.fresh(p.noun(i))
	p.lines = append(p.lines, name+" := "+p.text[i])
	p.text[i] = name
}

// splitLongest names the operand of n with the longest text, unless all are
// names already.
func (p *printer) splitLongest(n *graph.Node) bool {
	longest := -1
	for _, a := range n.Args {
		if p.isCall(a) && (longest < 0 || len(p.text[a]) > len(p.text[longest])) {
			longest = a
		}
	}
	if longest < 0 {
		return false
	}
	p.name(longest)
	return true
}

// isShort reports whether the text of node i is as good as a name: a constant,
// or one method of a name, without arguments.
func (p *printer) isShort(i int) bool {
	return p.graph.Nodes[i].Op == graph.Const || strings.HasSuffix(p.text[i], "()") && len(p.text[i]) <= repeatWidth
}

// isCall reports whether the text of node i is more than a name.
func (p *printer) isCall(i int) bool { return strings.HasSuffix(p.text[i], ")") }

// call writes node n as a method call, a function call or a field of the batch.
func (p *printer) call(n *graph.Node) string {
	var args []string
	for _, a := range n.Args {
		args = append(args, p.text[a])
	}
	for _, k := range n.K {
		args = append(args, strconv.FormatFloat(k, 'g', -1, 64))
	}
	switch {
	case n.Op == graph.Const, n.Op == graph.Where:
		return "objective." + method(n.Op) + "(" + strings.Join(args, ", ") + ")"
	case n.Op == graph.Param:
		return fmt.Sprintf("objective.Param(%q, %s)", n.Name, args[0])
	case n.Op.Leaf():
		return "b." + method(n.Op)
	}
	return args[0] + "." + method(n.Op) + "(" + strings.Join(args[1:], ", ") + ")"
}

// method returns the name of op in the language: "log_sigmoid" is LogSigmoid.
func method(op graph.Op) string {
	if op == graph.ReLU {
		return "ReLU"
	}
	var out strings.Builder
	for word := range strings.SplitSeq(op.String(), "_") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}
