package report

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/objdisco/discover/archive"
)

// rowHeight is the height of the panels of one task.
const rowHeight vg.Length = 215

// rival is an objective in the frontier figure.
type rival struct {
	label string
	style draw.LineStyle
	shape draw.GlyphDrawer
	tasks []taskDetail
}

// frontierFigure draws, for each task, reward against KL over the betas, and the
// advantage over dpo at the KL budgets, where differences can be seen.
func (p *Report) frontierFigure() (*figure, error) {
	rivals := p.rivals()
	f := &figure{title: "Reward and KL over the betas, and the advantage over dpo at equal KL", width: pageWidth}
	for _, task := range taskNames(rivals) {
		left, err := p.frontierPlot(f, task, rivals)
		if err != nil {
			return nil, err
		}
		right, err := budgetPlot(task, rivals)
		if err != nil {
			return nil, err
		}
		f.panels = append(f.panels, []*plot.Plot{left, right})
		f.height += rowHeight
	}
	if len(f.panels) == 0 {
		return nil, fmt.Errorf("%w: no candidate with rewards and KLs is scored", errNothing)
	}
	f.height += 2 * legendHeight
	return f, nil
}

// rivals are the shown candidates that are scored, dpo aside, and the best known
// loss where a style is left for it.
func (p *Report) rivals() []rival {
	list := slices.DeleteFunc(slices.Clone(p.shown), func(c archive.Candidate) bool { return c.Score == nil || isDPO(c) })
	if b := p.census.bestKnown; b != nil && !contains(list, b.ID) && len(list) < len(series) {
		list = append(list, *b)
	}
	rivals := make([]rival, len(list))
	for i, c := range list {
		rivals[i] = rival{label(c.Name, c.ID), series[i], glyphs[i], allDetails(c)}
	}
	return rivals
}

// taskNames lists the tasks of all rivals, in order of first appearance.
func taskNames(rivals []rival) []string {
	var names []string
	for _, r := range rivals {
		for _, t := range r.tasks {
			if !slices.Contains(names, t.Task) && len(t.Budgets) > 0 {
				names = append(names, t.Task)
			}
		}
	}
	return names
}

func (p *Report) frontierPlot(f *figure, task string, rivals []rival) (*plot.Plot, error) {
	pl := newPlot("KL(policy‖reference) per token (nats)", "expected reward (0 to 1)")
	pl.Title.Text = line(task, nameRunes)
	dpo := sweep{"dpo", dpoLine, draw.SquareGlyph{}, p.dpoFrontier(task, rivals)}
	sweeps := []sweep{dpo}
	for _, r := range rivals {
		if points := sweepPoints(detailOf(r.tasks, task)); len(points) > 0 {
			sweeps = append(sweeps, sweep{r.label, r.style, r.shape, points})
		}
	}
	named := len(f.legend) > 0
	drawn := make([]joined, len(sweeps))
	for i, s := range slices.Backward(sweeps) { // dpo last, over what is hardly another
		var err error
		if drawn[i], err = addJoined(pl, xysOf(s.points), s.style, s.shape); err != nil {
			return nil, err
		}
	}
	for i, s := range sweeps {
		if !named {
			f.legend = append(f.legend, entry{s.label, drawn[i]})
		}
	}
	frame(pl, xysOf(dpo.points))
	width, height := pl.X.Max-pl.X.Min, pl.Y.Max-pl.Y.Min // leave room for betas
	pl.X.Min, pl.X.Max, pl.Y.Max = pl.X.Min-.08*width, pl.X.Max+.08*width, pl.Y.Max+.08*height
	addBetas(pl, dpo, 1)
	if len(sweeps) > 1 {
		addBetas(pl, sweeps[1], -1)
	}
	return pl, nil
}

// sweep is what an objective reached over the betas, and how it is drawn.
type sweep struct {
	label  string
	style  draw.LineStyle
	shape  draw.GlyphDrawer
	points []reached
}

// reached is the KL and the reward at one beta.
type reached struct {
	beta float64
	plotter.XY
}

func xysOf(points []reached) plotter.XYs {
	xys := make(plotter.XYs, len(points))
	for i, q := range points {
		xys[i] = q.XY
	}
	return xys
}

// namedBetas are those written beside their points.
var namedBetas = []float64{.01, .1, 1}

// addBetas writes betas beside points in the frame, to their right and below (side 1)
// or to their left and above (side −1). Where fewer than two of namedBetas are
// there, the outermost are written.
func addBetas(pl *plot.Plot, s sweep, side vg.Length) {
	inside := slices.DeleteFunc(slices.Clone(s.points), func(q reached) bool {
		return q.X < pl.X.Min || q.X > pl.X.Max || q.Y < pl.Y.Min || q.Y > pl.Y.Max
	})
	named := slices.DeleteFunc(slices.Clone(inside), func(q reached) bool { return !slices.Contains(namedBetas, q.beta) })
	if len(named) < 2 && len(inside) > 1 {
		named = []reached{inside[0], inside[len(inside)-1]}
	}
	if len(named) == 0 {
		return
	}
	pl.Add(&betaLabels{named, textStyle(8, s.style.Color), side})
}

// betaLabels writes betas beside their points, on white.
type betaLabels struct {
	points []reached
	style  draw.TextStyle
	side   vg.Length
}

// Plot implements plot.Plotter.
func (l *betaLabels) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, q := range l.points {
		text := fmt.Sprintf("β %g", q.beta)
		width, height := l.style.Width(text), l.style.Height(text)
		at := vg.Point{X: max(x(q.X)-4-width, c.Min.X), Y: y(q.Y) + 7}
		if l.side > 0 {
			at = vg.Point{X: min(x(q.X)+4, c.Max.X-width), Y: y(q.Y) - 3 - height}
		}
		c.FillPolygon(color.White, []vg.Point{at, at.Add(vg.Point{X: width}), at.Add(vg.Point{X: width, Y: height}), at.Add(vg.Point{Y: height})})
		c.FillText(l.style, at, text)
	}
}

// frame leaves out what is further from dpo's points than they are from each other,
// where objectives have collapsed and would hide the difference between the others.
func frame(pl *plot.Plot, dpo plotter.XYs) {
	left, right, bottom, top := plotter.XYRange(dpo)
	if right == left || top == bottom {
		return
	}
	pl.X.Min, pl.X.Max = max(pl.X.Min, left-(right-left)), min(pl.X.Max, right+(right-left))
	pl.Y.Min, pl.Y.Max = max(pl.Y.Min, bottom-(top-bottom)), min(pl.Y.Max, top+(top-bottom))
}

// dpoFrontier is what dpo reached on a task at each beta; where the run did not
// train it there, at the budgets of the comparison.
func (p *Report) dpoFrontier(task string, rivals []rival) []reached {
	if c := p.census.known["dpo"]; c != nil {
		if points := sweepPoints(detailOf(allDetails(*c), task)); len(points) > 0 {
			return points
		}
	}
	var points []reached
	for _, r := range rivals {
		if t := detailOf(r.tasks, task); t != nil && len(points) == 0 {
			for _, b := range t.Budgets {
				points = append(points, reached{b.Beta, plotter.XY{X: b.KL, Y: b.Reward}})
			}
		}
	}
	return points
}

// sweepPoints are the betas of a task that did not blow up, in ascending order.
func sweepPoints(t *taskDetail) []reached {
	if t == nil {
		return nil
	}
	var points []reached
	for _, s := range t.Sweep {
		if s.Reward != nil && s.KL != nil {
			points = append(points, reached{s.Beta, plotter.XY{X: *s.KL, Y: *s.Reward}})
		}
	}
	return points
}

// budgetPlot draws the advantage over dpo at each KL budget, with intervals.
func budgetPlot(task string, rivals []rival) (*plot.Plot, error) {
	pl := newPlot("KL budget per token (nats)", "reward minus dpo’s at equal KL")
	pl.Title.Text = line(task, nameRunes) + ": the difference"
	rivals = slices.DeleteFunc(slices.Clone(rivals), func(r rival) bool {
		t := detailOf(r.tasks, task)
		return t == nil || len(t.Budgets) == 0
	})
	var zero plotter.XYs
	var all []span
	for i, r := range rivals {
		spans := budgetSpans(detailOf(r.tasks, task).Budgets, float64(i)-float64(len(rivals)-1)/2)
		bars := &intervals{upright: true, style: draw.LineStyle{Color: r.style.Color, Width: 1.2}, cap: 5}
		var points plotter.XYs
		for _, s := range spans {
			points = append(points, plotter.XY{X: s.at, Y: s.value})
			if s.lo < s.hi {
				bars.spans = append(bars.spans, s)
			}
		}
		pl.Add(bars)
		if _, err := addJoined(pl, points, r.style, r.shape); err != nil {
			return nil, err
		}
		all = append(all, spans...)
	}
	for _, b := range detailOf(rivals[0].tasks, task).Budgets {
		zero = append(zero, plotter.XY{X: b.KL, Y: 0})
	}
	_, err := addJoined(pl, zero, dpoLine, draw.SquareGlyph{})
	pl.Y.Min, pl.Y.Max = spanRange(all)
	return pl, err
}

// apart is by how much of the range of budgets the bars of two objectives are moved
// aside, so that both can be seen.
const apart = .035

// budgetSpans are the comparisons of one objective, moved aside by some steps. One
// without an interval has a span of no length.
func budgetSpans(budgets []budget, steps float64) []span {
	byKL := func(a, b budget) int { return cmp.Compare(a.KL, b.KL) }
	move := steps * apart * (slices.MaxFunc(budgets, byKL).KL - slices.MinFunc(budgets, byKL).KL)
	spans := make([]span, len(budgets))
	for i, b := range budgets {
		spans[i] = span{b.KL + move, b.Advantage, b.Advantage, b.Advantage}
		if b.CI95 != nil {
			spans[i].lo, spans[i].hi = b.CI95[0], b.CI95[1]
		}
	}
	return spans
}
