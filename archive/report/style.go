package report

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The colours of data are those of Okabe and Ito, which people with any of the
// common kinds of colour blindness can tell apart; what differs in colour differs
// in dash or shape too. Axes, grid and text have greys of their own.
var (
	black      = color.NRGBA{0, 0, 0, 255} // dpo, in every figure
	blue       = color.NRGBA{0, 114, 178, 255}
	vermillion = color.NRGBA{213, 94, 0, 255}
	green      = color.NRGBA{0, 158, 115, 255}
	purple     = color.NRGBA{204, 121, 167, 255}
	orange     = color.NRGBA{230, 159, 0, 255}
	sky        = color.NRGBA{86, 180, 233, 255}
	quiet      = color.NRGBA{140, 140, 140, 255} // data in the background

	ink  = color.NRGBA{51, 51, 51, 255}
	rule = color.NRGBA{225, 225, 225, 255}
)

// dpoLine, hingeLine and ipoLine are how these losses are drawn in every figure.
var (
	dpoLine   = draw.LineStyle{Color: black, Width: 1.4}
	hingeLine = draw.LineStyle{Color: orange, Width: 1.6, Dashes: []vg.Length{7, 3}}
	ipoLine   = draw.LineStyle{Color: green, Width: 1.6, Dashes: []vg.Length{2, 2}}
)

// series are the styles of the candidates that are shown, in their order, and
// glyphs the shapes of their points.
var (
	series = []draw.LineStyle{
		{Color: blue, Width: 2.2},
		{Color: vermillion, Width: 1.6, Dashes: []vg.Length{6, 2, 2, 2}},
		{Color: purple, Width: 1.6, Dashes: []vg.Length{9, 3}},
		{Color: sky, Width: 1.6, Dashes: []vg.Length{4, 2, 1, 2, 1, 2}},
	}
	glyphs = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.CrossGlyph{}}
)

// MaxShown is how many candidates a figure can tell apart.
func MaxShown() int { return len(series) }

// verdictStyle is how a point of that verdict is drawn.
func verdictStyle(verdict string) draw.GlyphStyle {
	switch verdict {
	case better:
		return draw.GlyphStyle{Color: blue, Radius: 3.2, Shape: draw.CircleGlyph{}}
	case "worse":
		return draw.GlyphStyle{Color: vermillion, Radius: 3.2, Shape: draw.CrossGlyph{}}
	case "same":
		return draw.GlyphStyle{Color: black, Radius: 3, Shape: draw.SquareGlyph{}}
	}
	return draw.GlyphStyle{Color: quiet, Radius: 3, Shape: draw.RingGlyph{}}
}

// sans returns the font of all text in figures, in points.
func sans(size vg.Length) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
}

func textStyle(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: sans(size), Handler: plot.DefaultTextHandler}
}

// newPlot returns an empty plot with a grid in the house style. Labels say what is
// shown and in which unit.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.Title.TextStyle.Font = sans(10)
	p.Title.TextStyle.Color = ink
	p.Title.Padding = 4
	for _, axis := range []struct {
		*plot.Axis
		label string
	}{{&p.X, x}, {&p.Y, y}} {
		axis.Label.Text = axis.label
		axis.Label.Padding = 3
		axis.Label.TextStyle.Font = sans(10)
		axis.Label.TextStyle.Color = ink
		axis.Tick.Label.Font = sans(9)
		axis.Tick.Label.Color = ink
		axis.Tick.Length = 4
		axis.Tick.Color = ink
		axis.Tick.Marker = ticks(5)
		axis.Color = ink
		axis.Padding = 4
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = rule, rule
	p.Add(grid)
	return p
}

// ticks marks an axis at round numbers, about as many as asked.
type ticks int

// Ticks implements plot.Ticker.
func (n ticks) Ticks(lo, hi float64) []plot.Tick {
	step := roundStep((hi - lo) / float64(n))
	if !(step > 0) {
		return nil
	}
	digits := max(0, int(-math.Floor(math.Log10(step))))
	var marks []plot.Tick
	first := math.Ceil(lo / step)
	for k := range int((hi-lo)/step) + 1 {
		at := (first+float64(k))*step + 0 // never minus zero
		if at > hi {
			break
		}
		marks = append(marks, plot.Tick{Value: at, Label: minus(strconv.FormatFloat(at, 'f', digits, 64))})
	}
	return marks
}

// roundStep returns the smallest 1, 2 or 5 times a power of ten that is not below v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// label names a candidate in a figure.
func label(name string, id int) string {
	return strings.TrimSpace(fmt.Sprintf("%s #%d", line(name, labelRunes), id))
}

// downward is a filled triangle that points to what lies below the axis.
type downward struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (downward) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	c.FillPolygon(style.Color, []vg.Point{
		{X: at.X - style.Radius, Y: at.Y + style.Radius}, {X: at.X + style.Radius, Y: at.Y + style.Radius}, {X: at.X, Y: at.Y - style.Radius},
	})
}

// diamond is a filled square on its corner.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.3
	c.FillPolygon(style.Color, []vg.Point{
		{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r},
	})
}
