package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// texWidth is how wide a row of an aligned formula may be, in points; a page of
// latex.tmpl has 455.
const texWidth = 430

// texIndent is what a row is indented by that goes on with the one above.
const texIndent = 24

// aligned returns the formula as rows of an aligned environment, none wider than
// texWidth: long sums go on in further rows, and a term that is too long alone has its
// largest part named and given in a row of its own, q with an index.
func aligned(g *graph.Graph) []string {
	a := &aligner{names: map[string]string{}}
	for _, equation := range graph.LaTeX(g) {
		left, right, _ := strings.Cut(equation, " = ")
		a.left = max(a.left, parseTeX(left).width()+12)
		a.queue = append(a.queue, texEquation{left, parseTeX(right)})
	}
	a.left = max(a.left, 28)
	for i := 0; i < len(a.queue); i++ {
		a.at = i
		a.write(a.queue[i])
	}
	return a.rows
}

// texEquation is one definition.
type texEquation struct {
	left  string
	right texBox
}

// aligner writes equations in rows.
type aligner struct {
	left  float64 // width of the widest left side
	queue []texEquation
	at    int               // what is being written
	names map[string]string // of parts, by what they stand for
	rows  []string
}

// write writes the rows of one equation.
func (a *aligner) write(e texEquation) {
	room := texWidth - a.left - texIndent
	row, start := texBox{}, e.left+" &= "
	flush := func() {
		a.rows = append(a.rows, start+row.String())
		row, start = nil, `&\quad `
	}
	next := a.at + 1
	for _, term := range summands(e.right) {
		for term.width() > room && a.shorten(term, &next) {
		}
		for _, part := range chunks(term, room) {
			if len(row) > 0 && row.width()+part.width() > room {
				flush()
			}
			row = append(row, part...)
		}
	}
	flush()
}

// summands splits a sum into terms, each with the sign before it.
func summands(b texBox) []texBox {
	var out []texBox
	for i, item := range b {
		if i == 0 || item.binary() {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], item)
	}
	return out
}

// chunks splits a term that is too wide and has nothing more to name between factors.
func chunks(term texBox, room float64) []texBox {
	var out []texBox
	start := 0
	for i := 1; i < len(term); i++ {
		after := strings.TrimSpace(term[i].texts[0]) == "" || term[i].texts[0] == `\,`
		if after && i+1 < len(term) && term[start:i].width() > room-60 {
			out = append(out, append(slices.Clone(term[start:i]), texItem{texts: []string{` \cdot`}, width: 7.3}))
			start = i + 1
		}
	}
	return append(out, term[start:])
}

// slot is a part of a term that may get a name.
type slot struct {
	box    *texBox
	parent texBox // the row that the construct around it stands in
	at     int    // of the construct
}

// shorten names the widest part of a term, in place, and reports whether there was one
// that is wider than a name. The definition is put into the queue at next.
func (a *aligner) shorten(term texBox, next *int) bool {
	var widest slot
	width := 30.0
	for _, s := range slots(term) {
		if w := s.box.width(); w > width {
			widest, width = s, w
		}
	}
	if widest.box == nil {
		return false
	}
	what := widest.box.String()
	name, ok := a.names[what]
	if !ok {
		name = fmt.Sprintf("q_{%d}", len(a.names)+1)
		a.names[what] = name
		a.queue = slices.Insert(a.queue, *next, texEquation{name, *widest.box})
		*next++
	}
	*widest.box = parseTeX(name)
	if item := &widest.parent[widest.at]; item.kind == "(" && len(item.parts) == 1 && !isFunction(widest.parent[:widest.at]) {
		*item = texItem{texts: []string{name}, width: 13}
	}
	return true
}

// isFunction reports whether a parenthesis after the row holds the arguments of a
// function; that of a factor has a space before it.
func isFunction(before texBox) bool {
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1].texts[0]
	return strings.HasPrefix(last, `\`) && last != `\,` && last != `\cdot`
}

// slots returns the parts of a row's constructs, theirs too. Powers are no parts.
func slots(row texBox) []slot {
	var out []slot
	for i := range row {
		if row[i].kind == "^" {
			continue
		}
		for j := range row[i].parts {
			out = append(out, slot{&row[i].parts[j], row, i})
			out = append(out, slots(row[i].parts[j])...)
		}
	}
	return out
}
