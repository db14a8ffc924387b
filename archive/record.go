package archive

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Statuses of a candidate.
const (
	Scored    = "scored"    // it has a Score
	Rejected  = "rejected"  // the sandbox refused it at Stage
	Duplicate = "duplicate" // it denotes what DuplicateOf denotes
	Failed    = "failed"    // its evaluation ended at Stage without a score
)

// Candidate is one program, its lineage and what became of it.
type Candidate struct {
	// ID counts from 1 in the order of application.
	ID      int    `json:"id,string"`
	Origin  string `json:"origin"` // catalog, llm, evolve, random or tuned
	Name    string `json:"name"`
	Thought string `json:"thought,omitempty"`
	// Code is the source of the last attempt.
	Code     string   `json:"code"`
	Parents  []string `json:"parents,omitempty"` // ids
	Operator string   `json:"operator,omitempty"`
	Model    string   `json:"model,omitempty"`
	// Prompt is the text that was sent for the first attempt. Only the method
	// Candidate fills it in; lists leave it empty.
	Prompt string `json:"prompt,omitempty"`
	// Rendered is, in a replay with another history or other templates, the prompt as
	// it would have been, where that differs from Prompt, which the reply answered.
	// Only the method Candidate fills it in.
	Rendered string `json:"rendered,omitempty"`

	Status string `json:"status"`
	// Rejection says where and why a candidate without a score ended.
	Rejection
	// Attempts are the earlier versions of Code that were sent back for repair,
	// oldest first.
	Attempts []Attempt `json:"attempts,omitempty"`

	Fingerprint string `json:"fingerprint,omitempty"`
	// Graph is what Code denotes, as sandbox/graph writes it.
	Graph       json.RawMessage `json:"graph,omitempty"`
	DuplicateOf string          `json:"duplicate_of,omitempty"` // id
	Nearest     *Nearest        `json:"nearest,omitempty"`
	// Facts are the datasheet's findings in words.
	Facts []string `json:"facts,omitempty"`

	// Score is set exactly when Status is Scored.
	Score *Score `json:"score,omitempty"`
	// Earned is by how much the candidate raised the mean fitness of the ten best,
	// the known losses among them, when it was applied.
	Earned float64 `json:"earned,omitempty"`
	// Odds are the factors by which the weights of models and operators were
	// multiplied when it was proposed; nil: by none.
	Odds *Odds `json:"odds,omitempty"`
	// Tuning says whose constants were tuned in the place of this candidate; if
	// Evaluations found nothing better, it was then proposed as any other.
	Tuning *Tuning `json:"tuning,omitempty"`
	// Usage is what the model calls for it consumed, repairs included.
	Usage *Usage `json:"usage,omitempty"`
	// Confirmed is the score on fresh seeds and held-out tasks, if it was asked for.
	Confirmed *Score `json:"confirmed,omitempty"`
	// Imported is set for a candidate that was read from a file.
	Imported *Imported `json:"imported,omitempty"`

	Created time.Time `json:"created,omitzero"`
}

// Tuning is one search for better constants.
type Tuning struct {
	Of          string  `json:"of"` // id
	Evaluations int     `json:"evaluations"`
	Before      float64 `json:"before"` // share of dpo's gain, on the screen
	After       float64 `json:"after"`  // the same of the best that was found
}

// Odds are factors by name.
type Odds struct {
	Models    map[string]float64 `json:"models,omitempty"`
	Operators map[string]float64 `json:"operators,omitempty"`
}

// Rejection says why a program was refused and where in it the reason lies.
// Line and Column count from 1; 0 means that the reason has no position.
type Rejection struct {
	Stage  string `json:"stage,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Reason string `json:"reason,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// Attempt is one version of a candidate that was sent back.
type Attempt struct {
	Code string `json:"code"`
	Rejection
}

// Nearest names the known loss that a candidate comes closest to.
type Nearest struct {
	Name      string  `json:"name"`
	BetaScale float64 `json:"beta_scale"`
	Factor    float64 `json:"factor,omitempty"` // of the loss
	Distance  float64 `json:"distance"`
}

// Score is the outcome of an evaluation. All numbers are finite.
type Score struct {
	Fitness float64     `json:"fitness"`
	CI95    [2]float64  `json:"ci95"`
	Verdict string      `json:"verdict"`
	Tasks   []TaskScore `json:"tasks,omitempty"`
	Seeds   int         `json:"seeds"` // paired seeds that the interval rests on
	// FirstSeed is the first of them.
	FirstSeed uint64 `json:"first_seed,omitempty"`
	// Stress counts blow-ups under stress, by beta; nil if there was no such test.
	Stress []BlowUps `json:"stress,omitempty"`
	// Setting says what was trained; nil in a score of a version that did not say.
	Setting *Setting `json:"setting,omitempty"`
	// Detail is what else the evaluator reported, as it came.
	Detail json.RawMessage `json:"detail,omitempty"`
}

// Setting is what a score depends on besides the objective, betas and seeds.
type Setting struct {
	// Tasks are the definitions of the tasks, with name, version and every
	// parameter, as the evaluator gave them.
	Tasks []json.RawMessage `json:"tasks"`
	Tier  string            `json:"tier"` // of the kernels that trained
}

// BlowUps counts how many of some seeds blew up at one beta.
type BlowUps struct {
	Beta   float64 `json:"beta"`
	BlewUp int     `json:"blew_up"`
	Seeds  int     `json:"seeds"`
}

// TaskScore is the part of a score that one task contributed.
type TaskScore struct {
	Task      string     `json:"task"`
	Advantage float64    `json:"advantage"`
	CI95      [2]float64 `json:"ci95"`
	Verdict   string     `json:"verdict"`
}

// Cell is the result of training one objective on one task at one beta and seed.
type Cell struct {
	Task        string   `json:"task"`
	TaskVersion string   `json:"task_version,omitempty"`
	Beta        float64  `json:"beta"`
	Seed        uint64   `json:"seed"`
	Reward      *float64 `json:"reward"` // nil when training blew up
	KL          *float64 `json:"kl"`     // per token, in nats; nil when training blew up
	BlewUp      bool     `json:"blew_up"`
	Seconds     float64  `json:"seconds"` // CPU time of training and evaluation
}

// Reply is one answer of a model, kept as it arrived.
type Reply struct {
	// Turn counts the model calls for a candidate, from 0.
	Turn   int    `json:"turn"`
	Model  string `json:"model,omitempty"`
	Raw    string `json:"raw"`              // the message, unparsed
	Finish string `json:"finish,omitempty"` // the server's finish reason
	Usage
	Seconds float64 `json:"seconds,omitempty"` // from request to reply
}

// validate refuses a record that breaks the rules above.
func (c *Candidate) validate() error {
	switch c.Status {
	case Scored, Rejected, Duplicate, Failed:
	default:
		return fmt.Errorf("status %q is none of scored, rejected, duplicate, failed", c.Status)
	}
	if (c.Status == Scored) != (c.Score != nil) {
		return fmt.Errorf("status %q does not fit its score", c.Status)
	}
	if !finite(c.Earned) || c.Tuning != nil && !finite(c.Tuning.Before, c.Tuning.After) {
		return fmt.Errorf("a number is not finite")
	}
	for _, s := range []*Score{c.Score, c.Confirmed} {
		if s != nil && !finite(s.Fitness, s.CI95[0], s.CI95[1]) {
			return fmt.Errorf("fitness %v with interval %v is not finite", s.Fitness, s.CI95)
		}
	}
	return nil
}

// validate refuses a cell that breaks the rules above.
func (c *Cell) validate() error {
	if c.BlewUp != (c.Reward == nil) || c.BlewUp != (c.KL == nil) {
		return fmt.Errorf("a cell has a reward and a KL exactly when it did not blow up")
	}
	if !finite(c.Beta) || !c.BlewUp && !finite(*c.Reward, *c.KL) {
		return fmt.Errorf("a number is not finite")
	}
	return nil
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}
