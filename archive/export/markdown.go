package export

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
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
	var out bytes.Buffer
	err = pageTemplate().Execute(&out, map[string]any{
		"Title": o.title(), "Candidate": &o.Candidate, "Formula": graph.Formula(o.Graph), "LaTeX": aligned(o.Graph),
		"Facts": sheet.Facts(), "Rows": averages(o.Cells), "Code": fenced(o.Candidate.Code), "Provenance": o.provenance(),
		"Params": o.Graph.Params(),
	})
	if err != nil {
		return nil, err
	}
	return []file{{o.stem() + ".md", out.Bytes()}}, nil
}

// aligned returns the formula as rows of an aligned environment.
func aligned(g *graph.Graph) []string {
	rows := graph.LaTeX(g)
	for i, row := range rows {
		rows[i] = strings.Replace(row, " = ", " &= ", 1)
	}
	return rows
}

// average sums up the cells of one task at one beta.
type average struct {
	Task       string
	Beta       float64
	Seeds      int
	BlewUp     int
	Reward, KL string // means over the seeds that did not blow up
}

func averages(cells []archive.Cell) []average {
	type key struct {
		task string
		beta float64
	}
	groups := map[key][]archive.Cell{}
	for _, c := range cells {
		k := key{c.Task, c.Beta}
		groups[k] = append(groups[k], c)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b key) int {
		if a.task != b.task {
			return strings.Compare(a.task, b.task)
		}
		if a.beta < b.beta {
			return -1
		}
		return 1
	})
	var rows []average
	for _, k := range keys {
		rows = append(rows, summarize(k.task, k.beta, groups[k]))
	}
	return rows
}

func summarize(task string, beta float64, cells []archive.Cell) average {
	row := average{Task: task, Beta: beta, Seeds: len(cells), Reward: "–", KL: "–"}
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
		row.Reward, row.KL = fmt.Sprintf("%.4f", reward/n), fmt.Sprintf("%.4f", kl/n)
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
