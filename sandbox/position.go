package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/probe"
)

// position is a line and a column of a source, both from 1.
type position = [2]int

// decodeTraced reads what a child sends as its graph: the graph, and after a line
// end, if it does not expect the graph to be accepted, the position of each node.
// Positions outside source come out as 0:0.
func decodeTraced(payload []byte, source string) (*graph.Graph, []position, error) {
	encoded, rest, placed := bytes.Cut(payload, []byte("\n"))
	g, err := graph.Decode(encoded)
	if err != nil || !placed {
		return g, nil, err
	}
	var at []position
	if err := json.Unmarshal(rest, &at); err != nil {
		return nil, nil, fmt.Errorf("positions: %w", err)
	}
	if len(at) != len(g.Nodes) {
		return nil, nil, fmt.Errorf("%d positions for %d nodes", len(at), len(g.Nodes))
	}
	lines := strings.Split(source, "\n")
	for i, p := range at {
		if !within(lines, p) {
			at[i] = position{}
		}
	}
	return g, at, nil
}

// within reports whether p lies in a source of the given lines.
func within(lines []string, p position) bool {
	return p[0] >= 1 && p[0] <= len(lines) && p[1] >= 1 && p[1] <= len(lines[p[0]-1])+1
}

// probeRejection places what the probe found at the operation to blame, and
// otherwise at the name of Loss.
func probeRejection(v probe.Verdict, at []position, file *gate.File) *Rejection {
	r := &Rejection{Stage: gate.StageProbe, Reason: v.Reason, Hint: v.Hint}
	if v.Node >= 0 && v.Node < len(at) {
		r.Line, r.Column = at[v.Node][0], at[v.Node][1]
	}
	if r.Line == 0 {
		r.Line, r.Column = file.Position(file.Loss())
	}
	return r
}
