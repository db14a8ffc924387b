package report

import (
	"fmt"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
)

// answer is what a page says first.
type answer struct {
	Certainty string // "yes", "open" or "no": how it is marked
	Headline  string
	Sentences []string
}

// Answer returns the headline: whether the run found an objective better than dpo,
// and how sure that is.
func (p *Report) Answer() string { return p.answer().Headline }

// answer says no more than the archive holds.
func (p *Report) answer() answer {
	a := p.headline()
	if p.leader != nil {
		a.Sentences = append(a.Sentences, p.aboutLeader()...)
	}
	a.Sentences = append(a.Sentences, p.progress()...)
	return a
}

func (p *Report) headline() answer {
	c := p.leader
	switch {
	case c == nil && p.census.proposed > 0 && len(p.census.points) == 0:
		return answer{"open", "No answer: none of the candidates could be scored.", nil}
	case c == nil:
		return answer{"open", "No answer yet: nothing but dpo itself has been scored.", nil}
	case sure(c):
		return answer{"yes", fmt.Sprintf("Yes, confirmed on fresh seeds: %s is better than dpo.", p.named(c)), nil}
	case c.Score.Verdict == better && c.Confirmed == nil:
		return answer{"open", fmt.Sprintf("Not settled: %s is better than dpo on the %s of the search, but that is not confirmed.", p.named(c), plural(c.Score.Seeds, "seed", "seeds")), nil}
	case p.census.undecided > 0 || c.Confirmed != nil:
		return answer{"open", "Undecided: no objective of this run is shown to be better than dpo.", nil}
	}
	return answer{"no", "No: nothing that this run scored is better than dpo.", nil}
}

func sure(c *archive.Candidate) bool { return c.Confirmed != nil && c.Confirmed.Verdict == better }

func (p *Report) named(c *archive.Candidate) string { return label(c.Name, c.ID) }

// standing words a score.
func (p *Report) standing(s *archive.Score) string {
	unit := "of reward"
	if len(s.Tasks) > 1 {
		unit = "of dpo’s gain"
	}
	return fmt.Sprintf("%s %s, 95 %% interval %s over %s: %s", signed(s.Fitness), unit, interval(s.CI95), plural(s.Seeds, "seed", "seeds"), line(s.Verdict, nameRunes))
}

// aboutLeader says how the candidate stands, what it is, and what chance and the
// known losses have to do with it.
func (p *Report) aboutLeader() []string {
	c := p.leader
	search := fmt.Sprintf("On the seeds of the search: %s.", p.standing(c.Score))
	lines := []string{fmt.Sprintf("The highest fitness is that of %s: %s.", p.named(c), p.standing(c.Score))}
	switch {
	case c.Confirmed != nil:
		lines = []string{fmt.Sprintf("%s on fresh seeds and a held-out task: %s.", p.named(c), p.standing(c.Confirmed)), search}
	case c.Score.Verdict == better:
		lines = []string{search}
	}
	if first := p.board[0]; first.ID != c.ID && !isDPO(first) {
		lines = append(lines, fmt.Sprintf("The first of the leaderboard is another, %s: %s.", p.named(&first), p.standing(first.Score)))
	}
	lines = append(lines, p.novelty(c))
	return append(lines, p.luck()...)
}

// novelty says whether the candidate was known before, and how the best known loss
// compares.
func (p *Report) novelty(c *archive.Candidate) string {
	if c.Origin == fromCatalog {
		text := "It is a known loss, not a discovery of this run."
		if made := p.census.bestMade; made != nil {
			text += fmt.Sprintf(" The best proposal is %s: %s.", p.named(made), p.standing(made.Score))
		}
		return text
	}
	text := "It was proposed in this run"
	if from := c.Imported; from != nil {
		text = fmt.Sprintf("It was imported, as candidate %d of the run %s", from.Candidate.ID, line(from.Run.Name, nameRunes))
	}
	if n := c.Nearest; n != nil && n.Distance < graph.SameDistance {
		text += fmt.Sprintf(", but amounts to the known loss %s with beta × %.3g", line(n.Name, nameRunes), n.BetaScale)
	} else if n != nil {
		text += fmt.Sprintf("; the nearest known loss is %s (distance %.2g, where 0 is the same and 1 has nothing in common)", line(n.Name, nameRunes), n.Distance)
	}
	b := p.census.bestKnown
	if b == nil {
		return text + "."
	}
	own, known, where := c.Score, b.Score, ""
	if c.Confirmed != nil && b.Confirmed != nil {
		own, known, where = c.Confirmed, b.Confirmed, " on fresh seeds"
	}
	text += fmt.Sprintf(". The best known loss here is %s,%s %s %s", p.named(b), where, signed(known.Fitness), interval(known.CI95))
	if known.CI95[1] >= own.CI95[0] {
		text += ": which of the two is better is not decided"
	}
	return text + "."
}

// luck says how many verdicts chance alone would give.
func (p *Report) luck() []string {
	scored := len(p.census.points)
	if sure(p.leader) || p.census.better == 0 || scored < 2 {
		return nil
	}
	byChance := fmt.Sprintf("about %.0f", float64(scored)/40)
	if scored < 60 {
		byChance = "about one"
	}
	if scored < 20 {
		byChance = "less than one"
	}
	lines := []string{fmt.Sprintf("%s of %s scored %s called better; were all of them equal to dpo, chance would call %s so.",
		thousands(p.census.better), thousands(scored), plural2(p.census.better, "is", "are"), byChance)}
	if p.census.confirmed == 0 {
		lines = append(lines, fmt.Sprintf("“discover confirm %s” scores the best again on fresh seeds and a task that no search sees, and corrects for how many it compares.", line(p.run.Name, nameRunes)))
	}
	return lines
}

func plural2(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// progress says how far the run came, where that limits the answer.
func (p *Report) progress() []string {
	done := plural(p.totals.Applied(), "candidate", "candidates")
	switch {
	case p.live:
		return []string{fmt.Sprintf("The run is still going on; this is how it stood after %s.", done)}
	case p.run.Status == archive.Running:
		return []string{fmt.Sprintf("The run was killed after %s; “discover resume %s” goes on.", done, line(p.run.Name, nameRunes))}
	case p.run.Status == archive.Interrupted:
		return []string{fmt.Sprintf("The run was interrupted after %s; “discover resume %s” goes on.", done, line(p.run.Name, nameRunes))}
	case p.run.Status == archive.Stopped:
		return []string{fmt.Sprintf("The run stopped after %s: %s; “discover resume %s” goes on.", done, line(p.run.Why, reasonRunes), line(p.run.Name, nameRunes))}
	case p.run.Status == archive.Budget:
		return []string{fmt.Sprintf("The run ended after %s because a budget was spent.", done)}
	}
	return nil
}
