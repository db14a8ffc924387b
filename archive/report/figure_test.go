package report

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// marks counts the paths that are drawn in the colours of data, the legend's among
// them.
func marks(svg string) int {
	return len(regexp.MustCompile(`<path d="[^"]+"[^>]*(#000000|#0072B2|#D55E00|#009E73|#CC79A7|#E69F00|#56B4E9|#8C8C8C)`).FindAllString(svg, -1))
}

func TestFiguresHaveMarks(t *testing.T) {
	a := newRun(t, archive.Finished, smallRun(t)...)
	p := read(t, a.Reader, Options{IDs: []int{8, 7, 6}})
	for _, name := range Figures() {
		f, err := drawers[name](p)
		if err != nil {
			t.Fatal(err)
		}
		full := marks(f.inline())
		for _, row := range f.panels {
			for j, panel := range row {
				empty := newPlot(panel.X.Label.Text, panel.Y.Label.Text)
				empty.X.Min, empty.X.Max, empty.Y.Min, empty.Y.Max = 0, 1, 0, 1
				row[j] = empty
			}
		}
		if none := marks(f.inline()); full < none+4 {
			t.Errorf("figure %s has %d marks, and %d without its data", name, full, none)
		}
	}
}

func TestFiguresAreLabelled(t *testing.T) {
	a := newRun(t, archive.Finished, smallRun(t)...)
	p := read(t, a.Reader, Options{})
	for name, want := range map[string][]string{
		"search":      {"candidate, in the order of the search", "fitness (reward above dpo’s)", "best proposal so far", "best known loss: lrml #4", "95 % interval of second #7", "worse, below the axis"},
		"leaderboard": {"second #7", "ipo #3", "dpo"},
		"curves":      {"β·margin (nats)", "slope of the loss per unit of β·margin", "dpo", "hinge", "ipo", "second #7"},
		"frontier":    {"β 0.01", "β 0.1", "β 1", "KL(policy‖reference) per token (nats)", "expected reward (0 to 1)", "reviews: the difference", "support", "lrml #4"},
		"lineage":     {"second #7", "lrml #4", "made from"},
	} {
		var b strings.Builder
		if err := p.WriteFigure(&b, name, "svg"); err != nil {
			t.Fatal(err)
		}
		_, texts := elementsOf(t, b.String())
		for _, label := range want {
			if !strings.Contains(strings.Join(texts, "\n"), label) {
				t.Errorf("figure %s lacks the text %q", name, label)
			}
		}
	}
}

// fills are the coloured areas of a drawing, in order.
var fills = regexp.MustCompile(`fill:(#[0-9A-F]{6})`)

// drawAlone draws one plotter on axes from −1 to 1.
func drawAlone(p plot.Plotter) string {
	pl := newPlot("", "")
	pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max = -1, 1, -1, 1
	pl.Add(p)
	f := &figure{panels: [][]*plot.Plot{{pl}}, width: 200, height: 200}
	return f.inline()
}

func TestIntervalsThatLeaveTheFrameEndInArrows(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   int // arrows
	}{{-.5, .5, 0}, {-2, .5, 1}, {-.5, 2, 1}, {-2, 2, 2}, {3, 4, 0}} {
		for _, upright := range []bool{false, true} {
			b := &intervals{spans: []span{{0, 0, test.lo, test.hi}}, upright: upright, style: draw.LineStyle{Color: vermillion, Width: 1}, cap: 4}
			got := 0
			for _, fill := range fills.FindAllStringSubmatch(drawAlone(b), -1) {
				if fill[1] == "#D55E00" {
					got++
				}
			}
			if got != test.want {
				t.Errorf("the interval from %g to %g, upright %v, has %d arrows, want %d", test.lo, test.hi, upright, got, test.want)
			}
		}
	}
}

func TestBudgetsHaveIntervals(t *testing.T) {
	ci := [2]float64{.01, .03}
	budgets := []budget{{KL: .3, Advantage: .02, CI95: &ci}, {KL: .5, Advantage: .01}}
	want := []span{{.3 + apart*.2, .02, .01, .03}, {.5 + apart*.2, .01, .01, .01}}
	if diff := cmp.Diff(want, budgetSpans(budgets, 1), cmp.AllowUnexported(span{}), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error(diff)
	}
	task := taskDetail{Task: "a", Budgets: budgets}
	rivals := []rival{{"x", series[0], glyphs[0], []taskDetail{task}}}
	count := func() int {
		pl, err := budgetPlot("a", rivals)
		if err != nil {
			t.Fatal(err)
		}
		return marks((&figure{panels: [][]*plot.Plot{{pl}}, width: 200, height: 200}).inline())
	}
	with := count()
	budgets[0].CI95 = nil
	if without := count(); with != without+3 {
		t.Errorf("%d marks with an interval, %d without: want a bar and two caps more", with, without)
	}
}

// What lies below the axis keeps the colour of its verdict.
func TestBelowTheAxis(t *testing.T) {
	f := &figure{}
	if err := scatter(f, newPlot("", ""), []point{{1, -1, false, "worse"}, {2, -1, false, undecided}, {3, 0, false, undecided}}, -.5); err != nil {
		t.Fatal(err)
	}
	got := map[string]color.Color{}
	for _, e := range f.legend {
		got[e.label] = e.thumb.(*plotter.Scatter).GlyphStyle.Color
	}
	want := map[string]color.Color{"undecided": quiet, "undecided, below the axis": quiet, "worse, below the axis": vermillion}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A candidate that hardly differs from dpo does not hide it.
func TestDPOIsDrawnLast(t *testing.T) {
	p := read(t, newRun(t, archive.Finished, smallRun(t)...).Reader, Options{})
	for _, name := range []string{"loss", "frontier"} {
		f, err := drawers[name](p)
		if err != nil {
			t.Fatal(err)
		}
		f.panels, f.legend = [][]*plot.Plot{{f.panels[0][0]}}, nil
		paths := f.inline()
		paths = paths[strings.LastIndex(paths, "#E1E1E1"):] // behind the grid
		if dpo, other := strings.LastIndex(paths, "stroke:#000000"), strings.LastIndex(paths, "stroke:#0072B2"); dpo < other || other < 0 {
			t.Errorf("%s: dpo ends at byte %d, the candidate at %d", name, dpo, other)
		}
	}
}

func TestPNG(t *testing.T) {
	p := read(t, newRun(t, archive.Finished, smallRun(t)...).Reader, Options{})
	var b bytes.Buffer
	if err := p.WriteFigure(&b, "search", "png"); err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := image.Bounds().Dx(), int(pageWidth)*pixelsPerInch/72; got < want-1 || got > want+1 {
		t.Errorf("the image is %d pixels wide, want %d", got, want)
	}
}

// TestTrace holds curves to the closed forms of the losses.
func TestTrace(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, test := range []struct {
		name        string
		loss, slope func(x float64) float64
	}{
		{"dpo", func(x float64) float64 { return math.Log1p(math.Exp(-x)) }, func(x float64) float64 { return -sigmoid(-x) }},
		{"ipo", func(x float64) float64 { return math.Pow((x-.5)/curveBeta, 2) }, func(x float64) float64 { return 2 * (x - .5) / curveBeta / curveBeta }},
		{"exponential", func(x float64) float64 { return math.Exp(-x) }, func(x float64) float64 { return -math.Exp(-x) }},
	} {
		entry, _ := catalog.Lookup(test.name)
		g, err := entry.Graph()
		if err != nil {
			t.Fatal(err)
		}
		c, err := trace(g)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range c.x {
			if want := test.loss(x); math.Abs(c.loss[i]-want) > 1e-9*(1+want) {
				t.Fatalf("%s: loss at %g is %g, want %g", test.name, x, c.loss[i], want)
			}
			if want := test.slope(x); math.Abs(c.slope[i]-want) > 1e-9*(1+math.Abs(want)) {
				t.Fatalf("%s: slope at %g is %g, want %g", test.name, x, c.slope[i], want)
			}
		}
		s := c.scaled(.5)
		if math.Abs(s.steepness()-.5) > 1e-12 || s.loss[len(s.loss)/2] != 0 {
			t.Errorf("%s: scaled to steepness %g and loss %g at 0, want .5 and 0", test.name, s.steepness(), s.loss[len(s.loss)/2])
		}
	}
}

func TestFrame(t *testing.T) {
	pl := newPlot("", "")
	pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max = 0, 5, .1, .95
	frame(pl, plotter.XYs{{X: .2, Y: .8}, {X: .6, Y: .9}})
	got := []float64{pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max}
	if diff := cmp.Diff([]float64{0, 1, .7, .95}, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error(diff)
	}
	frame(pl, plotter.XYs{{X: .5, Y: .5}})
	if pl.X.Max != 1 {
		t.Error("a single point of dpo frames the plot")
	}
}

func TestRuns(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	got := runs([]float64{1, 2, 3, 4, 5, 6, 7}, []float64{nan, 1, 2, inf, 3, nan, 4})
	if diff := cmp.Diff([]plotter.XYs{{{X: 2, Y: 1}, {X: 3, Y: 2}}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBestSoFar(t *testing.T) {
	points := []point{{id: 1, fitness: 9, known: true}, {id: 2, fitness: 1}, {id: 3, fitness: 0}, {id: 5, fitness: 2}}
	if diff := cmp.Diff(plotter.XYs{{X: 2, Y: 1}, {X: 5, Y: 2}, {X: 10, Y: 2}}, bestSoFar(points, 9)); diff != "" {
		t.Error(diff)
	}
	if got := bestSoFar(points[:1], 9); got != nil {
		t.Errorf("without proposals it is %v, want none", got)
	}
}

func TestThin(t *testing.T) {
	points := make([]point, 40000)
	for i := range points {
		points[i] = point{id: i + 1, fitness: -float64(i % 7)}
	}
	points[33333].fitness = 1
	got := thin(points)
	if len(got) > pointsDrawn+2 {
		t.Errorf("%d points are drawn", len(got))
	}
	found := false
	for _, q := range got {
		found = found || q.id == 33334
	}
	if !found {
		t.Error("the record is not drawn")
	}
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   []string
	}{
		{-.013, .022, []string{"−0.01", "0.00", "0.01", "0.02"}},
		{0, 67, []string{"0", "20", "40", "60"}},
		{-.0004, .0011, []string{"0.0000", "0.0005", "0.0010"}},
		{1, 1, nil},
	} {
		var got []string
		for _, mark := range ticks(5).Ticks(test.lo, test.hi) {
			got = append(got, mark.Label)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("ticks of [%g, %g]: %s", test.lo, test.hi, diff)
		}
	}
	if got := len(ticks(5).Ticks(1e16, 1e16+2)); got > 7 {
		t.Errorf("where steps are lost in rounding there are %d ticks", got)
	}
}
