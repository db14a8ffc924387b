// Package prompts writes what a language model is asked: role, goal, language
// and rules as the system message; the objectives so far, recent rejections and
// one task as the user message; and the message that sends a rejected candidate
// back.
//
// The texts are templates (text/template), one file each in folder templates. A
// folder of the user's can replace any of them by name. In templates {{entry .}} and
// {{rejected .}} stand for what those templates say of an Entry; like
// {{template "entry.tmpl" .}}, but rendered only once in a search. A rendering is
// bounded in what it executes and makes, since the templates of a run may be a
// stranger's; the templates of entries cannot call the two.
package prompts

import (
	"fmt"
	"slices"
	"strings"
)

// Operators are the tasks that a prompt can set. Mutate and simplify take one
// parent, combine takes two.
const (
	New      = "new"
	Mutate   = "mutate"
	Combine  = "combine"
	Simplify = "simplify"
	Explore  = "explore"
)

// Operators lists the operators.
func Operators() []string { return []string{New, Mutate, Combine, Simplify, Explore} }

// Entry is an earlier candidate.
type Entry struct {
	ID, Name, Origin, Thought, Code string
	Fitness                         float64    // share of dpo's gain, of a scored one
	CI95                            [2]float64 // 95 % interval of Fitness
	Verdict                         string     // better, worse, same or undecided
	Facts                           []string   // datasheet, in words
	Nearest                         string     // known loss, in words
	Stage, Reason, Hint             string     // of a rejected one
}

// Input is what a prompt is made from.
type Input struct {
	Language      string  // the objective language: its API as Go source without bodies
	Rules         string  // what a candidate may write, as lines that begin with "- "
	MicroBatch    int     // pairs that a batch statistic sees
	Scored        []Entry // best first
	Rejected      []Entry // most recent first
	HistoryTokens int     // what Scored and Rejected may take up in the prompt
	Operator      string
	Parents       []string // ids among Scored; they are always shown
}

// Prompt is a rendered prompt.
type Prompt struct {
	System, User string
	// History is the number of tokens that Scored and Rejected take up in it. With
	// parents that do not fit it is more than HistoryTokens.
	History int
}

// String is the whole prompt as one text.
func (p Prompt) String() string {
	return "=== system ===\n" + p.System + "\n=== user ===\n" + p.User
}

// view is what the templates see.
type view struct {
	Input
	Known     int // scored entries, shown or not
	Hidden    int // of them, that are not shown
	Task      string
	Rejection string
}

// Render writes the prompt. The history that it shows is chosen to fit
// HistoryTokens: whole entries, never part of one.
func (s *Set) Render(in Input) (Prompt, error) {
	if !slices.Contains(Operators(), in.Operator) {
		return Prompt{}, fmt.Errorf("unknown operator %q: use one of %s", in.Operator, strings.Join(Operators(), ", "))
	}
	r, err := s.begin()
	if err != nil {
		return Prompt{}, err
	}
	known := len(in.Scored)
	in, used, err := r.choose(in)
	if err != nil {
		return Prompt{}, err
	}
	v := view{Input: in, Known: known, Hidden: known - len(in.Scored)}
	if v.Task, err = r.trimmed("operator_"+in.Operator+".tmpl", parentsOf(in)); err != nil {
		return Prompt{}, err
	}
	v.Task = strings.TrimSpace(v.Task)
	p := Prompt{History: used}
	if p.System, err = r.trimmed("system.tmpl", v); err == nil {
		p.User, err = r.trimmed("user.tmpl", v)
	}
	return p, err
}

// parents are the entries that an operator is about.
type parents struct{ Parents []Entry }

func parentsOf(in Input) parents {
	var p parents
	for _, id := range in.Parents {
		if i := slices.IndexFunc(in.Scored, func(e Entry) bool { return e.ID == id }); i >= 0 {
			p.Parents = append(p.Parents, in.Scored[i])
		}
	}
	return p
}

// Repair writes the message that sends a candidate back. rejection says stage,
// position, reason and hint.
func (s *Set) Repair(rejection string) (string, error) {
	r, err := s.begin()
	if err != nil {
		return "", err
	}
	return r.trimmed("repair.tmpl", view{Rejection: rejection})
}
