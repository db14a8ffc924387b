package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/objdisco/discover/sandbox/graph"
)

var (
	//go:embed page.tmpl
	pageText string
	//go:embed page.css
	pageCSS string
)

// pageTemplate is parsed when a page is written, not in every process.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"plural": plural, "words": breakable}).Parse(pageText))
})

// page is what the template shows. All text is bounded; the template escapes it.
type page struct {
	Run           struct{ Name string }
	CSS           template.CSS
	Date, Version string
	Applied       int

	Answer  answer
	Leader  *leaderView
	Cost    []field
	Control string
	// Confirmed is how many candidates were scored again.
	Confirmed int
	Figures   map[string]figureView

	Board          []row
	BoardRest      []row // folded away, but in print
	BoardCaption   string
	Budgets        []budgetRow
	Robustness     []robustnessRow
	Lineage        []row
	LineageCaption string

	FailureSummary string
	Failures       []failure
	Settings       []field
	Config         string
	Commands       []string
}

type field struct{ Name, Value string }

// figureView is a figure in the page, or why there is none.
type figureView struct {
	Name, Title, Caption, Missing string
	SVG                           template.HTML
}

// leaderView is the candidate that the answer names.
type leaderView struct {
	Name, Thought, Code string
	Formula, Symbols    string            // in plain text, and what its letters mean
	Equations           [][]template.HTML // the formula as MathML; none if it is too long for lines
	Facts               []string
	Tasks               []taskRow
}

// WriteHTML writes the page.
func (p *Report) WriteHTML(w io.Writer) error {
	v := &page{
		CSS: template.CSS(pageCSS), Date: p.run.Created.UTC().Format("2 January 2006, 15:04 UTC"), Version: p.options.Version,
		Applied: p.totals.Applied(), Answer: p.answer(), Cost: p.cost(), Control: p.controlNote(), Confirmed: p.census.confirmed,
		BoardCaption: p.boardCaption(), Budgets: p.budgetRows(), Robustness: p.robustnessRows(),
		Lineage: p.lineageRows(), LineageCaption: p.lineageCaption(),
		FailureSummary: p.failureSummary(), Failures: byCount(p.census.failures),
		Settings: p.settings(), Config: code(p.options.Config),
	}
	rows := p.boardRows()
	v.Board, v.BoardRest = rows[:min(len(rows), rowsUnfolded)], rows[min(len(rows), rowsUnfolded):]
	v.Run.Name = line(p.run.Name, nameRunes)
	for _, command := range p.options.Commands {
		v.Commands = append(v.Commands, line(command, reasonRunes))
	}
	var err error
	if v.Leader, err = p.leaderView(); err != nil {
		return err
	}
	if v.Figures, err = p.figureViews(); err != nil {
		return err
	}
	return pageTemplate().Execute(w, v)
}

// leaderView is nil while there is no leader.
func (p *Report) leaderView() (*leaderView, error) {
	c := p.leader
	if c == nil {
		return nil, nil
	}
	v := &leaderView{Name: p.named(c), Thought: line(c.Thought, thoughtRunes), Code: code(c.Code), Tasks: p.taskRows(c)}
	for _, f := range c.Facts {
		v.Facts = append(v.Facts, line(f, reasonRunes))
	}
	if c.Graph == nil {
		return v, nil
	}
	g, err := graph.Decode(c.Graph)
	if err != nil {
		return nil, fmt.Errorf("candidate %d: %w", c.ID, err)
	}
	v.Formula = line(graph.Formula(g), formulaRunes)
	v.Symbols, v.Equations = symbols(v.Formula), typeset(g)
	return v, nil
}

// pageFigures are the figures of a page. The other ones are parts of these.
var pageFigures = []string{"search", "leaderboard", "curves", "frontier", "lineage"}

// figureViews draws the figures of the page. One without data says so.
func (p *Report) figureViews() (map[string]figureView, error) {
	views := map[string]figureView{}
	for _, name := range pageFigures {
		f, err := drawers[name](p)
		v := figureView{Name: name, Title: titles[name], Caption: p.caption(name)}
		switch {
		case errors.Is(err, errNothing):
			v.Missing = err.Error()
		case err != nil:
			return nil, fmt.Errorf("figure %s: %w", name, err)
		default:
			v.Title, v.SVG = f.title, template.HTML(f.inline())
		}
		views[name] = v
	}
	return views, nil
}

// titles name a figure that cannot be drawn.
var titles = map[string]string{
	"search": "The search", "leaderboard": "The leaderboard", "curves": "The loss and its slope",
	"frontier": "Reward and KL", "lineage": "The lineage",
}

// caption explains a figure.
func (p *Report) caption(name string) string {
	switch name {
	case "search":
		text := "Each point is a scored candidate; 0 is dpo. The blue line is the best fitness among the proposals so far, which grows by luck too: the interval shows how sure the value of the one that the answer names is. Triangles lie below the axis."
		if n := len(p.census.points); len(thin(p.census.points)) < n {
			text += fmt.Sprintf(" Of %s points, those that set a record and an even sample of the rest are drawn.", thousands(n))
		}
		return text
	case "leaderboard":
		return fmt.Sprintf("The first %d of the leaderboard. Where an interval crosses the black line, it is not decided whether the objective is better than dpo. An interval that ends in an arrow goes on.", min(len(p.board), barsShown))
	case "curves":
		return fmt.Sprintf("At β = %g, the chosen completion gaining what the rejected one loses. Left the loss, right its slope: below 0 it raises the margin. Each loss is multiplied so that its mean slope over ±%g is as steep as dpo’s, which Adam does not notice. A loss that looks at its micro-batch is averaged over the other pair of two, with a normally distributed margin.", curveBeta, equalRange)
	case "frontier":
		return "Left: a point for each β, mean over seeds, joined in the order of β; up and to the left is better, and what collapses leaves the frame. Right: the same comparison where it is decided, the reward above dpo’s at the three KL budgets, with 95 % intervals over seeds; bars that end in an arrow go on, and those of several objectives stand side by side. On a task that only the confirmation trains, dpo is known at the budgets."
	case "lineage":
		return "Fitness and interval of the objective and what it was made from, the newest at the top."
	}
	return ""
}
