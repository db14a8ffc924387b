// Package propose makes candidates: Go sources of new objectives, each with a
// name, a one-sentence thought and the candidates that it was made from.
//
// A proposer reads only its Request: the results that the loop shows it and a
// random stream derived from (seed, candidate, purpose). Given the same Request
// it makes the same Proposal, on any number of workers and after any number of
// kills; a model's replies count as part of that input once they are journalled.
package propose

import (
	"math/rand/v2"

	"github.com/objdisco/discover/discover/llm"

	"github.com/objdisco/discover/sandbox/graph"
)

// Prior is one earlier candidate as a proposer sees it.
type Prior struct {
	ID          string       // candidate id, unique in the run
	Origin      string       // "catalog", "llm", "evolve", "random" or "tuned"
	Name        string       // snake case, for example "log_ratio_modulated"
	Thought     string       // one or two sentences
	Code        string       // Go source, package candidate
	Status      string       // as the archive spells it, for example "scored" or "rejected"
	Stage       string       // the stage that rejected it, "" when scored
	Reason      string       // why it was rejected, "" when scored
	Hint        string       // what to do about it, "" when scored
	Fingerprint string       // behaviour, "" when it was never traced
	Nearest     string       // in words, for example "dpo with beta × 0.5"
	Parents     []string     // ids of the candidates it was edited from
	Graph       *graph.Graph // nil when it was never traced; shared, not to be written
	Scored      bool         // Fitness, CI95 and Verdict hold figures
	Fitness     float64      // advantage over dpo at equal KL, as a share of dpo's gain
	CI95        [2]float64   // 95 % interval of Fitness over paired seeds
	Verdict     string       // "better", "worse", "same" or "undecided"
	Facts       []string     // datasheet facts in words
}

// Request is all that a proposer may use to make candidate ID. The slices and
// what they point to are shared and must not be written.
type Request struct {
	ID       string
	Applied  int        // newest candidate whose results may decide anything; 0: none
	Rand     *rand.Rand // PCG derived from (seed, candidate, purpose); owned by the call
	Ranked   []Prior    // scored, best first, bounded by the loop
	Rejected []Prior    // most recent first, bounded by the loop
	// Odds are what a bandit has learnt. The zero value leaves the weights as
	// they are configured.
	Odds Odds
}

// Odds are factors, by name, that the weights of models and operators are
// multiplied by for one candidate. What is not named keeps its weight.
type Odds struct {
	Models    map[string]float64 `json:"models,omitempty"`
	Operators map[string]float64 `json:"operators,omitempty"`
}

// Proposal is one candidate before any check.
type Proposal struct {
	Name     string `json:"name"`
	Thought  string `json:"thought"`
	Code     string `json:"code"`
	Operator string `json:"operator"`         // for example "mutate" or "combine"
	Model    string `json:"model,omitempty"`  // "" unless an LLM wrote it
	Prompt   string `json:"prompt,omitempty"` // the text that the LLM was given
	// Rendered is the prompt as a replay would have it, where that differs.
	Rendered string   `json:"rendered,omitempty"`
	Parents  []string `json:"parents,omitempty"` // ids of the candidates it was edited from
	Origin   string   `json:"origin,omitempty"`  // where it is not the search's own: "tuned", or as recorded
	// Tuning is, of a replay, what was tuned in this candidate's turn.
	Tuning *Tuning `json:"tuning,omitempty"`
	// Usage is what the model calls for it consumed, repairs included.
	Usage llm.Usage `json:"usage,omitzero"`

	// Problem says why no candidate could be read from a model's reply, Hint what
	// to do about it. Code is then empty: there is nothing to check, and the
	// proposal is to be treated as rejected at StageReply.
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// Tuning is one search for better constants.
type Tuning struct {
	Of          string  `json:"of"` // id of the candidate that they are of
	Evaluations int     `json:"evaluations"`
	Before      float64 `json:"before"` // share of dpo's gain, on the screen
	After       float64 `json:"after"`  // the same of the best that was found
}

// StageReply is the stage at which a proposal with a Problem is rejected.
const StageReply = "reply"
