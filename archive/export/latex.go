package export

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"text/template"
	"unicode"

	"github.com/objdisco/discover/sandbox/graph"
)

//go:embed latex.tmpl
var latexText string

var latexTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("latex").Delims("<<", ">>").Funcs(template.FuncMap{"tex": tex, "verdict": verdict, "unit": unit}).Parse(latexText))
})

// latexFiles writes an objective as a LaTeX document.
func latexFiles(o Objective) ([]file, error) {
	sheet, err := graph.Inspect(o.Graph)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = latexTemplate().Execute(&out, map[string]any{
		"Title": o.title(), "Candidate": &o.Candidate, "Formula": aligned(o.Graph), "Facts": sheet.Facts(),
		"Provenance": o.provenance(), "Legend": o.texLegend(graph.Formula(o.Graph)), "Nearest": strings.TrimPrefix(o.nearest(), "Nearest: "),
	})
	if err != nil {
		return nil, err
	}
	return []file{{o.stem() + ".tex", out.Bytes()}}, nil
}

// tex escapes foreign text of one line. What pdfLaTeX may lack a glyph for becomes a
// question mark, a hyphen before a number a minus, and long words may be broken.
func tex(s string) string {
	var b strings.Builder
	run := 0
	before := ' '
	text := []rune(plain(s))
	for i, r := range text {
		if run++; r == ' ' {
			run = 0
		}
		if run > 12 && run%4 == 0 && unicode.IsLetter(before) && unicode.IsLetter(r) {
			b.WriteString(`\-`)
		}
		switch escaped, special := texRunes[r]; {
		case r == '-' && i+1 < len(text) && unicode.IsDigit(text[i+1]) && !unicode.IsLetter(before) && !unicode.IsDigit(before):
			b.WriteString("$-$")
		case special:
			b.WriteString(escaped)
		case r < 0x7f:
			b.WriteRune(r)
		default:
			b.WriteByte('?')
		}
		before = r
	}
	return b.String()
}

var texRunes = map[rune]string{
	'\\': `\textbackslash{}`, '{': `\{`, '}': `\}`, '$': `\$`, '&': `\&`, '#': `\#`, '%': `\%`, '_': `\_\allowbreak{}`,
	'^': `\textasciicircum{}`, '~': `\textasciitilde{}`, '<': `\textless{}`, '>': `\textgreater{}`, '|': `\textbar{}`, '"': `''`,
	'·': `$\cdot$`, '−': `$-$`, '×': `$\times$`, '±': `$\pm$`, '≤': `$\le$`, '≥': `$\ge$`, '≠': `$\ne$`, '≈': `$\approx$`, '→': `$\to$`,
	'∞': `$\infty$`, '√': `$\surd$`, '∈': `$\in$`, '²': `${}^2$`, '³': `${}^3$`, '₊': `${}_+$`, '₋': `${}_-$`, '–': `--`, '—': `---`,
	'‘': "`", '’': `'`, '“': "``", '”': `''`, '…': `\dots{}`,
	'α': `$\alpha$`, 'β': `$\beta$`, 'γ': `$\gamma$`, 'δ': `$\delta$`, 'ε': `$\varepsilon$`, 'η': `$\eta$`, 'θ': `$\theta$`,
	'κ': `$\kappa$`, 'λ': `$\lambda$`, 'μ': `$\mu$`, 'π': `$\pi$`, 'ρ': `$\rho$`, 'σ': `$\sigma$`, 'τ': `$\tau$`, 'φ': `$\varphi$`,
	'Δ': `$\Delta$`, 'Σ': `$\Sigma$`, 'ℓ': `$\ell$`,
}
