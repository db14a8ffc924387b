package export

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
)

// Reading and writing a formula changes nothing.
func TestTeXReadsBack(t *testing.T) {
	objectives := append(append(known(t), evolved(t)...), withEverything(t))
	for seed := range uint64(100) {
		objectives = append(objectives, random(t, seed))
	}
	for _, o := range objectives {
		for _, equation := range graph.LaTeX(o.Graph) {
			if got := parseTeX(equation).String(); got != equation {
				t.Errorf("%q became %q", equation, got)
			}
		}
	}
}

// With the names put back, the rows of a formula are the formula, and no row is wider
// than a page.
func TestAlignedIsTheFormula(t *testing.T) {
	objectives := append(append(known(t), evolved(t)...), withEverything(t))
	for seed := range uint64(100) {
		objectives = append(objectives, random(t, seed))
	}
	named := 0
	for _, o := range objectives {
		rows := aligned(o.Graph)
		var equations [][2]string
		for _, row := range rows {
			if rest, ok := strings.CutPrefix(row, `&\quad `); ok {
				equations[len(equations)-1][1] += rest
				continue
			}
			left, right, _ := strings.Cut(row, " &= ")
			equations = append(equations, [2]string{left, right})
			if w := parseTeX(right).width(); w > texWidth {
				t.Errorf("%s: %.0f points: %s", o.Candidate.Name, w, row)
			}
		}
		var got []string
		for i := len(equations) - 1; i >= 0; i-- {
			name, value := equations[i][0], equations[i][1]
			if !strings.HasPrefix(name, "q_") {
				got = append([]string{name + " = " + value}, got...)
				continue
			}
			named++
			for j := range equations {
				equations[j][1] = strings.ReplaceAll(equations[j][1], name, "("+value+")")
			}
		}
		// Parentheses and breaks of products apart, nothing may have changed.
		bare := strings.NewReplacer(`\left`, "", `\right`, "", "(", "", ")", "", " ", "", `\cdot`, "", `\,`, "")
		for i, want := range graph.LaTeX(o.Graph) {
			if i >= len(got) || bare.Replace(got[i]) != bare.Replace(want) {
				t.Errorf("%s: %q became %q", o.Candidate.Name, want, got)
				break
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d parts were named: the objectives are too short to test it", named)
	}
}
