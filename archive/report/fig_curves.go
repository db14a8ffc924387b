package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/objdisco/discover/sandbox/graph"
)

// drawnCurve is a curve with its name and style.
type drawnCurve struct {
	label string
	style draw.LineStyle
	curve
}

const curveAxis = "β·margin (nats)"

func (p *Report) lossFigure() (*figure, error) {
	return p.curveFigure("The loss of a pair, at β = 0.1", 380, (*Report).lossPlot)
}

func (p *Report) gradientFigure() (*figure, error) {
	return p.curveFigure("The slope of the loss, at β = 0.1", 380, (*Report).slopePlot)
}

func (p *Report) curvesFigure() (*figure, error) {
	return p.curveFigure("The loss of a pair and its slope, at β = 0.1", pageWidth, (*Report).lossPlot, (*Report).slopePlot)
}

func (p *Report) curveFigure(title string, width vg.Length, plots ...func(*Report, *figure, []drawnCurve) (*plot.Plot, error)) (*figure, error) {
	curves, err := p.curves()
	if err != nil {
		return nil, err
	}
	f := &figure{title: title, width: width, height: 270, panels: [][]*plot.Plot{nil}}
	for _, draw := range plots {
		pl, err := draw(p, f, curves)
		if err != nil {
			return nil, err
		}
		f.panels[0] = append(f.panels[0], pl)
	}
	return f, nil
}

// curves traces the shown candidates, dpo, hinge and ipo, all as steep as dpo near 0.
func (p *Report) curves() ([]drawnCurve, error) {
	if len(p.shown) == 0 {
		return nil, fmt.Errorf("%w: no candidate is scored", errNothing)
	}
	var drawn []drawnCurve
	for i, c := range p.shown {
		if c.Graph == nil {
			return nil, fmt.Errorf("%w: candidate %d was rejected at %s and denotes no objective", errNothing, c.ID, c.Stage)
		}
		g, err := graph.Decode(c.Graph)
		if err != nil {
			return nil, fmt.Errorf("candidate %d: %w", c.ID, err)
		}
		if !isDPO(c) {
			style := series[i]
			style.Width += underDPO
			drawn = append(drawn, drawnCurve{label: label(c.Name, c.ID), style: style})
			if drawn[len(drawn)-1].curve, err = trace(g); err != nil {
				return nil, fmt.Errorf("candidate %d: %w", c.ID, err)
			}
		}
	}
	known, err := p.knownCurves()
	return equallySteep(append(known, drawn...)), err
}

// knownCurves traces dpo, hinge and ipo, in this order.
func (p *Report) knownCurves() ([]drawnCurve, error) {
	var drawn []drawnCurve
	for _, ref := range []drawnCurve{{label: "dpo", style: dpoLine}, {label: "hinge", style: hingeLine}, {label: "ipo", style: ipoLine}} {
		for _, k := range p.options.Known {
			if k.Name != ref.label {
				continue
			}
			c, err := trace(k.Graph)
			if err != nil {
				return nil, fmt.Errorf("known loss %q: %w", k.Name, err)
			}
			ref.curve = c
			drawn = append(drawn, ref)
		}
	}
	return drawn, nil
}

// equallySteep scales all curves to be as steep as the first.
func equallySteep(curves []drawnCurve) []drawnCurve {
	steepness := curves[0].steepness()
	for i := range curves {
		curves[i].curve = curves[i].scaled(steepness)
	}
	return curves
}

func (p *Report) lossPlot(f *figure, curves []drawnCurve) (*plot.Plot, error) {
	pl := newPlot(curveAxis, "loss (0 at margin 0, scaled)")
	err := addCurves(f, pl, curves, func(c curve) []float64 { return c.loss })
	// What grows faster than dpo leaves the frame at the top.
	pl.Y.Min, pl.Y.Max = max(pl.Y.Min, -4), min(pl.Y.Max, 8)
	return pl, err
}

func (p *Report) slopePlot(f *figure, curves []drawnCurve) (*plot.Plot, error) {
	pl := newPlot(curveAxis, "slope of the loss per unit of β·margin")
	err := addCurves(f, pl, curves, func(c curve) []float64 { return c.slope })
	pl.Y.Min, pl.Y.Max = max(pl.Y.Min, -2.5), min(pl.Y.Max, 1.5)
	return pl, err
}

// underDPO is how much wider than elsewhere a candidate's curve is drawn: what hardly
// differs from dpo shows on both sides of its line.
const underDPO vg.Length = 2

// addCurves draws the curves, dpo over all others, and names them in the legend
// unless an earlier panel has.
func addCurves(f *figure, pl *plot.Plot, curves []drawnCurve, values func(curve) []float64) error {
	named := len(f.legend) > 0
	for _, c := range slices.Backward(curves) {
		for _, run := range runs(c.x, values(c.curve)) {
			if _, err := addLine(pl, run, c.style); err != nil {
				return err
			}
		}
	}
	for _, c := range curves {
		if !named {
			f.legend = append(f.legend, entry{c.label, &plotter.Line{LineStyle: c.style}})
		}
	}
	return nil
}
