package discover

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
)

// What a proposer is shown. A search remembers this much and the lag, however
// long its archive is.
const (
	rankedLimit   = 64
	rejectedLimit = 16
)

// remembered is a candidate that proposers may be shown.
type remembered struct {
	id      int
	fitness float64 // as stored; meaningless unless prior.Scored
	prior   propose.Prior
}

// history is the part of the archive that decides what the next candidates are
// made from. It is safe for concurrent use.
type history struct {
	lag int

	mu       sync.Mutex
	ranked   []remembered // scored, best first, the older first among equals
	rejected []remembered // without a score, newest first
	earnings []earning    // of proposals, oldest first
	tuned    []int        // of ranked, those whose constants were tuned
}

// loadHistory reads what a search that goes on must remember. It keeps lag more
// than the limits, so that asOf can look that far back.
func loadHistory(a *archive.Reader, lag int) (*history, error) {
	saved, err := readState(a)
	if err != nil {
		return nil, err
	}
	h := &history{lag: lag, tuned: saved.Tuned}
	shown, err := h.stored(a)
	if err != nil {
		return nil, err
	}
	for _, c := range shown {
		if err := h.show(c); err != nil {
			return nil, err
		}
	}
	next, err := a.NextID()
	if err != nil {
		return nil, err
	}
	for c, err := range a.Candidates(max(1, next-creditWindow-lag)) {
		if err != nil {
			return nil, err
		}
		h.credit(c)
	}
	return h, nil
}

// stored returns the candidates that proposers may be shown, oldest first.
func (h *history) stored(a *archive.Reader) ([]archive.Candidate, error) {
	out, err := a.Top(rankedLimit + h.lag)
	if err != nil {
		return nil, err
	}
	for _, status := range []string{archive.Rejected, archive.Failed, archive.Duplicate} {
		recent, err := a.Recent(status, rejectedLimit+h.lag)
		if err != nil {
			return nil, err
		}
		out = append(out, recent...)
	}
	slices.SortFunc(out, func(a, b archive.Candidate) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// add takes in an applied candidate, newer than all before it.
func (h *history) add(c archive.Candidate) error {
	if err := h.show(c); err != nil {
		return err
	}
	h.credit(c)
	return nil
}

// show adds a candidate to what proposers are shown.
func (h *history) show(c archive.Candidate) error {
	prior, err := priorOf(c)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Score == nil {
		h.rejected = slices.Insert(h.rejected, 0, remembered{id: c.ID, prior: prior})
		h.rejected = h.rejected[:min(len(h.rejected), rejectedLimit+h.lag)]
		return nil
	}
	h.ranked = insert(h.ranked, remembered{c.ID, c.Score.Fitness, prior})
	h.ranked = h.ranked[:min(len(h.ranked), rankedLimit+h.lag)]
	return nil
}

// insert adds a candidate that is newer than those of a ranking.
func insert(ranked []remembered, r remembered) []remembered {
	at, _ := slices.BinarySearchFunc(ranked, r.fitness, func(r remembered, fitness float64) int {
		if r.fitness >= fitness {
			return -1
		}
		return 1
	})
	return slices.Insert(ranked, at, r)
}

// credit takes in what became of a candidate.
func (h *history) credit(c archive.Candidate) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o, ok := earningOf(c); ok {
		h.earnings = between(append(h.earnings, o), c.ID-creditWindow-h.lag, c.ID)
	}
	if c.Tuning == nil {
		return
	}
	id, err := strconv.Atoi(c.Tuning.Of)
	if err != nil || slices.Contains(h.tuned, id) {
		return
	}
	// What has left the ranking never returns to it.
	h.tuned = slices.DeleteFunc(append(slices.Clone(h.tuned), id), func(id int) bool {
		return !slices.ContainsFunc(h.ranked, func(r remembered) bool { return r.id == id })
	})
}

// odds returns what a bandit would have learnt when candidate last had just been
// applied.
func (h *history) odds(last int) propose.Odds {
	h.mu.Lock()
	defer h.mu.Unlock()
	return oddsOf(between(h.earnings, last-creditWindow, last))
}

// between returns the earnings of candidates after the first id up to the last.
func between(earnings []earning, first, last int) []earning {
	at := func(id int) int {
		i, _ := slices.BinarySearchFunc(earnings, id+1, func(o earning, id int) int { return cmp.Compare(o.id, id) })
		return i
	}
	return earnings[at(first):at(last)]
}

// earned is by how much a candidate that is not yet added raises the mean of the
// best.
func (h *history) earned(c archive.Candidate) float64 {
	if c.Score == nil || c.Origin == originCatalog {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return earned(h.ranked, c.Score.Fitness)
}

// asOf returns what a proposer would have been shown when candidate last had
// just been applied, for a last that is at most lag behind.
func (h *history) asOf(last int) (ranked, rejected []propose.Prior) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return upTo(h.ranked, last, rankedLimit), upTo(h.rejected, last, rejectedLimit)
}

// request is what candidate i is made from, given that it is shown the results
// up to last.
func (h *history) request(i, last int, config Config) propose.Request {
	ranked, rejected := h.asOf(last)
	req := propose.Request{ID: strconv.Itoa(i), Applied: last, Rand: stream(config.Seed, i, "propose"), Ranked: ranked, Rejected: rejected}
	if config.Adapt {
		req.Odds = h.odds(last)
	}
	return req
}

// NextRequest is what the next proposal of a run will be made from, once
// everything in work is applied. known is the number of known objectives that
// the run scores first.
func NextRequest(r *archive.Reader, config Config, known int) (propose.Request, error) {
	next, err := r.NextID()
	if err != nil {
		return propose.Request{}, err
	}
	h, err := loadHistory(r, config.Lag)
	if err != nil {
		return propose.Request{}, err
	}
	i := max(next, known+1)
	return h.request(i, needs(i, known, config.Lag), config), nil
}

func upTo(list []remembered, last, limit int) []propose.Prior {
	out := make([]propose.Prior, 0, min(len(list), limit))
	for _, r := range list {
		if r.id <= last && len(out) < limit {
			out = append(out, r.prior)
		}
	}
	return out
}

// priorOf is a stored candidate as a proposer sees it.
func priorOf(c archive.Candidate) (propose.Prior, error) {
	p := propose.Prior{
		ID: strconv.Itoa(c.ID), Origin: c.Origin, Name: c.Name, Thought: c.Thought, Code: c.Code,
		Status: c.Status, Stage: c.Stage, Reason: c.Reason, Hint: c.Hint,
		Fingerprint: c.Fingerprint, Parents: c.Parents, Facts: c.Facts,
	}
	if c.Nearest != nil && !(c.Origin == originCatalog && c.Nearest.Name == c.Name) {
		p.Nearest = nearest(match(c.Nearest))
	}
	if c.Graph != nil {
		g, err := graph.Decode(c.Graph)
		if err != nil {
			return p, fmt.Errorf("candidate %d: %w", c.ID, err)
		}
		p.Graph = g
	}
	if c.Score != nil {
		unit, err := fitnessUnit(c.Score)
		if err != nil {
			return p, fmt.Errorf("candidate %d: %w", c.ID, err)
		}
		p.Scored, p.Verdict = true, c.Score.Verdict
		p.Fitness, p.CI95 = c.Score.Fitness/unit, [2]float64{c.Score.CI95[0] / unit, c.Score.CI95[1] / unit}
	}
	return p, nil
}

// nearest words a match for one who does not know what distances are usual: the nearest
// known loss may be far away.
func nearest(m graph.Match) string {
	if m.Same() {
		return m.Scaled()
	}
	return fmt.Sprintf("%s (their gradients differ by %.2g %%)", m.Scaled(), 100*m.Distance)
}

// fitnessUnit is what a fitness must be divided by to be a share of dpo's gain:
// with a single task it is in units of that task's reward.
func fitnessUnit(s *archive.Score) (float64, error) {
	if len(s.Tasks) != 1 {
		return 1, nil
	}
	var tasks []evaluator.TaskScore
	if err := json.Unmarshal(s.Detail, &tasks); err != nil {
		return 0, fmt.Errorf("stored metrics: %w", err)
	}
	if len(tasks) != 1 || !(tasks[0].Gain > 0) {
		return 0, fmt.Errorf("stored metrics do not fit their score")
	}
	return tasks[0].Gain, nil
}
