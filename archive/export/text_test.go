package export

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
)

// A fitness is in units of reward on one task and a share of dpo's gain on several,
// in every format that words it, and so is that on fresh seeds.
func TestFitnessHasItsUnit(t *testing.T) {
	one := archive.TaskScore{Task: "bandit", Verdict: "same"}
	for unit, tasks := range map[string][]archive.TaskScore{"of reward": {one}, "of dpo's gain": {one, one}} {
		o := known(t)[0]
		o.Candidate.Score.Tasks = tasks
		o.Candidate.Confirmed = &archive.Score{Fitness: .0625, Verdict: "worse", Seeds: 6, Tasks: tasks}
		for _, format := range []string{"go", "torch", "jax", "md", "latex"} {
			files, err := formats[format]([]Objective{o})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(strings.ReplaceAll(string(files[0].data), "\n//", "\n")), " ")
			for _, want := range []string{"+0.0100 " + unit, "On fresh seeds and held-out tasks", "worse than dpo", "+0.0625 " + unit} {
				if !strings.Contains(strings.ReplaceAll(text, "$", ""), want) {
					t.Errorf("%s of %d tasks: no %q in\n%s", format, len(tasks), want, files[0].data)
				}
			}
		}
	}
}

// Whatever a formula has in it is explained, but for school mathematics, in text and in
// LaTeX.
func TestLegendExplainsFormula(t *testing.T) {
	known := append(append(known(t), evolved(t)...), withEverything(t))
	for seed := range uint64(60) {
		known = append(known, random(t, seed))
	}
	school := " loss log exp tanh sin cos abs sqrt max min softplus where u v w z u1 v1 w1 z1 y₊ y₋ "
	word := regexp.MustCompile(`[\pL_][\pL\pN_]*[₊₋]?`)
	for _, o := range known {
		formula := graph.Formula(o.Graph)
		legend, tex := o.legend(formula), o.texLegend(formula)
		for _, p := range o.Graph.Params() {
			formula = regexp.MustCompile(`\b`+p.Name+`\b`).ReplaceAllString(formula, "u")
		}
		formula = strings.NewReplacer("²", "", "³", "").Replace(formula)
		for _, w := range word.FindAllString(formula, -1) {
			if !strings.Contains(school, " "+w+" ") && !strings.Contains(legend, w) {
				t.Errorf("%s: nothing on %s of\n%s\nin %s", o.Candidate.Name, w, formula, legend)
			}
		}
		for _, command := range regexp.MustCompile(`\\operatorname\{[^}]*\}|\\mathbf\{1\}|\\sigma\b`).FindAllString(strings.Join(graph.LaTeX(o.Graph), " "), -1) {
			if !strings.Contains(tex, command) {
				t.Errorf("%s: nothing on %s in %s", o.Candidate.Name, command, tex)
			}
		}
	}
}

// withEverything is an objective with every operation of the language in its formula.
func withEverything(t *testing.T) Objective {
	g := &graph.Graph{Version: graph.Version}
	add := func(n graph.Node) int {
		g.Nodes = append(g.Nodes, n)
		return len(g.Nodes) - 1
	}
	total := add(graph.Node{Op: graph.Mul, Args: []int{add(graph.Node{Op: graph.PolicyChosen}), add(graph.Node{Op: graph.Beta})}})
	x := total
	for _, op := range graph.Ops() {
		n := graph.Node{Op: op, K: []float64{-0.75, 1.25}[:op.Constants()], Args: []int{x, 1, x}[:op.Arity()]}
		if op == graph.Param {
			n.Name = "tau"
		}
		total = add(graph.Node{Op: graph.Add, Args: []int{total, add(n)}})
	}
	g.Output = total
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
	return objectiveOf(t, g, 0, "everything", "")
}

// Every export that people read has the datasheet, the nearest known loss and a legend.
func TestEveryExportCarriesDatasheet(t *testing.T) {
	for _, o := range evolved(t) {
		sheet, err := graph.Inspect(o.Graph)
		if err != nil {
			t.Fatal(err)
		}
		for format, make := range formats {
			if format == "json" {
				continue // TestJSONReadsBack
			}
			files, err := make([]Objective{o})
			if err != nil {
				t.Fatal(err)
			}
			text := string(files[len(files)-1].data) // objectives.csv
			if format == "torch" || format == "jax" {
				text = string(files[0].data)
			}
			text = strings.NewReplacer("\n//", " ", "$", "", "\\-", "", "\\allowbreak{}", "", "\\", "").Replace(text)
			text = strings.Join(strings.Fields(text), " ")
			wants := []string{o.Candidate.Nearest.Name, sheet.Facts()[1]}
			if format != "csv" {
				wants = append(wants, "near "+o.Candidate.Nearest.Name, "is the log-ratio of policy")
			}
			for _, want := range wants {
				if !strings.Contains(text, want) {
					t.Errorf("%s of %s: no %q in\n%s", format, o.Candidate.Name, want, text)
				}
			}
		}
	}
}

// Formulas break between terms: nothing is lost, and no line is too long that has a
// place to break at.
func TestWrapFormula(t *testing.T) {
	objectives := append(known(t), evolved(t)...)
	for seed := range uint64(60) {
		objectives = append(objectives, random(t, seed))
	}
	for _, o := range objectives {
		formula := "loss = " + graph.Formula(o.Graph)
		lines := WrapFormula(formula, 80)
		for i, line := range lines {
			if i > 0 {
				lines[i] = strings.TrimPrefix(line, "    ")
				if head, _, _ := strings.Cut(lines[i], " "); head != "+" && head != "−" && head != "where" && !strings.HasSuffix(lines[i-1], ",") {
					t.Errorf("a line begins with %q", line)
				}
			}
			if r := []rune(line); len(r) > 80 {
				if at := formulaBreak(r, 80); at >= 0 && at <= 80 {
					t.Errorf("%q could be broken at %d", line, at)
				}
			}
		}
		if got := strings.Join(lines, " "); got != formula {
			t.Errorf("%q became %q", formula, got)
		}
	}
	want := []string{"loss = −log σ(β·h)", "    + 0.035·relu(1 − β·h)"}
	if got := WrapFormula("loss = −log σ(β·h) + 0.035·relu(1 − β·h)", 30); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// The table of the page has the tasks of the score first, and the betas that somebody
// chose.
func TestAverages(t *testing.T) {
	cell := func(task string, beta, reward float64) archive.Cell {
		return archive.Cell{Task: task, Beta: beta, Reward: &reward, KL: &reward}
	}
	cells := []archive.Cell{
		cell("bandit", 0.2, 1), cell("reviews", 0.5, 0.123456), cell("reviews", 0.06777641082371677, 1), cell("reviews", 0.025, 0.5),
		cell("reviews", 0.025, 0.25), {Task: "reviews", Beta: 0.5, BlewUp: true},
	}
	got := averages(cells, &archive.Score{Tasks: []archive.TaskScore{{Task: "reviews"}}})
	want := []average{
		{"reviews", "0.025", 2, 0, "0.375", "0.375"}, {"reviews", "0.5", 2, 1, "0.123", "0.123"}, {"bandit", "0.2", 1, 0, "1.00", "1.00"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
