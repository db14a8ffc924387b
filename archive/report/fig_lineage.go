package report

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/objdisco/discover/archive"
)

// lineageFigure draws a candidate and its ancestors, the newest at the top, joined
// to their parents.
func (p *Report) lineageFigure() (*figure, error) {
	if len(p.lineage.members) < 2 {
		return nil, fmt.Errorf("%w: the candidate was made from no other", errNothing)
	}
	members := slices.DeleteFunc(slices.Clone(p.lineage.members), func(c archive.Candidate) bool { return c.Score == nil })
	if len(members) == 0 {
		return nil, fmt.Errorf("%w: no candidate of the lineage is scored", errNothing)
	}
	made := p.descendant()
	f := &figure{title: "What " + p.named(&made) + " was made from", width: pageWidth, height: 85 + 16*vg.Length(len(members))}
	pl, err := p.intervalPlot(f, members)
	if err != nil {
		return nil, err
	}
	f.panels = [][]*plot.Plot{{pl}}
	return f, addParents(f, pl, members)
}

// addParents joins every member to its parents.
func addParents(f *figure, pl *plot.Plot, members []archive.Candidate) error {
	style := draw.LineStyle{Color: color.NRGBA{blue.R, blue.G, blue.B, 110}, Width: 2}
	row := map[string]plotter.XY{}
	for i, c := range members {
		row[strconv.Itoa(c.ID)] = plotter.XY{X: c.Score.Fitness, Y: float64(len(members) - 1 - i)}
	}
	for _, c := range members {
		for _, parent := range c.Parents {
			to, ok := row[parent]
			if !ok {
				continue
			}
			if _, err := addLine(pl, plotter.XYs{row[strconv.Itoa(c.ID)], to}, style); err != nil {
				return err
			}
		}
	}
	f.legend = append(f.legend, entry{"made from", &plotter.Line{LineStyle: style}})
	return nil
}
