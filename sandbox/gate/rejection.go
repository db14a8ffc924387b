// Package gate decides whether a candidate's source is written in the objective
// language. It never runs anything.
//
// The stages, in order: Size (bytes and tokens, without recursion), Parse,
// Policy (an allow-list over the syntax tree), Types (go/types against the stub
// of the API) and the rules that need types. Size, Parse and Policy are cheap
// and bounded enough for the trusted process; Types is not, and is run in the
// sandbox child.
package gate

import "fmt"

// The stages at which a candidate can be stopped.
const (
	StageSize     = "size"     // too large, not text, too deeply nested
	StageParse    = "parse"    // not Go
	StagePolicy   = "policy"   // Go, but outside the objective language
	StageTypes    = "types"    // does not type-check against the API
	StageTrace    = "trace"    // misuses the language while being traced
	StageBudget   = "budget"   // runs more steps than a candidate may
	StageTime     = "time"     // does not finish in time
	StageMemory   = "memory"   // needs more memory than a candidate may
	StageStack    = "stack"    // recurses too deeply
	StageSyscall  = "syscall"  // the kernel stopped a forbidden system call
	StageProtocol = "protocol" // the sandbox child broke the protocol or died
	StageProbe    = "probe"    // the traced objective is unusable for training
)

// Rejection says why a candidate was not accepted: data, not an error, worded
// for a person or a language model to act on. Line and Column count from 1, in
// bytes; they are 0 where no position applies.
type Rejection struct {
	Stage  string `json:"stage"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Reason string `json:"reason"`
	Hint   string `json:"hint"`
}

// String formats r as "line:column: stage: reason (hint)".
func (r *Rejection) String() string { return r.format(r.Stage + ": " + r.Reason) }

// Detail formats r as "line:column: reason (hint)", to stand beside the stage.
func (r *Rejection) Detail() string { return r.format(r.Reason) }

// format adds to a text where r applies and what may be done.
func (r *Rejection) format(s string) string {
	if r.Line > 0 {
		s = fmt.Sprintf("%d:%d: %s", r.Line, r.Column, s)
	}
	if r.Hint != "" {
		s += " (" + r.Hint + ")"
	}
	return s
}
