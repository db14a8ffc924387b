// Package discover is the search for objectives: a loop around five
// collaborators. A proposer writes a candidate, a checker turns it into a graph
// or says why not, an evaluator scores the graph, an archive keeps everything,
// and events tell whoever watches.
//
// Candidate i is proposed from exactly the results of candidates up to i−lag
// (and of the whole catalog), and results are applied in candidate order. With
// randomness derived from (seed, candidate, purpose), the archive that a search
// leaves is a function of its configuration, seed and the proposer's replies:
// not of the number of workers, and not of how often it was killed and resumed.
package discover

import (
	"context"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// Proposer writes candidates. It must be a function of the request and of what
// it stored itself, and safe for concurrent use.
type Proposer interface {
	Propose(ctx context.Context, req propose.Request) (propose.Proposal, error)
}

// Repairer is a Proposer that can mend a rejected candidate. turn counts from 1.
type Repairer interface {
	Repair(ctx context.Context, req propose.Request, previous propose.Proposal, rejection string, turn int) (propose.Proposal, error)
}

// Checker turns source into a graph, or says why it is refused. An error is the
// machine's, never the candidate's.
type Checker interface {
	Check(ctx context.Context, source string) (*sandbox.Compiled, *sandbox.Rejection, error)
}

// Evaluator scores a graph, or says why it could not be scored. An error is the
// machine's, never the candidate's. memo and progress may be nil.
type Evaluator interface {
	Evaluate(ctx context.Context, objective *graph.Graph, effort evaluator.Effort, memo evaluator.Memo, progress func(evaluator.Event)) (*evaluator.Metrics, *evaluator.Failure, error)
}

// Search is one run, new or gone on with.
type Search struct {
	Name      string
	Config    Config
	Origin    string          // of proposed candidates: llm, evolve or random
	Catalog   []catalog.Entry // known losses, scored before the first proposal
	Proposer  Proposer
	Checker   Checker
	Evaluator Evaluator
	Archive   *archive.Archive
	Events    func(Event) // called one event at a time; nil: nobody watches
}
