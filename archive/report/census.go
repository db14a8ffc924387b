package report

import (
	"bytes"
	"encoding/json"

	"github.com/objdisco/discover/archive"
)

// fromCatalog is the origin of known losses.
const fromCatalog = "catalog"

// Verdicts that the answer tells apart.
const (
	better    = "better"
	undecided = "undecided"
)

// point is a scored candidate in the search curve.
type point struct {
	id      int
	fitness float64
	known   bool // a loss of the catalog
	verdict string
}

// census is what one pass over all candidates finds. Its size does not grow with
// what they wrote.
type census struct {
	points    []point
	proposed  int // candidates that are not from the catalog
	better    int // scored better than dpo
	undecided int
	confirmed int // scored again
	repaired  int // candidates that were sent back and then passed the checks
	cells     int
	seconds   float64 // CPU time of the cells of applied candidates
	failures  []failure
	// otherFailures counts candidates that failed in ways beyond waysShown.
	otherFailures int

	known     map[string]*archive.Candidate // scored losses of the catalog that tables compare with
	bestKnown *archive.Candidate
	bestMade  *archive.Candidate // the highest fitness among the proposals
	bestSure  int                // id of the best whose confirmation says better
	bestSeen  int                // id of the best that the search calls better and no confirmation contradicts
	best      int                // id of the highest fitness, dpo aside

	sureFitness, seenFitness, bestFitness float64
}

// leader is the id of the candidate that the answer names, 0 if none: one that is
// confirmed, else one that the search calls better, else the highest fitness.
func (c *census) leader() int {
	for _, id := range []int{c.bestSure, c.bestSeen, c.best} {
		if id > 0 {
			return id
		}
	}
	return 0
}

func takeCensus(r *archive.Reader) (census, error) {
	c := census{known: map[string]*archive.Candidate{}}
	for candidate, err := range r.Candidates(1) {
		if err != nil {
			return c, err
		}
		c.count(sane(candidate))
		cells, err := r.Cells(candidate.ID)
		if err != nil {
			return c, err
		}
		c.cells += len(cells)
		for _, cell := range cells {
			c.seconds += cell.Seconds
		}
	}
	return c, nil
}

func (c *census) count(a archive.Candidate) {
	if a.Origin != fromCatalog {
		c.proposed++
	}
	if len(a.Attempts) > 0 && a.Status != archive.Rejected {
		c.repaired++
	}
	if a.Score == nil {
		c.countFailure(a)
		return
	}
	c.points = append(c.points, pointOf(a))
	if a.Origin == fromCatalog && isYardstick(a.Name) {
		c.known[a.Name] = &a
	}
	if isDPO(a) {
		return
	}
	c.rank(a)
}

// rank keeps the best of each kind; among equals the older.
func (c *census) rank(a archive.Candidate) {
	s := a.Score
	switch s.Verdict {
	case better:
		c.better++
	case undecided:
		c.undecided++
	}
	if c.best == 0 || s.Fitness > c.bestFitness {
		c.best, c.bestFitness = a.ID, s.Fitness
	}
	kind := &c.bestMade
	if a.Origin == fromCatalog {
		kind = &c.bestKnown
	}
	if *kind == nil || s.Fitness > (*kind).Score.Fitness {
		*kind = &a
	}
	if again := a.Confirmed; again != nil {
		c.confirmed++
		if again.Verdict == better && (c.bestSure == 0 || again.Fitness > c.sureFitness) {
			c.bestSure, c.sureFitness = a.ID, again.Fitness
		}
		return
	}
	if s.Verdict == better && (c.bestSeen == 0 || s.Fitness > c.seenFitness) {
		c.bestSeen, c.seenFitness = a.ID, s.Fitness
	}
}

// isYardstick reports the known losses that curves and tables show for comparison.
func isYardstick(name string) bool { return name == "dpo" || name == "hinge" || name == "ipo" }

func isDPO(c archive.Candidate) bool { return c.Origin == fromCatalog && c.Name == "dpo" }

func pointOf(c archive.Candidate) point {
	return point{id: c.ID, fitness: c.Score.Fitness, known: c.Origin == fromCatalog, verdict: c.Score.Verdict}
}

// scoredPoints are the points of another run.
func scoredPoints(r *archive.Reader) ([]point, error) {
	var points []point
	for c, err := range r.Candidates(1) {
		if err != nil {
			return nil, err
		}
		if c = sane(c); c.Score != nil {
			points = append(points, pointOf(c))
		}
	}
	return points, nil
}

// scoring is the part of a run's configuration that decides what a fitness means.
type scoring struct {
	Config struct {
		Tasks      json.RawMessage `json:"tasks"`
		Seeds      int             `json:"seeds"`
		MicroBatch int             `json:"micro_batch"`
	} `json:"config"`
}

// sameScoring reports whether two runs score alike, so that their curves can be
// compared. Configurations that cannot be read are not alike.
func sameScoring(a, b archive.Run) bool {
	var x, y scoring
	if json.Unmarshal(a.Config, &x) != nil || json.Unmarshal(b.Config, &y) != nil {
		return false
	}
	return bytes.Equal(x.Config.Tasks, y.Config.Tasks) && x.Config.Seeds == y.Config.Seeds && x.Config.MicroBatch == y.Config.MicroBatch
}

// stressTask is the task on which the search hunts for blow-ups.
const stressTask = "bandit-stress"

// stressBlowUps counts the blown-up cells of each candidate under stress. One that
// was not put under stress is not in the map.
func stressBlowUps(r *archive.Reader, candidates []archive.Candidate) (map[int]int, error) {
	out := map[int]int{}
	for _, c := range candidates {
		cells, err := r.Cells(c.ID)
		if err != nil {
			return nil, err
		}
		for _, cell := range cells {
			if cell.Task != stressTask {
				continue
			}
			out[c.ID] += 0
			if cell.BlewUp {
				out[c.ID]++
			}
		}
	}
	return out, nil
}
