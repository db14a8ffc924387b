package evaluator

import (
	"context"
	"encoding/json"
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// Outcome is what one training run reached, computed exactly, not sampled.
type Outcome struct {
	Reward float64 // expected true reward of the policy
	KL     float64 // KL(policy‖reference) in nats, per token where the task has tokens
	BlewUp bool    // a parameter stopped being finite; Reward and KL then mean nothing
}

// Instance is one task prepared for one seed: the reference, the pairs, their
// order and the initial weights, which every objective is given alike. It is
// safe for concurrent use.
type Instance interface {
	// Train trains a policy from the reference with the objective in plan and
	// scores it. Equal arguments give equal outcomes, bit for bit. An error is
	// the context's or the machine's, never the objective's.
	Train(ctx context.Context, plan *graph.Plan, beta float64) (Outcome, error)
	// Reference is the outcome without training; its KL is 0.
	Reference() Outcome
}

// Sweeper is an Instance that trains with several betas at once in less time than it
// takes one after the other.
type Sweeper interface {
	Instance
	// Sweep returns what Train would for each of the betas, bit for bit, and fails as
	// Train does.
	Sweep(ctx context.Context, plan *graph.Plan, betas []float64) ([]Outcome, error)
}

// TaskInfo is what an Evaluator must know of a task before it prepares it.
type TaskInfo struct {
	// Identity says everything the task's outcomes depend on besides the
	// objective, beta and seed: name, version, parameters, arithmetic tier.
	// It keys stored results, so it must change when they would.
	Identity string
	// BetaScale multiplies the betas that a task is trained with; 0 means 1.
	BetaScale float64
	// Definition is the task's name, version and parameters as a JSON object, and
	// Tier the arithmetic that it is trained with: what is stored with a result.
	Definition json.RawMessage
	Tier       string
}

// Source prepares tasks. It is safe for concurrent use.
type Source interface {
	// Describe returns an error that names the known tasks for one it does
	// not know.
	Describe(task string) (TaskInfo, error)
	// Prepare builds the instance of a task for a seed. An Evaluator calls it
	// once for each and keeps the instance.
	Prepare(ctx context.Context, task string, seed uint64) (Instance, error)
}

// Key identifies a cell: the objective (the hash of its graph), the task, the
// identity of the task, the beta it is trained with and the seed.
type Key struct {
	Objective, Task, Identity string
	Beta                      float64
	Seed                      uint64
}

// Cell is the outcome of one objective on one task with one beta and seed.
type Cell struct {
	Task    string
	Beta    float64
	Seed    uint64
	Reward  float64 // 0 when BlewUp
	KL      float64 // 0 when BlewUp
	BlewUp  bool
	Seconds float64 // CPU time of training and scoring; the one field that is not reproducible
}

// Memo stores cells, so that none is trained twice. It is called from several
// goroutines at once.
type Memo interface {
	Lookup(Key) (Cell, bool)
	// Save is called once a cell is finished; its error ends the evaluation.
	Save(Key, Cell) error
}

// cellJSON is the JSON form of a Cell: a blown-up cell has no reward and no KL.
type cellJSON struct {
	Task    string   `json:"task"`
	Beta    float64  `json:"beta"`
	Seed    uint64   `json:"seed"`
	Reward  *float64 `json:"reward"`
	KL      *float64 `json:"kl"`
	BlewUp  bool     `json:"blew_up"`
	Seconds float64  `json:"seconds"`
}

// MarshalJSON writes null for the reward and KL of a blown-up cell.
func (c Cell) MarshalJSON() ([]byte, error) {
	form := cellJSON{c.Task, c.Beta, c.Seed, &c.Reward, &c.KL, c.BlewUp, c.Seconds}
	if c.BlewUp {
		form.Reward, form.KL = nil, nil
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Cell) UnmarshalJSON(data []byte) error {
	var form cellJSON
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	*c = Cell{Task: form.Task, Beta: form.Beta, Seed: form.Seed, BlewUp: form.BlewUp, Seconds: form.Seconds}
	if form.Reward == nil || form.KL == nil {
		c.BlewUp = true
		return nil
	}
	c.Reward, c.KL = *form.Reward, *form.KL
	return nil
}

// newCell keeps what is not finite out of every result.
func newCell(key Key, out Outcome, seconds float64) Cell {
	cell := Cell{Task: key.Task, Beta: key.Beta, Seed: key.Seed, Seconds: seconds}
	if out.BlewUp || !finite(out.Reward) || !finite(out.KL) {
		cell.BlewUp = true
		return cell
	}
	// A KL of zero may come out of exact arithmetic a rounding below it.
	cell.Reward, cell.KL = out.Reward, max(out.KL, 0)
	return cell
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
