package report

import (
	"errors"
	"fmt"
	"html"
	"image/color"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// figure is a picture: a title, a legend above the data and a grid of plots.
type figure struct {
	title         string
	legend        []entry
	panels        [][]*plot.Plot
	width, height vg.Length
}

// entry is one line of a legend.
type entry struct {
	label string
	thumb plot.Thumbnailer
}

// errNothing is wrapped by the error of a figure for which the run has no data yet.
var errNothing = errors.New("nothing to draw yet")

// drawers make each figure by its name.
var drawers = map[string]func(*Report) (*figure, error){
	"search":      (*Report).searchFigure,
	"leaderboard": (*Report).leaderboardFigure,
	"curves":      (*Report).curvesFigure,
	"loss":        (*Report).lossFigure,
	"gradient":    (*Report).gradientFigure,
	"frontier":    (*Report).frontierFigure,
	"lineage":     (*Report).lineageFigure,
}

// Figures returns the names of the figures in the order of a page.
func Figures() []string {
	return []string{"search", "leaderboard", "curves", "loss", "gradient", "frontier", "lineage"}
}

// imageFormats are what a figure can be written as.
var imageFormats = []string{"svg", "png"}

// WriteFigure draws a figure as svg or png. The error says so when the run has
// nothing to draw yet.
func (p *Report) WriteFigure(w io.Writer, name, format string) error {
	make, ok := drawers[name]
	if !ok {
		return fmt.Errorf("unknown figure %q: use one of %s", name, strings.Join(Figures(), ", "))
	}
	if !slices.Contains(imageFormats, format) {
		return fmt.Errorf("figure format %q: want one of %s", format, strings.Join(imageFormats, ", "))
	}
	f, err := make(p)
	if err != nil {
		return fmt.Errorf("figure %s: %w", name, err)
	}
	return f.write(w, format)
}

// pixelsPerInch is the resolution of a PNG.
const pixelsPerInch = 200

func (f *figure) write(w io.Writer, format string) error {
	if format == "png" {
		c := vgimg.NewWith(vgimg.UseWH(f.width, f.height+titleHeight), vgimg.UseDPI(pixelsPerInch))
		f.draw(draw.New(c), true)
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	}
	c := vgsvg.New(f.width, f.height+titleHeight)
	f.draw(draw.New(c), true)
	_, err := io.WriteString(w, portable(c))
	return err
}

// inline returns the figure as an SVG element to stand in a page, without title.
func (f *figure) inline() string {
	c := vgsvg.New(f.width, f.height)
	f.draw(draw.New(c), false)
	_, svg, _ := strings.Cut(portable(c), "<svg ")
	return fmt.Sprintf(`<svg role="img" aria-label="%s" %s`, html.EscapeString(f.title), svg)
}

// svgText is a text as vgsvg writes it: its style, font size and escaped words.
var svgText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<text ([^>]*)style="font-family:Liberation Sans;([^"]*font-size:([0-9.]+)px[^"]*)">([^<]+)</text>`)
})

// portable returns the drawing with texts that keep their width, and so do not run
// into each other, where the font it is drawn with is not installed. Foreign text
// cannot hold the pattern, since it is escaped.
func portable(c *vgsvg.Canvas) string {
	var b strings.Builder
	if _, err := c.WriteTo(&b); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return svgText().ReplaceAllStringFunc(b.String(), func(text string) string {
		part := svgText().FindStringSubmatch(text)
		size, err := strconv.ParseFloat(part[3], 64)
		if err != nil {
			panic(err) // the pattern matches numbers
		}
		width := textStyle(vg.Length(size), ink).Width(html.UnescapeString(part[4])).Points()
		return fmt.Sprintf(`<text %stextLength="%.1f" lengthAdjust="spacingAndGlyphs" style="font-family:Liberation Sans,Arial,Helvetica,sans-serif;%s">%s</text>`, part[1], width, part[2], part[4])
	})
}

const (
	titleHeight  vg.Length = 24
	legendHeight vg.Length = 15 // of one line
	legendText   vg.Length = 9.5
	thumbWidth   vg.Length = 22
	margin       vg.Length = 6
)

// draw draws the figure on the whole of c.
func (f *figure) draw(c draw.Canvas, titled bool) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	if titled {
		style := textStyle(12, ink)
		style.YAlign = draw.YTop
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, f.title)
		c = draw.Crop(c, 0, 0, 0, -titleHeight)
	}
	c = f.drawLegend(c)
	tiles := draw.Tiles{Rows: len(f.panels), Cols: len(f.panels[0]), PadX: 14, PadY: 12}
	for i, row := range plot.Align(f.panels, tiles, c) {
		for j, tile := range row {
			if p := f.panels[i][j]; p != nil {
				p.Draw(tile)
			}
		}
	}
}

// drawLegend writes the legend in lines at the top of c, where it hides no data,
// and returns what is left of c.
func (f *figure) drawLegend(c draw.Canvas) draw.Canvas {
	if len(f.legend) == 0 {
		return c
	}
	style := textStyle(legendText, ink)
	style.YAlign = draw.YCenter
	x, y := c.Min.X, c.Max.Y-legendHeight/2
	for _, e := range f.legend {
		width := thumbWidth + 5 + style.Width(e.label) + 14
		if x > c.Min.X && x+width > c.Max.X {
			x, y = c.Min.X, y-legendHeight
		}
		icon := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: y - legendHeight/2}, Max: vg.Point{X: x + thumbWidth, Y: y + legendHeight/2},
		}}
		e.thumb.Thumbnail(&icon)
		c.FillText(style, vg.Point{X: x + thumbWidth + 5, Y: y}, e.label)
		x += width
	}
	return draw.Crop(c, 0, 0, 0, y-legendHeight/2-6-c.Max.Y)
}

// joined are points with a line through them, in the legend too.
type joined struct {
	*plotter.Line
	*plotter.Scatter
}

// Thumbnail implements plot.Thumbnailer.
func (j joined) Thumbnail(c *draw.Canvas) {
	j.Line.Thumbnail(c)
	j.Scatter.Thumbnail(c)
}

// addLine adds a line to p. The error names what is not finite.
func addLine(p *plot.Plot, xys plotter.XYs, style draw.LineStyle) (*plotter.Line, error) {
	l, err := plotter.NewLine(xys)
	if err != nil {
		return nil, err
	}
	l.LineStyle = style
	p.Add(l)
	return l, nil
}

// addJoined adds points and the line through them to p.
func addJoined(p *plot.Plot, xys plotter.XYs, line draw.LineStyle, shape draw.GlyphDrawer) (joined, error) {
	l, s, err := plotter.NewLinePoints(xys)
	if err != nil {
		return joined{}, err
	}
	l.LineStyle = line
	s.GlyphStyle = draw.GlyphStyle{Color: line.Color, Radius: 2.8, Shape: shape}
	p.Add(l, s)
	return joined{l, s}, nil
}
