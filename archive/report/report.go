// Package report shows a run to people: as one HTML page that needs nothing else,
// and as single figures.
//
// Everything in a page comes from the archive. What candidates and models wrote
// (names, thoughts, code, reasons) is hostile: it is cut to a bounded length,
// stripped of control characters and escaped for the place it stands in, and the
// page forbids scripts and anything from outside by its Content-Security-Policy.
// However many candidates a run has, a page lists a bounded number of them and says
// how many it left out.
//
// A page never says more than the archive holds: a verdict that is undecided, not
// confirmed or not there yet is called so in the answer at its top.
package report

import (
	"fmt"
	"slices"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
)

// Options say what is shown beside the run itself.
type Options struct {
	// Control is a run of the random proposer to compare the search with; nil if
	// there is none.
	Control *archive.Reader
	// Known are losses whose curves are drawn for comparison, where their name is
	// dpo, hinge or ipo.
	Known []graph.Known
	// IDs are the candidates that figures show; empty: the one that the answer names.
	IDs []int
	// Config is the run's configuration as a file that "discover run" reads, and
	// Commands are the lines that repeat the run with it.
	Config   string
	Commands []string
	// Version names the program that writes the report.
	Version string
}

// Report is what there is to show of a run. It holds no open file.
type Report struct {
	options Options
	run     archive.Run
	totals  archive.Totals
	live    bool
	census  census
	control *control // nil without one

	board   []archive.Candidate // the best, as many as a table shows
	leader  *archive.Candidate  // what the answer names; nil while nothing but dpo is scored
	shown   []archive.Candidate // what figures show: the leader and, where that is a known loss, the best proposal
	lineage lineage             // of the first shown that was made from others
	stress  map[int]int         // blow-ups under stress, by id
}

// control is what is shown of the run of the random proposer.
type control struct {
	run    archive.Run
	points []point
	same   bool // it was scored with the same tasks and seeds
}

// boardRows is how many candidates the table of a page lists, and rowsUnfolded how
// many of them a reader sees without asking.
const boardRows, rowsUnfolded = 50, 12

// Read collects what there is to show. Neither reader is used afterwards. The error
// is that of a read, or names an id that does not exist.
func Read(r *archive.Reader, o Options) (*Report, error) {
	p := &Report{options: o, live: r.Live()}
	var err error
	if p.run, err = r.Run(); err != nil {
		return nil, err
	}
	if p.totals, err = r.Totals(); err != nil {
		return nil, err
	}
	if p.census, err = takeCensus(r); err != nil {
		return nil, err
	}
	if p.board, err = r.Top(boardRows); err != nil {
		return nil, err
	}
	for i := range p.board {
		p.board[i] = sane(p.board[i])
	}
	p.board = slices.DeleteFunc(p.board, func(c archive.Candidate) bool { return c.Score == nil })
	if err := p.readControl(o.Control); err != nil {
		return nil, err
	}
	return p, p.readShown(r)
}

func (p *Report) readControl(r *archive.Reader) error {
	if r == nil {
		return nil
	}
	run, err := r.Run()
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	points, err := scoredPoints(r)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	p.control = &control{run: run, points: points, same: sameScoring(p.run, run)}
	return nil
}

// readShown reads the leader and the candidates that figures show, whole.
func (p *Report) readShown(r *archive.Reader) error {
	if id := p.census.leader(); id > 0 {
		c, err := r.Candidate(id)
		if err != nil {
			return err
		}
		c = sane(c)
		p.leader = &c
	}
	for _, id := range p.options.IDs {
		c, err := r.Candidate(id)
		if err != nil {
			return err
		}
		p.shown = append(p.shown, sane(c))
	}
	if len(p.shown) == 0 && p.leader != nil {
		p.shown = []archive.Candidate{*p.leader}
		if made := p.census.bestMade; made != nil && p.leader.Origin == fromCatalog {
			p.shown = append(p.shown, *made)
		}
	}
	if len(p.shown) == 0 {
		return nil
	}
	var err error
	if p.lineage, err = ancestors(r, p.descendant()); err != nil {
		return err
	}
	p.stress, err = stressBlowUps(r, p.compared())
	return err
}

// descendant is the shown candidate whose lineage is of interest: the first that was
// made from others.
func (p *Report) descendant() archive.Candidate {
	for _, c := range p.shown {
		if len(c.Parents) > 0 {
			return c
		}
	}
	return p.shown[0]
}

// compared returns what the leader is compared with in tables: the shown
// candidates, the best known loss, dpo, hinge and ipo, as far as the run scored
// them, each once.
func (p *Report) compared() []archive.Candidate {
	list := p.shown
	for _, c := range []*archive.Candidate{p.census.bestKnown, p.census.known["dpo"], p.census.known["hinge"], p.census.known["ipo"]} {
		if c != nil && !contains(list, c.ID) {
			list = append(list[:len(list):len(list)], *c)
		}
	}
	return list
}

func contains(list []archive.Candidate, id int) bool {
	return slices.ContainsFunc(list, func(c archive.Candidate) bool { return c.ID == id })
}
