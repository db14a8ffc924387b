package export

import (
	"regexp"
	"strings"
	"sync"
)

// symbol explains one symbol of formulas, in text and in LaTeX. It is needed where
// the text of a formula has what find matches.
type symbol struct{ find, text, tex string }

// symbols are all that Formula and LaTeX of sandbox/graph write and that is no more
// than school mathematics; what explains others comes after them. PAIRS is replaced.
var symbols = []symbol{
	{`h(?:[^₊₋]|$)`, "h = h₊ − h₋ is the margin", `$h = h_{+} - h_{-}$ is the margin`},
	{`h`, "h₊ = log π(y₊) − log π_ref(y₊) is the log-ratio of policy π to reference π_ref of the chosen completion y₊, h₋ that of the rejected completion y₋",
		`$h_{+} = \log\pi(y_{+}) - \log\pi_{\mathrm{ref}}(y_{+})$ is the log-ratio of policy $\pi$ to reference $\pi_{\mathrm{ref}}$ of the chosen completion $y_{+}$, $h_{-}$ that of the rejected completion $y_{-}$`},
	{`π`, "π is the policy, π_ref the reference, y₊ the chosen and y₋ the rejected completion",
		`$\pi$ is the policy, $\pi_{\mathrm{ref}}$ the reference, $y_{+}$ the chosen and $y_{-}$ the rejected completion`},
	{`\|y`, "|y₊| and |y₋| are the lengths of the completions in tokens", `$|y_{+}|$ and $|y_{-}|$ are the lengths of the completions in tokens`},
	{`β`, "β (beta) is the strength of the tie to the reference", `$\beta$ is the strength of the tie to the reference`},
	{`t`, "t is the fraction of training done, 0 to 1", `$t$ is the fraction of training done, 0 to 1`},
	{`σ`, "σ(x) = 1/(1 + exp(−x))", `$\sigma(x) = 1/(1 + \exp(-x))$`},
	{`relu`, "relu(x) = max(0, x)", ``},
	{`where\(`, "where(c, a, b) is a where c holds, else b", ``},
	{`\[`, "[c] is 1 where c holds, else 0", `$\mathbf{1}[c]$ is 1 where $c$ holds, else 0`},
	{`clamp`, "clamp(x, a, b) is x kept between a and b", `$\operatorname{clamp}(x, a, b)$ is $x$ kept between $a$ and $b$`},
	{`detach`, "detach(x) is x, taken for a constant by the gradient", `$\operatorname{sg}(x)$ is $x$, taken for a constant by the gradient`},
	{`asinh`, "asinh is the inverse hyperbolic sine", `$\operatorname{asinh}$ is the inverse hyperbolic sine`}, // of CONTRIBUTING's example
	{`erf`, "erf is the error function", `$\operatorname{erf}$ is the error function`},
	{`expm1`, "expm1(x) = exp(x) − 1", `$\operatorname{expm1}(x) = \exp(x) - 1$`},
	{`log1p`, "log1p(x) = log(1 + x)", `$\operatorname{log1p}(x) = \log(1 + x)$`},
	{`atan`, "atan is the inverse tangent", ``},
	{`mean`, "mean is over the PAIRS of a micro-batch", `$\operatorname{mean}$ is over the PAIRS of a micro-batch`},
	{`sum`, "sum is over the PAIRS of a micro-batch", `$\operatorname{sum}$ is over the PAIRS of a micro-batch`},
	{`std`, "std is the unbiased standard deviation over the PAIRS of a micro-batch, 0 of one pair",
		`$\operatorname{std}$ is the unbiased standard deviation over the PAIRS of a micro-batch, 0 of one pair`},
	{`var`, "var is the unbiased variance over the PAIRS of a micro-batch, 0 of one pair",
		`$\operatorname{var}$ is the unbiased variance over the PAIRS of a micro-batch, 0 of one pair`},
	{`batch_max`, "batch_max is the largest over the PAIRS of a micro-batch", `$\operatorname{batch\_max}$ is the largest over the PAIRS of a micro-batch`},
	{`batch_min`, "batch_min is the smallest over the PAIRS of a micro-batch", `$\operatorname{batch\_min}$ is the smallest over the PAIRS of a micro-batch`},
	{`sort`, "sort puts the PAIRS of a micro-batch in ascending order", `$\operatorname{sort}$ puts the PAIRS of a micro-batch in ascending order`},
}

// finders are the patterns of symbols as whole words.
var finders = sync.OnceValue(func() []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(symbols))
	for i, s := range symbols {
		pattern := s.find
		if c := pattern[0]; c >= 'a' && c <= 'z' {
			pattern = `(?:^|[^\pL\pN_])` + pattern
		}
		if c := pattern[len(pattern)-1]; c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			pattern += `(?:[^\pL\pN_]|$)`
		}
		out[i] = regexp.MustCompile(pattern)
	}
	return out
})

// explained returns the symbols that the text of a formula has.
func explained(formula string) []symbol {
	var out []symbol
	ratios := false
	for i, find := range finders() {
		if s := symbols[i]; find.MatchString(formula) && !(s.find == "π" && ratios) {
			out = append(out, s)
			ratios = ratios || s.find == "h"
		}
	}
	return out
}

// legend explains the symbols of a formula in one sentence of text.
func (o *Objective) legend(formula string) string {
	var parts []string
	for _, s := range explained(formula) {
		parts = append(parts, s.text)
	}
	return o.sentence(parts)
}

// texLegend does so in LaTeX.
func (o *Objective) texLegend(formula string) string {
	var parts []string
	for _, s := range explained(formula) {
		if s.tex != "" {
			parts = append(parts, s.tex)
		}
	}
	return o.sentence(parts)
}

func (o *Objective) sentence(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return "Here " + strings.ReplaceAll(strings.Join(parts, "; ")+".", "PAIRS", strings.TrimPrefix(o.pairsPerBatch(), "a few "))
}
