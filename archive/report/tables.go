package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/objdisco/discover/archive"
)

// row is a candidate in a table.
type row struct {
	Rank, ID                                      int
	Name, Fitness, Interval, Verdict, Class       string
	Confirmed, Origin, Operator, Parents, Thought string
}

// taskRow is what a score says of one task.
type taskRow struct {
	Task, Seeds, Advantage, Interval, Verdict string
}

// robustnessRow says over which betas an objective works on one task.
type robustnessRow struct {
	Name, Task, Works, BlewUp, Collapsed, Stress string
}

// budgetRow says what an objective gains over dpo at each budget of one task.
type budgetRow struct {
	Name, Task string
	Cells      []budgetCell
}

type budgetCell struct{ Beta, Advantage, Interval string }

func rowOf(c archive.Candidate) row {
	r := row{
		ID: c.ID, Name: line(c.Name, nameRunes), Origin: line(c.Origin, nameRunes), Operator: line(c.Operator, nameRunes),
		Parents: line(strings.Join(c.Parents, ", "), nameRunes), Thought: line(c.Thought, rowRunes), Verdict: c.Status,
	}
	if s := c.Score; s != nil {
		r.Fitness, r.Interval, r.Verdict = signed(s.Fitness), interval(s.CI95), line(s.Verdict, nameRunes)
		r.Class = r.Verdict
	}
	if s := c.Confirmed; s != nil {
		r.Confirmed = fmt.Sprintf("%s %s: %s", signed(s.Fitness), interval(s.CI95), line(s.Verdict, nameRunes))
	}
	return r
}

func (p *Report) boardRows() []row {
	rows := make([]row, len(p.board))
	for i, c := range p.board {
		rows[i] = rowOf(c)
		rows[i].Rank = i + 1
	}
	return rows
}

func (p *Report) boardCaption() string {
	scored := len(p.census.points)
	if scored > len(p.board) {
		return fmt.Sprintf("The first %d of %s scored candidates, by fitness (%s).", len(p.board), thousands(scored), p.unit())
	}
	return fmt.Sprintf("All %s scored candidates, by fitness (%s).", thousands(scored), p.unit())
}

func (p *Report) unit() string {
	if p.shareUnit() {
		return "the gain over dpo at equal KL, as a share of what dpo gains over the reference"
	}
	return "the reward above dpo’s at equal KL"
}

// taskRows lists the tasks of a score, then those of its confirmation.
func (p *Report) taskRows(c *archive.Candidate) []taskRow {
	var rows []taskRow
	for _, s := range []struct {
		score *archive.Score
		seeds string
	}{{c.Score, "search"}, {c.Confirmed, "fresh"}} {
		if s.score == nil {
			continue
		}
		for _, t := range s.score.Tasks {
			rows = append(rows, taskRow{line(t.Task, nameRunes), fmt.Sprintf("%s, %d", s.seeds, s.score.Seeds), signed(t.Advantage), interval(t.CI95), line(t.Verdict, nameRunes)})
		}
	}
	return rows
}

func (p *Report) robustnessRows() []robustnessRow {
	var rows []robustnessRow
	for _, c := range p.compared() {
		for i, t := range allDetails(c) {
			r := robustnessRow{Task: line(t.Task, nameRunes), Works: "none", BlewUp: betas(t.Robustness.BlewUp), Collapsed: betas(t.Robustness.Collapsed)}
			if w := t.Robustness.Works; w != nil {
				r.Works = fmt.Sprintf("%g–%g", w[0], w[1])
			}
			if i == 0 {
				r.Name, r.Stress = p.named(&c), p.underStress(c.ID)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// budgetRows compares with dpo at each budget. Tasks with other budgets than the
// first, which a table cannot show beside it, are left out.
func (p *Report) budgetRows() []budgetRow {
	var rows []budgetRow
	for _, c := range p.compared() {
		if isDPO(c) {
			continue
		}
		for i, t := range allDetails(c) {
			r := budgetRow{Task: line(t.Task, nameRunes)}
			for _, b := range t.Budgets {
				cell := budgetCell{Beta: fmt.Sprintf("%g", b.Beta), Advantage: signed(b.Advantage)}
				if b.CI95 != nil {
					cell.Interval = interval(*b.CI95)
				}
				r.Cells = append(r.Cells, cell)
			}
			if i == 0 {
				r.Name = p.named(&c)
			}
			sameBudgets := func(a, b budgetCell) bool { return a.Beta == b.Beta }
			if len(r.Cells) > 0 && (len(rows) == 0 || slices.EqualFunc(r.Cells, rows[0].Cells, sameBudgets)) {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func (p *Report) underStress(id int) string {
	if n, ok := p.stress[id]; ok {
		return fmt.Sprint(n)
	}
	return "not tried"
}

func (p *Report) lineageRows() []row {
	rows := make([]row, len(p.lineage.members))
	for i, c := range p.lineage.members {
		rows[i] = rowOf(c)
		if c.Origin == fromCatalog {
			rows[i].Operator = "known loss"
		}
	}
	return rows
}

func (p *Report) lineageCaption() string {
	if len(p.lineage.members) == 0 {
		return ""
	}
	made := p.descendant()
	text := fmt.Sprintf("What %s was made from, the newest first.", p.named(&made))
	if p.lineage.cut {
		text += fmt.Sprintf(" There are more than %d ancestors; the nearest generations are shown.", lineageShown-1)
	}
	return text
}

// cost is what the run consumed.
func (p *Report) cost() []field {
	u := p.totals.Usage
	fields := []field{
		{"candidates", thousands(p.totals.Applied())},
		{"of them proposed", thousands(p.census.proposed)},
		{"scored", thousands(len(p.census.points))},
		{"training runs", thousands(p.totals.Cells)},
		{"CPU time of training", duration(p.census.seconds)},
	}
	if u.Calls == 0 {
		return append(fields, field{"language model", "not asked"})
	}
	return append(fields,
		field{"model calls", thousands(u.Calls)},
		field{"tokens read", thousands(u.InputTokens)},
		field{"tokens written", thousands(u.OutputTokens)},
		field{"price", u.Cost()})
}

// controlNote says what the control is, and whether it can be compared.
func (p *Report) controlNote() string {
	if p.control == nil {
		return ""
	}
	r := p.control.run
	text := fmt.Sprintf("The control is the run %s, whose proposer is %s, with %s scored.", line(r.Name, nameRunes), line(r.Proposer, nameRunes), plural(len(p.control.points), "candidate", "candidates"))
	if r.Proposer != "random" {
		text += " It is not a run of the random proposer."
	}
	if !p.control.same {
		text += " It was scored with other tasks, seeds or micro-batches, so the two lines cannot be compared."
	}
	return text
}

func (p *Report) failureSummary() string {
	total := p.totals.Applied()
	failed := total - len(p.census.points)
	text := fmt.Sprintf("%s of %s ended without a score.", thousands(failed), plural(total, "candidate", "candidates"))
	if failed == 0 {
		text = fmt.Sprintf("Nothing: all of %s were scored.", plural(total, "candidate", "candidates"))
	}
	if total == 0 {
		text = "There are no candidates yet."
	}
	if n := p.census.otherFailures; n > 0 {
		text += fmt.Sprintf(" %s failed in ways too rare to list.", thousands(n))
	}
	if n := p.census.repaired; n > 0 {
		text += fmt.Sprintf(" %s sent back with the reason and then repaired.", plural(n, "was", "were"))
	}
	return text
}

// settings are what the run was started with, beside its configuration.
func (p *Report) settings() []field {
	fields := []field{
		{"run", line(p.run.Name, nameRunes)},
		{"started", p.run.Created.UTC().Format("2006-01-02 15:04:05 UTC")},
		{"status", p.status()},
		{"program version", line(p.run.Version, nameRunes)},
		{"seed", fmt.Sprint(p.run.Seed)},
		{"proposer", line(p.run.Proposer, nameRunes)},
	}
	if p.run.ConfigHash != "" {
		fields = append(fields, field{"hash of what decides results", line(p.run.ConfigHash, 80)})
	}
	if names := p.models(); names != "" {
		fields = append(fields, field{"models", names})
	}
	return fields
}

func (p *Report) status() string {
	switch {
	case p.live:
		return "running"
	case p.run.Status == archive.Running:
		return "killed"
	}
	return line(string(p.run.Status), nameRunes)
}

// models names the models of the configuration.
func (p *Report) models() string {
	var start struct {
		Config struct {
			Model []struct {
				Name string `json:"name"`
			} `json:"model"`
		} `json:"config"`
	}
	if json.Unmarshal(p.run.Config, &start) != nil {
		return ""
	}
	var names []string
	for _, m := range start.Config.Model {
		names = append(names, m.Name)
	}
	return line(strings.Join(names, ", "), reasonRunes)
}
