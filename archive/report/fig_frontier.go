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
	named := len(f.legend) > 0
	reached := p.dpoFrontier(task, rivals)
	dpo, err := addJoined(pl, reached, dpoLine, draw.SquareGlyph{})
	if err != nil {
		return nil, err
	}
	if !named {
		f.legend = append(f.legend, entry{"dpo", dpo})
	}
	for _, r := range rivals {
		points := sweepPoints(detailOf(r.tasks, task))
		if len(points) == 0 {
			continue
		}
		drawn, err := addJoined(pl, points, r.style, r.shape)
		if err != nil {
			return nil, err
		}
		if !named {
			f.legend = append(f.legend, entry{r.label, drawn})
		}
	}
	frame(pl, reached)
	return pl, nil
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
func (p *Report) dpoFrontier(task string, rivals []rival) plotter.XYs {
	if c := p.census.known["dpo"]; c != nil {
		if points := sweepPoints(detailOf(allDetails(*c), task)); len(points) > 0 {
			return points
		}
	}
	var points plotter.XYs
	for _, r := range rivals {
		if t := detailOf(r.tasks, task); t != nil && len(points) == 0 {
			for _, b := range t.Budgets {
				points = append(points, plotter.XY{X: b.KL, Y: b.Reward})
			}
		}
	}
	return points
}

// sweepPoints are the betas of a task that did not blow up, in ascending order.
func sweepPoints(t *taskDetail) plotter.XYs {
	if t == nil {
		return nil
	}
	var points plotter.XYs
	for _, s := range t.Sweep {
		if s.Reward != nil && s.KL != nil {
			points = append(points, plotter.XY{X: *s.KL, Y: *s.Reward})
		}
	}
	return points
}

// budgetPlot draws the advantage over dpo at each KL budget.
func budgetPlot(task string, rivals []rival) (*plot.Plot, error) {
	pl := newPlot("KL budget per token (nats)", "reward minus dpo’s at equal KL")
	pl.Title.Text = line(task, nameRunes) + ": the difference"
	var zero plotter.XYs
	for _, r := range rivals {
		t := detailOf(r.tasks, task)
		if t == nil || len(t.Budgets) == 0 {
			continue
		}
		var points plotter.XYs
		zero = zero[:0]
		for _, b := range t.Budgets {
			points = append(points, plotter.XY{X: b.KL, Y: b.Advantage})
			zero = append(zero, plotter.XY{X: b.KL, Y: 0})
		}
		if _, err := addJoined(pl, points, r.style, r.shape); err != nil {
			return nil, err
		}
	}
	_, err := addJoined(pl, zero, dpoLine, draw.SquareGlyph{})
	return pl, err
}
