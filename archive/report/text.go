package report

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
)

// How much of a foreign text is shown, in runes.
const (
	nameRunes    = 60
	labelRunes   = 26 // in a figure
	thoughtRunes = 600
	rowRunes     = 130 // of a thought in a table
	reasonRunes  = 300
	formulaRunes = 1500
	codeRunes    = 16 << 10
)

// line returns foreign text as one line of at most n runes, without what could
// break it, hide or reorder text: control and format characters become spaces.
func line(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return clipWords(strings.Join(strings.Fields(s), " "), n)
}

// code returns foreign text of several lines without control and format characters.
func code(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	return clip(strings.TrimSpace(s), codeRunes)
}

// clipWords cuts a line between words, or within one that is longer than half of it.
func clipWords(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	head := string(r[:n-1])
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 && r[n-1] != ' ' {
		head = head[:i]
	}
	return strings.TrimRight(head, " ,;:") + "…"
}

// breakable returns a name as HTML, escaped, in which a line may be broken after an
// underscore.
func breakable(name string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(name), "_", "_<wbr>"))
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// signed formats a fitness or an advantage with a proper minus.
func signed(v float64) string { return minus(fmt.Sprintf("%+.4f", v)) }

func interval(ci [2]float64) string { return "[" + signed(ci[0]) + ", " + signed(ci[1]) + "]" }

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// thousands groups the digits of a count.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// plural words a count.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// duration words a time in seconds in its two largest units.
func duration(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", seconds)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// betas lists betas in words.
func betas(list []float64) string {
	if len(list) == 0 {
		return "none"
	}
	words := make([]string, len(list))
	for i, beta := range list {
		words[i] = fmt.Sprintf("%g", beta)
	}
	return strings.Join(words, ", ")
}
