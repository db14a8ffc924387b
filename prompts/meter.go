package prompts

import "text/template/parse"

// listSteps is what the list of nodes of a template costs besides its text: it
// bounds how deep templates nest.
const listSteps = 64

// mark stands for itself where templates write it: that so many bytes of a template
// are about to be executed.
var mark [maxTemplate + listSteps]byte

// meter puts a mark at the head of a list of nodes and of those within it.
func meter(list *parse.ListNode) {
	if list == nil {
		return
	}
	steps := listSteps
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			steps += meterBranch(&n.BranchNode)
		case *parse.RangeNode:
			steps += meterBranch(&n.BranchNode)
		case *parse.WithNode:
			steps += meterBranch(&n.BranchNode)
		default:
			steps += len(n.String())
		}
	}
	head := &parse.TextNode{NodeType: parse.NodeText, Text: mark[:min(steps, len(mark))]}
	list.Nodes = append([]parse.Node{head}, list.Nodes...)
}

func meterBranch(b *parse.BranchNode) int {
	meter(b.List)
	meter(b.ElseList)
	return len(b.Pipe.String())
}
