package export

import "strings"

// texItem is one piece of a formula in LaTeX, as sandbox/graph writes them: text that
// stands for itself, or a construct around other pieces. A construct is written as
// its texts with the pieces between.
type texItem struct {
	texts []string // what stands before, between and after the parts
	parts []texBox // empty for text
	kind  string   // "(", "|", "[", `\frac`, `\sqrt`, "^", "cases"; empty for text
	width float64  // of text, in points
}

// texBox is a row of pieces.
type texBox []texItem

// texParser reads a formula.
type texParser struct{ rest string }

func parseTeX(s string) texBox {
	p := &texParser{s}
	box, _ := p.box()
	return box
}

// box reads pieces up to the first of the stops, which it returns, or the end.
func (p *texParser) box(stops ...string) (texBox, string) {
	var box texBox
	for p.rest != "" {
		for _, stop := range stops {
			if p.take(stop) {
				return box, stop
			}
		}
		box = append(box, p.item())
	}
	return box, ""
}

func (p *texParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	if ok {
		p.rest = rest
	}
	return ok
}

// item reads one piece.
func (p *texParser) item() texItem {
	switch {
	case p.take(`\left(`):
		return p.list(texItem{kind: "(", texts: []string{`\left(`}}, `\right)`, `,\, `)
	case p.take(`\left|`):
		return p.list(texItem{kind: "|", texts: []string{`\left|`}}, `\right|`)
	case p.take(`[`):
		return p.list(texItem{kind: "[", texts: []string{`[`}}, `]`, " > ", " < ", ` \neq `)
	case p.take(`\frac{`):
		item := p.list(texItem{kind: `\frac`, texts: []string{`\frac{`}}, "}")
		p.take("{")
		below, _ := p.box("}")
		return texItem{kind: `\frac`, texts: []string{`\frac{`, "}{", "}"}, parts: append(item.parts, below)}
	case p.take(`\sqrt{`):
		return p.list(texItem{kind: `\sqrt`, texts: []string{`\sqrt{`}}, "}")
	case p.take("^{"):
		return p.list(texItem{kind: "^", texts: []string{"^{"}}, "}")
	case p.take("_{"):
		return p.list(texItem{kind: "^", texts: []string{"_{"}}, "}")
	case p.take(`\begin{cases} `):
		item := p.list(texItem{kind: "cases", texts: []string{`\begin{cases} `}}, ` & \text{if } `)
		return p.list(item, ` & \text{otherwise} \end{cases}`, " > ", " < ", ` \neq `, ` \\ `)
	}
	return p.word()
}

// list reads the parts of a construct up to its end.
func (p *texParser) list(item texItem, end string, separators ...string) texItem {
	for {
		box, stop := p.box(append(separators, end)...)
		item.parts, item.texts = append(item.parts, box), append(item.texts, stop)
		if stop == end || stop == "" {
			return item
		}
	}
}

// word reads a piece of text.
func (p *texParser) word() texItem {
	for _, operator := range []string{" + ", " - "} {
		if p.take(operator) {
			return texItem{texts: []string{operator}, width: 12.3}
		}
	}
	end := 1
	if p.rest[0] == '\\' {
		for end < len(p.rest) && isLetter(p.rest[end]) {
			end++
		}
		if end == 1 {
			end = 2 // \, and the like
		}
		if end < len(p.rest) && p.rest[end] == '{' {
			for depth := 0; end < len(p.rest); end++ {
				depth += braceStep(p.rest[end])
				if depth == 0 {
					end++
					break
				}
			}
		}
	}
	text := p.rest[:min(end, len(p.rest))]
	p.rest = p.rest[len(text):]
	return texItem{texts: []string{text}, width: wordWidth(text)}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func braceStep(c byte) int {
	switch c {
	case '{':
		return 1
	case '}':
		return -1
	}
	return 0
}

// wordWidth estimates the width of text in ten-point Computer Modern, rather too wide.
func wordWidth(text string) float64 {
	command, inside, braced := strings.Cut(strings.TrimPrefix(text, `\`), "{")
	switch {
	case text == " ":
		return 0
	case text == `\,`:
		return 1.7
	case text == `\cdot`:
		return 7.3
	case braced:
		return 1.8 + 5.6*float64(len(strings.ReplaceAll(inside, `\_`, "_"))-1)
	case strings.Contains(" log exp max min tanh arctan sin cos ", " "+command+" "):
		return 3.5 + 5.3*float64(len(command))
	case text[0] >= '0' && text[0] <= '9':
		return 5.1
	}
	return 7
}

// width estimates the width of the row in points.
func (b texBox) width() float64 {
	w := 0.0
	for _, item := range b {
		w += item.wide()
	}
	return w
}

func (i *texItem) wide() float64 {
	widest, total := 0.0, 0.0
	for _, part := range i.parts {
		w := part.width()
		widest, total = max(widest, w), total+w
	}
	separators := 8 * float64(max(0, len(i.parts)-1))
	switch i.kind {
	case "":
		return i.width
	case "(", "|":
		return total + separators + 16
	case "[":
		return total + separators + 8
	case `\frac`:
		return widest + 5
	case `\sqrt`:
		return total + 12
	case "^":
		return 0.75*total + 1
	}
	// The values of a choice in one column, its condition in the other.
	condition := 10 + i.parts[1].width()
	if len(i.parts) == 4 {
		condition += 12 + i.parts[2].width()
	}
	return max(i.parts[0].width(), i.parts[len(i.parts)-1].width()) + max(condition, 48) + 24
}

// String returns the row in LaTeX.
func (b texBox) String() string {
	var s strings.Builder
	for _, item := range b {
		s.WriteString(item.texts[0])
		for j, part := range item.parts {
			s.WriteString(part.String() + item.texts[j+1])
		}
	}
	return s.String()
}

// binary reports whether the piece is a sign between two terms.
func (i *texItem) binary() bool { return i.texts[0] == " + " || i.texts[0] == " - " }
