package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// span is a value with its interval, at a place on the other axis.
type span struct{ at, value, lo, hi float64 }

// intervals draws intervals as bars with a cap at each end. An end that lies beyond
// the axis is drawn as an arrow that points there.
type intervals struct {
	spans   []span
	upright bool // the values are on the y axis
	style   draw.LineStyle
	cap     vg.Length
}

// arrowLength is that of an arrow head.
const arrowLength vg.Length = 5

// Plot implements plot.Plotter.
func (b *intervals) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	axis := p.X
	if b.upright {
		axis = p.Y
	}
	point := func(at, value float64) vg.Point {
		if b.upright {
			return vg.Point{X: x(at), Y: y(value)}
		}
		return vg.Point{X: x(value), Y: y(at)}
	}
	for _, s := range b.spans {
		lo, hi := max(s.lo, axis.Min), min(s.hi, axis.Max)
		if lo > hi {
			continue
		}
		from, to := point(s.at, lo), point(s.at, hi)
		c.StrokeLines(b.style, []vg.Point{from, to})
		b.end(c, from, -1, s.lo < axis.Min)
		b.end(c, to, 1, s.hi > axis.Max)
	}
}

// end draws the end of a bar that lies in this direction along the axis.
func (b *intervals) end(c draw.Canvas, at vg.Point, direction vg.Length, beyond bool) {
	along, across := vg.Point{X: direction}, vg.Point{Y: 1}
	if b.upright {
		along, across = vg.Point{Y: direction}, vg.Point{X: 1}
	}
	if beyond {
		back, half := at.Sub(along.Scale(arrowLength)), across.Scale(arrowLength*.55)
		c.FillPolygon(b.style.Color, []vg.Point{at, back.Add(half), back.Sub(half)})
		return
	}
	half := across.Scale(b.cap / 2)
	c.StrokeLines(b.style, []vg.Point{at.Add(half), at.Sub(half)})
}

// spanRange holds every value and zero, and intervals as far as they do not dwarf the
// values.
func spanRange(spans []span) (lo, hi float64) {
	size := 1e-6
	for _, s := range spans {
		lo, hi = min(lo, s.lo), max(hi, s.hi)
		size = max(size, math.Abs(s.value))
	}
	return max(lo, -4*size) - size/10, min(hi, 4*size) + size/10
}
