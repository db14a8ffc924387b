package sandbox

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/probe"
	"github.com/objdisco/discover/sandbox/wire"
)

// position is a line and a column of a source, both from 1.
type position = [2]int

// within reports whether p lies in source.
func within(source string, p position) bool {
	lines := strings.Split(source, "\n")
	return p[0] >= 1 && p[0] <= len(lines) && p[1] >= 1 && p[1] <= len(lines[p[0]-1])+1
}

// locate asks the child where in source a node of its graph comes from. It is a
// courtesy: the position is 0:0 if the child does not know, or misbehaves.
func (p *process) locate(node int, source string) position {
	if node < 0 || p.in.Write(wire.Locate, []byte(strconv.Itoa(node))) != nil {
		return position{}
	}
	_, payload, err := p.out.Next(wire.Place)
	var at position
	if err != nil || json.Unmarshal(payload, &at) != nil || !within(source, at) {
		return position{}
	}
	return at
}

// probeRejection is what the probe found, at the operation to blame.
func probeRejection(v probe.Verdict, at position) *Rejection {
	return &Rejection{Stage: gate.StageProbe, Line: at[0], Column: at[1], Reason: v.Reason, Hint: v.Hint}
}

// place puts a rejection that has no position at the name of Loss.
func place(r *Rejection, file *gate.File) {
	if r.Line == 0 {
		r.Line, r.Column = file.Position(file.Loss())
	}
}
