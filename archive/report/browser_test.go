//go:build browser

// Run by .ci/run, which installs Debian's chromium:
//
//	go test -tags browser -run Browser ./archive/report
//	go test -tags browser -run Browser ./archive/report -page report.html

package report

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective"
)

var pageFlag = flag.String("page", "", "look at this page too")

// leastMarks is how many marks a figure with data has at least in its frames.
const leastMarks = 3

// marksScript counts, for each figure, the paths in a colour of data that lie where
// the grid is: axes, grid and legend do not count.
const marksScript = `(() => {
	const data = ["0, 0, 0", "0, 114, 178", "213, 94, 0", "0, 158, 115", "204, 121, 167", "230, 159, 0", "86, 180, 233", "140, 140, 140"];
	const has = (paint, colours) => colours.some(c => paint === "rgb(" + c + ")");
	const counts = {};
	for (const figure of document.querySelectorAll("figure[data-figure]")) {
		const boxes = [], marks = [];
		for (const path of figure.querySelectorAll("svg path")) {
			const style = getComputedStyle(path), box = path.getBoundingClientRect();
			if (has(style.stroke, ["225, 225, 225"])) boxes.push(box);
			else if (path.getTotalLength() > 0 && (has(style.stroke, data) || has(style.fill, data))) marks.push(box);
		}
		const top = Math.min(...boxes.map(b => b.top)), bottom = Math.max(...boxes.map(b => b.bottom));
		const left = Math.min(...boxes.map(b => b.left)), right = Math.max(...boxes.map(b => b.right));
		counts[figure.dataset.figure] = marks.filter(b => b.bottom >= top && b.top <= bottom && b.right >= left && b.left <= right).length;
	}
	return counts;
})()`

// emptyScript takes the data out of one figure.
const emptyScript = `document.querySelectorAll('figure[data-figure="leaderboard"] svg path').forEach(p => {
	if (!getComputedStyle(p).stroke.match(/225|51/)) p.remove();
})`

// tallScript names the figures that do not fit on one page of A4 at its width, or may be cut.
const tallScript = `[...document.querySelectorAll("figure[data-figure]")].filter(f =>
	f.getBoundingClientRect().height > 265 * 96 / 25.4 || getComputedStyle(f).breakInside !== "avoid"
).map(f => f.dataset.figure)`

// wideScript names the tables and formulas that are cut in the window, or whose
// caption scrolls with them. Folded rows are unfolded meanwhile.
const wideScript = `(() => {
	const folded = document.querySelectorAll("details.rest");
	folded.forEach(d => d.open = true);
	const wide = [...document.querySelectorAll(".scroll, .formula")].filter(e => e.scrollWidth > e.clientWidth || e.querySelector("caption, .caption"))
		.map(e => e.className + " " + (e.getAttribute("aria-labelledby") || e.innerText.slice(0, 20)) + ": " + e.scrollWidth + " in " + e.clientWidth);
	folded.forEach(d => d.open = false);
	return wide;
})()`

// cutScript counts the parts of the formula that run off the page.
const cutScript = `[...document.querySelectorAll(".formula math")].filter(e =>
	e.getBoundingClientRect().right > e.closest(".formula").getBoundingClientRect().right
).length`

// narrowestScript is the width of the narrowest column of names that is shown.
const narrowestScript = `Math.round(Math.min(1000, ...[...document.querySelectorAll("th.name")].map(e => e.getBoundingClientRect().width).filter(w => w > 0)))`

// foldedScript counts the candidates that are folded away and cannot be seen.
const foldedScript = `[...document.querySelectorAll("details.rest th.name")].filter(e => !e.checkVisibility() || e.getBoundingClientRect().height === 0).length`

func TestBrowserShowsThePage(t *testing.T) {
	candidates := hostileRun(t)
	for i := range 20 { // more than a page shows unfolded
		candidates = append(candidates, made(t, fmt.Sprintf("a_long_name_of_many_words_%d", i), -.001*float64(i), .02, "4"))
	}
	a := newRun(t, archive.Finished, candidates...)
	control := newRun(t, archive.Finished, smallRun(t)...)
	file := filepath.Join(t.TempDir(), "report.html")
	page := pageOf(t, read(t, a.Reader, Options{Control: control.Reader, Config: "candidates: 5\n"}))
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := openPage(t, file)
	counts := lookAt(t, ctx)
	for _, name := range pageFigures {
		if counts[name] < leastMarks {
			t.Errorf("figure %s has %d marks", name, counts[name])
		}
	}
	evaluate[chromedp.Void](t, ctx, emptyScript)
	if diff := cmp.Diff([]string{"leaderboard"}, empty(evaluate[map[string]int](t, ctx, marksScript))); diff != "" {
		t.Errorf("with the data of one figure removed: %s", diff)
	}
}

// A formula that is longer than a line is typeset in lines that fit.
func TestBrowserShowsALongFormula(t *testing.T) {
	g, err := objective.Trace(func(b objective.Batch) objective.Vec {
		x, y := b.Margin().Mul(b.Beta), b.LogRatioChosen()
		for i := range 8 {
			x = x.Scale(float64(i) + 1.25).Tanh().Add(y.Mul(objective.Param("temperature", .5)).Sigmoid())
			y = x.Square().Sub(y.Exp()).Div(b.ChosenLen).Neg().Softplus()
		}
		return x
	})
	if err != nil {
		t.Fatal(err)
	}
	best := made(t, "nested", .5, .01)
	if best.Graph, err = json.Marshal(g); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	page := pageOf(t, read(t, newRun(t, archive.Finished, append(smallRun(t)[:4], best)...).Reader, Options{}))
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := openPage(t, file)
	if n := evaluate[int](t, ctx, `document.querySelectorAll(".formula .equation").length`); n < 5 {
		t.Errorf("%d equations only", n)
	}
	lookAt(t, ctx)
}

func TestBrowserShowsTheGivenPage(t *testing.T) {
	if *pageFlag == "" {
		*pageFlag = filepath.Join(t.TempDir(), "empty.html")
		page := pageOf(t, read(t, newRun(t, archive.Finished).Reader, Options{}))
		if err := os.WriteFile(*pageFlag, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lookAt(t, openPage(t, *pageFlag))
}

// openPage opens a file in a browser of its own.
func openPage(t *testing.T, file string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	options := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	if os.Geteuid() == 0 { // as in a container, where chromium cannot make its own
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	console := chromedp.Console(ctx)
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	run(t, ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: path}).String()))
	const last = "the last message of the test"
	evaluate[chromedp.Void](t, ctx, `console.log("`+last+`")`)
	for message, err := range console {
		if err != nil {
			t.Fatal(err)
		}
		if message.Text == last {
			break
		}
		t.Errorf("the console says %s", message)
	}
	return ctx
}

// lookAt checks what must hold of any page and returns the marks of its figures.
func lookAt(t *testing.T, ctx context.Context) map[string]int {
	t.Helper()
	counts := evaluate[map[string]int](t, ctx, marksScript)
	t.Logf("marks: %v", counts)
	for _, name := range empty(counts) {
		t.Errorf("figure %s has %d marks", name, counts[name])
	}
	if n := evaluate[int](t, ctx, `performance.getEntriesByType("resource").length`); n != 0 {
		t.Errorf("the page loads %d other resources", n)
	}
	run(t, ctx, chromedp.EmulateViewport(1280, 900))
	if wide := evaluate[[]string](t, ctx, wideScript); len(wide) > 0 {
		t.Errorf("in a window of 1280 pixels there is more than can be seen of %v", wide)
	}
	looksAlikeInTheDark(t, ctx)
	run(t, ctx, chromedp.EmulateViewport(360, 700))
	if width := evaluate[int](t, ctx, `document.documentElement.scrollWidth`); width > 360 {
		t.Errorf("in a window of 360 pixels the page is %d wide", width)
	}
	if width := evaluate[int](t, ctx, narrowestScript); width < 110 {
		t.Errorf("in a window of 360 pixels a name has %d of them", width)
	}
	printed(t, ctx)
	return counts
}

// looksAlikeInTheDark holds the page to the white that its figures are drawn on.
func looksAlikeInTheDark(t *testing.T, ctx context.Context) {
	t.Helper()
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, dark); err != nil {
		t.Fatal(err)
	}
	const colours = `(s => s.backgroundColor + " " + s.color)(getComputedStyle(document.body))`
	if got, want := evaluate[string](t, ctx, colours), "rgb(255, 255, 255) rgb(31, 35, 40)"; got != want {
		t.Errorf("in the dark the page is %s, want %s", got, want)
	}
}

// printed prints the page on A4.
func printed(t *testing.T, ctx context.Context) {
	t.Helper()
	pdf := run(t, ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if pages := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); !bytes.HasPrefix(pdf, []byte("%PDF-")) || pages < 2 {
		t.Errorf("printing gives %d bytes with %d pages", len(pdf), pages)
	}
	run(t, ctx, chromedp.EmulateViewport(680, 1000)) // 180 mm
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	if n := evaluate[int](t, ctx, foldedScript); n > 0 {
		t.Errorf("%d candidates are folded away in print", n)
	}
	if n := evaluate[int](t, ctx, cutScript); n > 0 {
		t.Errorf("%d parts of the formula run off the page in print", n)
	}
	if tall := evaluate[[]string](t, ctx, tallScript); len(tall) > 0 {
		t.Errorf("the figures %v may be cut in print", tall)
	}
}

// empty names the figures with too few marks.
func empty(counts map[string]int) []string {
	var names []string
	for name, n := range counts {
		if n < leastMarks {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	return run(t, ctx, chromedp.Evaluate[T](script))
}

func run[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
