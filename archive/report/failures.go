package report

import (
	"cmp"
	"slices"

	"github.com/objdisco/discover/archive"
)

// failure is one way in which candidates ended without a score.
type failure struct {
	Status, Stage string
	Count         int
	Examples      []example
}

// example is a candidate that failed, in bounded text.
type example struct {
	ID           int
	Name, Reason string
}

// examplesShown is how many examples a way of failing has, and waysShown how many
// ways are told apart.
const examplesShown, waysShown = 3, 40

// countFailure counts a candidate without a score, with its reason as an example
// unless there is one like it.
func (c *census) countFailure(a archive.Candidate) {
	status, stage := line(a.Status, nameRunes), line(a.Stage, nameRunes)
	i := slices.IndexFunc(c.failures, func(f failure) bool { return f.Status == status && f.Stage == stage })
	if i < 0 && len(c.failures) >= waysShown {
		c.otherFailures++
		return
	}
	if i < 0 {
		i = len(c.failures)
		c.failures = append(c.failures, failure{Status: status, Stage: stage})
	}
	f := &c.failures[i]
	f.Count++
	e := example{a.ID, line(a.Name, nameRunes), line(a.Reason, reasonRunes)}
	if len(f.Examples) < examplesShown && !slices.ContainsFunc(f.Examples, func(x example) bool { return x.Reason == e.Reason }) {
		f.Examples = append(f.Examples, e)
	}
}

// byCount returns the ways of failing, the most frequent first.
func byCount(failures []failure) []failure {
	sorted := slices.Clone(failures)
	slices.SortStableFunc(sorted, func(a, b failure) int { return cmp.Compare(b.Count, a.Count) })
	return sorted
}
