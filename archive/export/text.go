package export

import (
	"encoding/json"
	"fmt"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/graph"
)

// stem returns a name for files and packages: lower-case ASCII letters, digits and
// underscores, beginning with a letter, and unique within a run.
func (o *Objective) stem() string {
	var b strings.Builder
	for _, r := range strings.ToLower(o.Candidate.Name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		if b.Len() == 40 {
			break
		}
	}
	s := strings.Trim(b.String(), "_")
	if s == "" {
		s = "objective"
	}
	if o.Candidate.ID > 0 {
		return fmt.Sprintf("%s_%d", s, o.Candidate.ID)
	}
	if reservedStem(s) {
		s += "_loss"
	}
	return s
}

// reservedStem reports names that Go, Python or Windows take for something else.
func reservedStem(s string) bool {
	return token.IsKeyword(s) || slices.Contains(pythonKeywords, s) || strings.HasSuffix(s, "_test") ||
		slices.Contains([]string{"main", "con", "prn", "aux", "nul", "torch", "jax", "numpy", "math", "json"}, s)
}

// plain returns foreign text without what could break a line, hide or reorder
// text: control and format characters become spaces, and runs of space one.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// block returns foreign text of several lines, each with only tabs and printable
// characters.
func block(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.Map(func(r rune) rune {
			if r != '\t' && !unicode.IsPrint(r) {
				return -1
			}
			return r
		}, line)
		lines = append(lines, strings.TrimRight(line, " \t"))
	}
	return lines
}

// Wrap breaks plain text into lines of at most width characters where it has spaces.
func Wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}

// WrapFormula breaks a formula into lines of about width characters, between terms or
// after commas and never inside a term, where the fewest parentheses are open.
func WrapFormula(s string, width int) []string {
	var lines []string
	rest := []rune(s)
	for len(rest) > width {
		at := formulaBreak(rest, width)
		if at < 0 {
			break
		}
		lines = append(lines, string(rest[:at]))
		rest = append([]rune("    "), rest[at+1:]...)
	}
	return append(lines, string(rest))
}

// formulaBreak returns where the space is at which to break: the last one of those
// within the width with the fewest open parentheses, or else the first beyond.
func formulaBreak(s []rune, width int) int {
	best, fewest, depth := -1, 0, 0
	for i, r := range s {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ' ':
			if i < 8 || !betweenTerms(s, i) {
				continue
			}
			if i > width {
				if best < 0 {
					best = i
				}
				return best
			}
			if best < 0 || depth <= fewest {
				best, fewest = i, depth
			}
		}
	}
	return best
}

// betweenTerms reports whether a line may end before the space at i.
func betweenTerms(s []rune, i int) bool {
	after := string(s[i+1 : min(i+7, len(s))])
	return s[i-1] == ',' || strings.HasPrefix(after, "+ ") || strings.HasPrefix(after, "− ") || after == "where "
}

// title is the objective's name for people.
func (o *Objective) title() string {
	if name := plain(o.Candidate.Name); name != "" {
		return name
	}
	return "objective"
}

// description says in a few paragraphs what the objective is, how it did and where
// it comes from. It is plain text of lines up to 80 characters, but for a formula that
// cannot be broken so short.
func (o *Objective) description() ([]string, error) {
	c := &o.Candidate
	sheet, err := graph.Inspect(o.Graph)
	if err != nil {
		return nil, err
	}
	formula := graph.Formula(o.Graph)
	paragraphs := [][]string{
		Wrap(plain(c.Thought), 80), WrapFormula("loss = "+formula, 80), Wrap(o.legend(formula), 80),
		Wrap(o.nearest(), 80), Wrap(standing(c.Score), 80),
	}
	if s := standing(c.Confirmed); s != "" {
		paragraphs = append(paragraphs, Wrap("On fresh seeds and held-out tasks: "+s, 80))
	}
	paragraphs = append(paragraphs, Wrap("Datasheet: "+strings.Join(sheet.Facts(), "; ")+".", 80), Wrap(o.provenance(), 80))
	var lines []string
	for _, p := range paragraphs {
		if len(p) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, p...)
	}
	return lines, nil
}

// nearest names the known loss that the objective comes closest to.
func (o *Objective) nearest() string {
	n := o.Candidate.Nearest
	if n == nil {
		return "Nearest: not compared with the known losses."
	}
	m := graph.Match{Name: plain(n.Name), BetaScale: n.BetaScale, Factor: n.Factor, Distance: n.Distance}
	if m.Factor == 0 {
		m.Factor = 1 // archives from before it was measured
	}
	if m.Same() {
		return "Nearest: the same as " + m.String() + "."
	}
	return "Nearest: " + m.String() + "; 0 is the same gradients, 1 nothing in common."
}

// pairsPerBatch says how many pairs the statistics of a batch were over.
func (o *Objective) pairsPerBatch() string {
	var settings struct {
		Config struct {
			MicroBatch int `json:"micro_batch"`
		} `json:"config"`
	}
	if json.Unmarshal(o.Run.Config, &settings) != nil || settings.Config.MicroBatch < 1 {
		return "a few pairs"
	}
	if settings.Config.MicroBatch == 1 {
		return "one pair"
	}
	return fmt.Sprintf("%d pairs", settings.Config.MicroBatch)
}

// standing words a score.
func standing(s *archive.Score) string {
	if s == nil {
		return ""
	}
	text := fmt.Sprintf("Fitness %+.4f %s, 95 %% interval %+.4f to %+.4f over %d seeds: %s.",
		s.Fitness, unit(*s), s.CI95[0], s.CI95[1], s.Seeds, verdict(s.Verdict))
	for _, t := range s.Tasks {
		text += fmt.Sprintf(" %s: advantage %+.4f (%+.4f to %+.4f).", plain(t.Task), t.Advantage, t.CI95[0], t.CI95[1])
	}
	return text
}

// unit says what a fitness is measured in: over several tasks it is a mean of shares
// of what dpo gains over the reference, on one task it is reward.
func unit(s archive.Score) string {
	if len(s.Tasks) == 1 {
		return "of reward"
	}
	return "of dpo's gain"
}

// verdict words a verdict on the comparison with dpo.
func verdict(v string) string {
	switch v {
	case "better":
		return "better than dpo"
	case "worse":
		return "worse than dpo"
	case "same":
		return "the same as dpo"
	}
	return plain(v)
}

// provenance says where the objective comes from.
func (o *Objective) provenance() string {
	c, r := &o.Candidate, &o.Run
	if r.Name == "" {
		return "Written by discover."
	}
	text := fmt.Sprintf("Candidate %d of run %s (seed %d, proposer %s, program version %s), origin %s",
		c.ID, plain(r.Name), r.Seed, plain(r.Proposer), plain(r.Version), plain(c.Origin))
	if c.Model != "" {
		text += ", model " + plain(c.Model)
	}
	if len(c.Parents) > 0 {
		text += ", parents " + plain(strings.Join(c.Parents, ", "))
	}
	if s := c.Score; s != nil && s.Setting != nil {
		text += fmt.Sprintf(", trained by the %s kernels", plain(s.Setting.Tier))
	}
	return text + "."
}
