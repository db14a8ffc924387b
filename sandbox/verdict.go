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
		return tooLong(timeout), false
	}
	return p.death(err), true
}

func tooLong(timeout time.Duration) *Rejection {
	return gate.TooLong(fmt.Sprintf("%v of processor time or %v in all", timeout, patience*timeout))
}

// death explains the end of a child that nobody here killed.
func (p *process) death(err error) *Rejection {
	last := p.stderr.text()
	switch {
	case p.cmd.ProcessState.ExitCode() == isolate.ExitMemory, strings.Contains(last, "out of memory"), strings.Contains(last, "cannot allocate memory"):
		return gate.TooMuchMemory()
	case p.cmd.ProcessState.ExitCode() == isolate.ExitStack, strings.Contains(last, "stack overflow"), strings.Contains(last, "stack exceeds"):
		return gate.TooDeep()
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
var childStages = []string{gate.StageSize, gate.StageParse, gate.StagePolicy, gate.StageTypes, gate.StageTrace, gate.StageBudget,
	gate.StageTime, gate.StageMemory, gate.StageStack}

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
	if !within(source, position{r.Line, r.Column}) {
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
