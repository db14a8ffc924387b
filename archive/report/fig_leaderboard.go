package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/objdisco/discover/archive"
)

// barsShown is how many candidates the figure of the leaderboard shows.
const barsShown = 20

// leaderboardFigure draws fitness and interval of the best candidates, or of those
// that were named, and what a confirmation gave.
func (p *Report) leaderboardFigure() (*figure, error) {
	rows := p.ranked()
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: no candidate is scored", errNothing)
	}
	f := &figure{title: "The best candidates, with 95 % intervals", width: pageWidth, height: 80 + 14*vg.Length(len(rows))}
	pl, err := p.intervalPlot(f, rows)
	f.panels = [][]*plot.Plot{{pl}}
	return f, err
}

// ranked returns the candidates of the leaderboard's figure, best first.
func (p *Report) ranked() []archive.Candidate {
	rows := p.board[:min(len(p.board), barsShown)]
	if len(p.options.IDs) > 0 {
		rows = slices.DeleteFunc(slices.Clone(p.shown), func(c archive.Candidate) bool { return c.Score == nil })
		slices.SortStableFunc(rows, func(a, b archive.Candidate) int {
			switch {
			case a.Score.Fitness > b.Score.Fitness:
				return -1
			case a.Score.Fitness < b.Score.Fitness:
				return 1
			}
			return 0
		})
	}
	return rows
}

// intervalPlot draws rows of fitness and interval, the first at the top, by verdict.
func (p *Report) intervalPlot(f *figure, rows []archive.Candidate) (*plot.Plot, error) {
	pl := newPlot(p.fitnessAxis(), "")
	lo, hi := intervalRange(rows)
	names := make([]string, len(rows))
	for i, c := range rows {
		names[len(rows)-1-i] = label(c.Name, c.ID)
	}
	pl.NominalY(names...)
	pl.Y.Tick.Label.Font, pl.Y.Padding = sans(9), 4
	dpo, err := addLine(pl, plotter.XYs{{X: 0, Y: -.6}, {X: 0, Y: float64(len(rows)) - .4}}, dpoLine)
	if err != nil {
		return nil, err
	}
	f.legend = append(f.legend, entry{"dpo", dpo})
	for i, c := range rows {
		at := float64(len(rows) - 1 - i)
		addInterval(f, pl, c.Score, at, c.Score.Verdict, verdictStyle(c.Score.Verdict))
		if confirmedAlike(c) {
			addInterval(f, pl, c.Confirmed, at-.3, "confirmation, on fresh seeds", draw.GlyphStyle{Color: green, Radius: 2.6, Shape: diamond{}})
		}
	}
	pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max = lo, hi, -.6, float64(len(rows))-.4
	return pl, nil
}

// addInterval draws one score, named in the legend the first time.
func addInterval(f *figure, pl *plot.Plot, s *archive.Score, at float64, name string, style draw.GlyphStyle) {
	bar := &intervals{spans: []span{spanOf(s, at)}, style: draw.LineStyle{Color: style.Color, Width: 1.2}, cap: 4}
	glyph := &plotter.Scatter{XYs: plotter.XYs{{X: s.Fitness, Y: at}}, GlyphStyle: style}
	pl.Add(bar, glyph)
	if !slices.ContainsFunc(f.legend, func(e entry) bool { return e.label == name }) {
		f.legend = append(f.legend, entry{name, glyph})
	}
}

// intervalRange is that of all scores that are drawn.
func intervalRange(rows []archive.Candidate) (lo, hi float64) {
	var spans []span
	for _, c := range rows {
		spans = append(spans, spanOf(c.Score, 0))
		if confirmedAlike(c) {
			spans = append(spans, spanOf(c.Confirmed, 0))
		}
	}
	return spanRange(spans)
}

func spanOf(s *archive.Score, at float64) span { return span{at, s.Fitness, s.CI95[0], s.CI95[1]} }

// confirmedAlike tells whether a candidate has a confirmation in the unit of its
// score: a reward with one task, a share of dpo's gain with several.
func confirmedAlike(c archive.Candidate) bool {
	return c.Confirmed != nil && (len(c.Score.Tasks) > 1) == (len(c.Confirmed.Tasks) > 1)
}
