package export

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"text/template"

	"github.com/objdisco/discover/sandbox/graph"
)

//go:embed latex.tmpl
var latexText string

var latexTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("latex").Delims("<<", ">>").Funcs(template.FuncMap{"tex": tex, "verdict": verdict, "unit": unit}).Parse(latexText))
})

// latexFiles writes an objective as a LaTeX document.
func latexFiles(o Objective) ([]file, error) {
	p, err := compile(o.Graph)
	if err != nil {
		return nil, err
	}
	sheet, err := graph.Inspect(o.Graph)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = latexTemplate().Execute(&out, map[string]any{
		"Title": o.title(), "Candidate": &o.Candidate, "Formula": aligned(o.Graph), "Facts": sheet.Facts(),
		"Provenance": o.provenance(), "Statistics": p.statistics(),
	})
	if err != nil {
		return nil, err
	}
	return []file{{o.stem() + ".tex", out.Bytes()}}, nil
}

// tex escapes foreign text of one line. What pdfLaTeX may lack a glyph for becomes a
// question mark.
func tex(s string) string {
	var b strings.Builder
	for _, r := range plain(s) {
		switch escaped, special := texRunes[r]; {
		case special:
			b.WriteString(escaped)
		case r < 0x7f:
			b.WriteRune(r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

var texRunes = map[rune]string{
	'\\': `\textbackslash{}`, '{': `\{`, '}': `\}`, '$': `\$`, '&': `\&`, '#': `\#`, '%': `\%`, '_': `\_`,
	'^': `\textasciicircum{}`, '~': `\textasciitilde{}`, '<': `\textless{}`, '>': `\textgreater{}`, '|': `\textbar{}`, '"': `''`,
	'·': `$\cdot$`, '−': `$-$`, '×': `$\times$`, 'β': `$\beta$`, 'τ': `$\tau$`, 'σ': `$\sigma$`, '∞': `$\infty$`, '–': `--`,
}
