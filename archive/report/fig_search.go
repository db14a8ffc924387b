package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	pageWidth    vg.Length = 500 // what fits on A4 with margins, unscaled
	searchHeight vg.Length = 290
	// pointsDrawn bounds the points of the search curve.
	pointsDrawn = 1500
)

// searchFigure draws every scored candidate, the best proposal so far and that of
// the control.
func (p *Report) searchFigure() (*figure, error) {
	points := p.census.points
	if len(points) == 0 {
		return nil, fmt.Errorf("%w: no candidate is scored", errNothing)
	}
	pl := newPlot("candidate, in the order of the search", p.fitnessAxis())
	f := &figure{title: "The search, candidate by candidate", panels: [][]*plot.Plot{{pl}}, width: pageWidth, height: searchHeight}
	last := points[len(points)-1].id
	if p.control != nil && len(p.control.points) > 0 {
		last = max(last, p.control.points[len(p.control.points)-1].id)
	}
	lo, hi := p.fitnessRange()
	shadeKnown(pl, points, lo, hi)
	if err := p.searchLines(f, pl, float64(last)); err != nil {
		return nil, err
	}
	p.leaderInterval(f, pl)
	if err := scatter(f, pl, thin(points), lo); err != nil {
		return nil, err
	}
	pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max = 0, float64(last)+1, lo, hi
	return f, nil
}

// fitnessAxis words the fitness with its unit.
func (p *Report) fitnessAxis() string {
	if p.shareUnit() {
		return "fitness (share of dpo’s gain)"
	}
	return "fitness (reward above dpo’s)"
}

// shareUnit tells whether fitness is a share of dpo's gain, as with several tasks,
// or a reward, as with one.
func (p *Report) shareUnit() bool {
	return len(p.board) > 0 && len(p.board[0].Score.Tasks) > 1
}

// fitnessRange is the range of fitness in which something is decided: it leaves
// out what is far worse than dpo.
func (p *Report) fitnessRange() (lo, hi float64) {
	var values, sizes []float64
	for _, q := range p.census.points {
		values, sizes = append(values, q.fitness), append(sizes, math.Abs(q.fitness))
	}
	slices.Sort(sizes)
	best, worst := slices.Max(values), slices.Min(values)
	scale := max(best, sizes[len(sizes)/2], 1e-6)
	hi = max(best+scale/4, 0)
	if p.leader != nil {
		hi = max(hi, min(p.leader.Score.CI95[1], best+3*scale))
	}
	return min(max(worst-scale/4, -2*scale), -scale/4), hi
}

// shadeKnown marks the candidates that no proposer made.
func shadeKnown(pl *plot.Plot, points []point, lo, hi float64) {
	end := 0.
	for _, q := range points {
		if q.known {
			end = float64(q.id) + .5
		}
	}
	if end == 0 {
		return
	}
	area := &plotter.Polygon{XYs: []plotter.XYs{{{X: 0, Y: lo}, {X: 0, Y: hi}, {X: end, Y: hi}, {X: end, Y: lo}}}, Color: color.NRGBA{244, 244, 244, 255}}
	style := textStyle(9, ink)
	style.YAlign = draw.YTop
	words := &plotter.Labels{XYs: plotter.XYs{{X: end * .02, Y: hi}}, Labels: []string{"known losses"}, TextStyle: []draw.TextStyle{style}, Offset: vg.Point{X: 2, Y: -2}}
	pl.Add(area, words)
}

// step is a line of the search figure: constant from each point to the next.
type step struct {
	label string
	xys   plotter.XYs
	style draw.LineStyle
}

// searchLines draws dpo, the best known loss, and the best proposal so far.
func (p *Report) searchLines(f *figure, pl *plot.Plot, last float64) error {
	steps := []step{
		{"dpo", level(0, last), dpoLine},
		{"best proposal so far", bestSoFar(p.census.points, last), series[0]},
	}
	if b := p.census.bestKnown; b != nil {
		dotted := draw.LineStyle{Color: quiet, Width: 1.4, Dashes: []vg.Length{2, 3}}
		steps = append(steps, step{"best known loss: " + label(b.Name, b.ID), level(b.Score.Fitness, last), dotted})
	}
	if c := p.control; c != nil {
		name := fmt.Sprintf("the same for %s (%s)", line(c.run.Name, labelRunes), line(c.run.Proposer, labelRunes))
		steps = append(steps, step{name, bestSoFar(c.points, last), series[1]})
	}
	for _, s := range steps {
		if len(s.xys) == 0 {
			continue
		}
		drawn, err := addLine(pl, s.xys, s.style)
		if err != nil {
			return err
		}
		drawn.StepStyle = plotter.PostStep
		f.legend = append(f.legend, entry{s.label, drawn})
	}
	return nil
}

func level(y, last float64) plotter.XYs { return plotter.XYs{{X: 0, Y: y}, {X: last + 1, Y: y}} }

// bestSoFar is the running maximum over the proposals, as steps up to last.
func bestSoFar(points []point, last float64) plotter.XYs {
	var steps plotter.XYs
	for _, q := range points {
		if !q.known && (len(steps) == 0 || q.fitness > steps[len(steps)-1].Y) {
			steps = append(steps, plotter.XY{X: float64(q.id), Y: q.fitness})
		}
	}
	if len(steps) == 0 {
		return nil
	}
	return append(steps, plotter.XY{X: last + 1, Y: steps[len(steps)-1].Y})
}

// leaderInterval draws the interval of the candidate that the answer names.
func (p *Report) leaderInterval(f *figure, pl *plot.Plot) {
	c := p.leader
	if c == nil {
		return
	}
	bar := &intervals{spans: []span{spanOf(c.Score, float64(c.ID))}, upright: true, style: draw.LineStyle{Color: blue, Width: 1.2}, cap: 7}
	pl.Add(bar)
	f.legend = append(f.legend, entry{"95 % interval of " + label(c.Name, c.ID), upright{bar.style}})
}

// upright is the legend's picture of an interval.
type upright struct{ draw.LineStyle }

// Thumbnail implements plot.Thumbnailer.
func (u upright) Thumbnail(c *draw.Canvas) {
	x, y := c.Center().X, c.Center().Y
	for _, l := range [][]vg.Point{
		{{X: x, Y: y - 6}, {X: x, Y: y + 6}}, {{X: x - 3.5, Y: y - 6}, {X: x + 3.5, Y: y - 6}}, {{X: x - 3.5, Y: y + 6}, {X: x + 3.5, Y: y + 6}},
	} {
		c.StrokeLines(u.LineStyle, l)
	}
}

// below is what the legend adds to the verdict of points that lie below the axis.
const below = ", below the axis"

// scatter draws the points by verdict; those below lo as triangles at the lower edge.
func scatter(f *figure, pl *plot.Plot, points []point, lo float64) error {
	groups := map[string]plotter.XYs{}
	for _, q := range points {
		key, y := q.verdict, q.fitness
		if y < lo {
			key, y = q.verdict+below, lo
		}
		groups[key] = append(groups[key], plotter.XY{X: float64(q.id), Y: y})
	}
	for _, key := range []string{better, "same", undecided, "worse", undecided + below, "worse" + below} {
		if len(groups[key]) == 0 {
			continue
		}
		s, err := plotter.NewScatter(groups[key])
		if err != nil {
			return err
		}
		verdict, low := strings.CutSuffix(key, below)
		s.GlyphStyle = verdictStyle(verdict)
		if low {
			s.GlyphStyle = draw.GlyphStyle{Color: s.GlyphStyle.Color, Radius: 2.4, Shape: downward{}}
		}
		pl.Add(s)
		f.legend = append(f.legend, entry{key, s})
	}
	return nil
}

// thin returns at most about pointsDrawn points: every one that was the best so
// far, and of the rest an even sample.
func thin(points []point) []point {
	every := (len(points) + pointsDrawn - 1) / pointsDrawn
	if every <= 1 {
		return points
	}
	var kept []point
	best := math.Inf(-1)
	for i, q := range points {
		if q.fitness > best || i%every == 0 {
			kept = append(kept, q)
		}
		best = max(best, q.fitness)
	}
	return kept
}
