package report

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strconv"

	"github.com/objdisco/discover/archive"
)

// lineage is a candidate and what it was made from, down to known losses.
type lineage struct {
	members []archive.Candidate // newest first
	cut     bool                // there are more ancestors
}

// lineageShown bounds how many members a lineage shows.
const lineageShown = 30

// ancestors follows the parents of c, the nearest generations first.
func ancestors(r *archive.Reader, c archive.Candidate) (lineage, error) {
	l := lineage{members: []archive.Candidate{c}}
	for next := 0; next < len(l.members); next++ {
		for _, parent := range l.members[next].Parents {
			id, err := strconv.Atoi(parent)
			if err != nil || contains(l.members, id) {
				continue
			}
			if len(l.members) == lineageShown {
				l.cut = true
				continue
			}
			p, err := r.Candidate(id)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return l, err
			}
			l.members = append(l.members, sane(p))
		}
	}
	slices.SortFunc(l.members, func(a, b archive.Candidate) int { return cmp.Compare(b.ID, a.ID) })
	return l, nil
}
