package propose

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/objdisco/discover/prompts"
)

// DefaultOperators are the tasks that a model is set, with their weights.
func DefaultOperators() []Arm {
	return []Arm{{prompts.New, 2}, {prompts.Mutate, 4}, {prompts.Combine, 2}, {prompts.Simplify, 1}, {prompts.Explore, 2}}
}

// parentsNeeded is how many parents an operator is about.
var parentsNeeded = map[string]int{prompts.Mutate: 1, prompts.Simplify: 1, prompts.Combine: 2}

// plan draws the model, the operator and its parents.
func (p *LLM) plan(req Request) Proposal {
	operators := p.Operators
	if operators == nil {
		operators = DefaultOperators()
	}
	candidates := parentIDs(req)
	operators = slices.DeleteFunc(slices.Clone(operators), func(a Arm) bool { return parentsNeeded[a.Name] > len(candidates) })
	if len(operators) == 0 {
		operators = []Arm{{prompts.New, 1}}
	}
	plan := Proposal{Model: pull(req.Rand, p.Models, req.Odds.Models), Operator: pull(req.Rand, operators, req.Odds.Operators)}
	for range parentsNeeded[plan.Operator] {
		i := rank(req, len(candidates))
		plan.Parents = append(plan.Parents, candidates[i])
		candidates = slices.Delete(candidates, i, i+1)
	}
	return plan
}

// pull draws an arm by its weight times its odds, which are 1 for an arm that
// they do not name. Arms that cannot be drawn are all the same if none can.
func pull(r *rand.Rand, arms []Arm, odds map[string]float64) string {
	var choices []choice[string]
	total := 0.0
	for _, a := range arms {
		weight := a.Weight
		if factor, ok := odds[a.Name]; ok {
			weight *= factor
		}
		if !(weight > 0) || math.IsInf(weight, 0) {
			weight = 0
		}
		total += weight
		choices = append(choices, choice[string]{weight, a.Name})
	}
	if total == 0 {
		return one(r, choices).value
	}
	return draw(r, choices)
}

// parentIDs returns the priors that can be a model's parents, best first, each
// behaviour once.
func parentIDs(req Request) []string {
	var ids []string
	seen := behaviours{}
	for _, p := range req.Ranked {
		if p.Scored && p.Code != "" && seen.add(p) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// distinct returns the priors with each behaviour once.
func distinct(priors []Prior) []Prior {
	out := make([]Prior, 0, len(priors))
	seen := behaviours{}
	for _, p := range priors {
		if seen.add(p) {
			out = append(out, p)
		}
	}
	return out
}

// behaviours are fingerprints that have occurred.
type behaviours map[string]bool

// add reports whether the behaviour of p is new. One that is not known is its own.
func (b behaviours) add(p Prior) bool {
	if b[p.Fingerprint] {
		return false
	}
	b[p.Fingerprint] = p.Fingerprint != ""
	return true
}

// render writes the prompt of a plan. What was rejected lately is shown once for each
// behaviour: a model that repeats itself would see little else.
func (p *LLM) render(req Request, plan Proposal, history int) (prompts.Prompt, error) {
	return p.Prompts.Render(prompts.Input{
		Language: p.Language, Rules: p.Rules, MicroBatch: p.MicroBatch, HistoryTokens: history,
		Scored: entries(req.Ranked), Rejected: entries(distinct(req.Rejected)),
		Operator: plan.Operator, Parents: plan.Parents,
	})
}

func entries(priors []Prior) []prompts.Entry {
	out := make([]prompts.Entry, 0, len(priors))
	for _, p := range priors {
		out = append(out, prompts.Entry{
			ID: p.ID, Name: p.Name, Origin: p.Origin, Thought: p.Thought, Code: p.Code,
			Fitness: p.Fitness, CI95: p.CI95, Verdict: p.Verdict, Facts: p.Facts, Nearest: p.Nearest,
			Stage: p.Stage, Reason: p.Reason, Hint: p.Hint,
		})
	}
	return out
}
