package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/objdisco/discover/sandbox/gate"
	"github.com/objdisco/discover/sandbox/isolate"
	"github.com/objdisco/discover/sandbox/wire"
)

// verdict maps the end of a child that did not answer to a rejection that a
// person understands. err is what reading or writing failed with. It also tells
// whether the child died: what it sent and how long it took do not depend on the
// machine, how it died may.
func (p *process) verdict(err error, timeout time.Duration) (r *Rejection, died bool) {
	switch {
	case p.stderr.flood:
		return protocolRejection("the child flooded its error output"), false
	case errors.Is(err, wire.ErrProtocol):
		return protocolRejection(fmt.Sprintf("the child broke the protocol: %v", err)), false
	case p.expired.Load() || p.outOfTime(timeout):
		return &Rejection{Stage: gate.StageTime, Reason: fmt.Sprintf("no result within %v of processor time or %v in all", timeout, patience*timeout), Hint: "use fewer loop iterations"}, false
	}
	return p.death(err), true
}

// death explains the end of a child that nobody here killed.
func (p *process) death(err error) *Rejection {
	last := p.stderr.text()
	switch {
	case p.cmd.ProcessState.ExitCode() == isolate.ExitMemory, strings.Contains(last, "out of memory"), strings.Contains(last, "cannot allocate memory"):
		return &Rejection{Stage: gate.StageMemory, Reason: "the candidate needs too much memory", Hint: "use fewer and smaller slices and loop iterations"}
	case strings.Contains(last, "stack overflow"), strings.Contains(last, "stack exceeds"):
		return &Rejection{Stage: gate.StageStack, Reason: "the candidate nests too deeply", Hint: "use fewer nested calls"}
	}
	if r := p.signalDeath(); r != nil {
		return r
	}
	return protocolRejection(died(err, p.cmd.ProcessState.String(), last))
}

// died describes an end without an answer.
func died(err error, state, last string) string {
	line, _, _ := strings.Cut(last, "\n")
	if line == "" && !errors.Is(err, io.EOF) {
		line = err.Error()
	}
	return strings.TrimSuffix(fmt.Sprintf("the child ended without an answer (%s): %s", state, line), ": ")
}

// childStages are the stages that a child may name.
var childStages = []string{gate.StageSize, gate.StageParse, gate.StagePolicy, gate.StageTypes, gate.StageTrace, gate.StageBudget}

// maxReason bounds the texts of a rejection that come from a child, in bytes.
const maxReason = 2000

// decodeRejection reads a rejection that a child sent about source. Whatever the
// child is, only a plausible position and printable text come out.
func decodeRejection(payload []byte, source string) (*Rejection, error) {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	var r Rejection
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("%w: rejection: %v", wire.ErrProtocol, err)
	}
	if !slices.Contains(childStages, r.Stage) {
		return nil, fmt.Errorf("%w: rejection with stage %q", wire.ErrProtocol, printable(r.Stage, 20))
	}
	lines := strings.Split(source, "\n")
	if !within(lines, position{r.Line, r.Column}) {
		r.Line, r.Column = 0, 0
	}
	r.Reason, r.Hint = printable(r.Reason, maxReason), printable(r.Hint, maxReason)
	if r.Reason == "" {
		return nil, fmt.Errorf("%w: rejection without a reason", wire.ErrProtocol)
	}
	return &r, nil
}

// printable returns at most limit bytes of s without what is not printable; line
// ends and tabs stay.
func printable(s string, limit int) string {
	s = strings.ToValidUTF8(s[:min(limit, len(s))], "")
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || unicode.IsPrint(c) {
			return c
		}
		return -1
	}, s)
}
