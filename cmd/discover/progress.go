package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
)

// progressView shows a search on stderr: a line for every finished candidate
// and, on a terminal, a status line with a bar, the candidate that moved last,
// the best so far and the time left.
type progressView struct {
	line  *statusLine
	now   func() time.Time
	start time.Time
	first int // candidates done before this sitting
	done  int
	total int
	best  *archive.Candidate
}

func newProgressView(line *statusLine, now func() time.Time) *progressView {
	return &progressView{line: line, now: now, start: now()}
}

// event is called one event at a time.
func (v *progressView) event(e discover.Event) {
	switch e := e.(type) {
	case discover.Started:
		v.first, v.done, v.total, v.start = e.Done, e.Done, e.Total, v.now()
		v.line.print(startLine(e))
	case discover.Progress:
		v.line.set(v.status(e))
	case discover.Applied:
		v.done, v.best = e.Done, e.Best
		v.line.print(fmt.Sprintf("[%*d/%d] %s", len(fmt.Sprint(v.total)), e.Done, e.Total, resultLine(e.Candidate)))
	case discover.Ended:
		v.line.clear()
	}
}

func startLine(e discover.Started) string {
	if e.Done > 0 {
		return fmt.Sprintf("run %s goes on: %d of %d candidates are done", e.Run, e.Done, e.Total)
	}
	return fmt.Sprintf("run %s: %d known objectives, then %d %s by %s", e.Run, e.Catalog, e.Total-e.Catalog, plural(e.Total-e.Catalog, "candidate", "candidates"), e.Proposer)
}

func resultLine(c archive.Candidate) string {
	if c.Score == nil {
		return fmt.Sprintf("%-24s %s: %s", clip(c.Name, 24), outcome(c), clip(c.Reason, 90))
	}
	return fmt.Sprintf("%-24s %+.4f %s %s", clip(c.Name, 24), c.Score.Fitness, interval(c.Score.CI95), c.Score.Verdict)
}

const barCells = 20

func (v *progressView) status(p discover.Progress) string {
	filled := 0
	if v.total > 0 {
		filled = barCells * v.done / v.total
	}
	text := strings.Repeat("█", filled) + strings.Repeat("░", barCells-filled)
	text += fmt.Sprintf(" %d/%d", v.done, v.total)
	if left, ok := v.left(); ok {
		text += fmt.Sprintf("  %s left", left)
	}
	if v.best != nil {
		text += fmt.Sprintf("  best %s %+.4f", clip(v.best.Name, 24), v.best.Score.Fitness)
	}
	text += fmt.Sprintf("  candidate %d %s: %s", p.ID, clip(p.Name, 24), p.Stage)
	if p.Planned > 0 {
		text += fmt.Sprintf(" %d/%d", p.Done, p.Planned)
	}
	return text
}

// left estimates the remaining time from the pace of this sitting.
func (v *progressView) left() (time.Duration, bool) {
	finished := v.done - v.first
	if finished < 3 {
		return 0, false
	}
	pace := v.now().Sub(v.start) / time.Duration(finished)
	return (pace * time.Duration(v.total-v.done)).Round(time.Second), true
}
