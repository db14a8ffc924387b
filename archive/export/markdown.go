package export

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
)

//go:embed page.tmpl
var pageText string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"md": markdown, "verdict": verdict, "unit": unit}).Parse(pageText))
})

// markdownFiles writes an objective as a page.
func markdownFiles(o Objective) ([]file, error) {
	sheet, err := graph.Inspect(o.Graph)
	if err != nil {
		return nil, err
	}
	p, err := compile(o.Graph)
	if err != nil {
		return nil, err
	}
	formula := graph.Formula(o.Graph)
	var out bytes.Buffer
	err = pageTemplate().Execute(&out, map[string]any{
		"Title": o.title(), "Candidate": &o.Candidate, "Formula": WrapFormula("loss = "+formula, 90), "LaTeX": aligned(o.Graph),
		"Legend": o.legend(formula), "Nearest": o.nearest(),
		"Facts": sheet.Facts(), "Rows": averages(o.Cells, o.Candidate.Score), "Code": fenced(o.Candidate.Code), "Provenance": o.provenance(),
		"Params": p.documented(),
	})
	if err != nil {
		return nil, err
	}
	return []file{{o.stem() + ".md", out.Bytes()}}, nil
}

// average sums up the cells of one task at one beta.
type average struct {
	Task       string
	Beta       string
	Seeds      int
	BlewUp     int
	Reward, KL string // means over the seeds that did not blow up
}

// averages returns a row for every task and beta of the sweep, the tasks of the score
// first. The betas between those of the sweep, with which a seed was trained once
// more to meet a budget, are in the CSV table only.
func averages(cells []archive.Cell, score *archive.Score) []average {
	type key struct {
		task string
		beta float64
	}
	groups := map[key][]archive.Cell{}
	for _, c := range cells {
		if rounded(c.Beta) {
			groups[key{c.Task, c.Beta}] = append(groups[key{c.Task, c.Beta}], c)
		}
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b key) int {
		return cmp.Or(place(a.task, score)-place(b.task, score), strings.Compare(a.task, b.task), cmp.Compare(a.beta, b.beta))
	})
	var rows []average
	for _, k := range keys {
		rows = append(rows, summarize(k.task, k.beta, groups[k]))
	}
	return rows
}

// rounded reports whether somebody chose the number: it has at most three digits.
func rounded(x float64) bool {
	short, err := strconv.ParseFloat(digits(x), 64)
	return err == nil && short == x
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// place returns where a task is among those of the score, or behind them.
func place(task string, score *archive.Score) int {
	if score == nil {
		return 0
	}
	if i := slices.IndexFunc(score.Tasks, func(t archive.TaskScore) bool { return t.Task == task }); i >= 0 {
		return i
	}
	return len(score.Tasks)
}

func summarize(task string, beta float64, cells []archive.Cell) average {
	row := average{Task: task, Beta: digits(beta), Seeds: len(cells), Reward: "–", KL: "–"}
	var reward, kl float64
	for _, c := range cells {
		if c.Reward == nil || c.KL == nil {
			row.BlewUp++
			continue
		}
		reward += *c.Reward
		kl += *c.KL
	}
	if n := float64(len(cells) - row.BlewUp); n > 0 {
		row.Reward, row.KL = fmt.Sprintf("%#.3g", reward/n), fmt.Sprintf("%#.3g", kl/n)
	}
	return row
}

// markdown escapes foreign text of one line.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range plain(s) {
		if strings.ContainsRune("\\`*_[]<>#|~$&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fenced encloses foreign code in a fence that it cannot close.
func fenced(code string) string {
	fence, run := "```", 0
	for _, r := range code {
		if run++; r != '`' {
			run = 0
		}
		if run >= len(fence) {
			fence = strings.Repeat("`", run+1)
		}
	}
	return fence + "go\n" + strings.Join(block(code), "\n") + "\n" + fence
}
