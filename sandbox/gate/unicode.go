package gate

import (
	"fmt"
	"unicode"
)

// invisible are characters that a person does not see or that change how the
// text around them is shown: formats, among which are the joiners, tags and
// directions of writing, line ends that are no line ends, and what Unicode tells
// programs to ignore when they show text, such as variation selectors and fillers.
var invisible = []*unicode.RangeTable{
	unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point,
}

const (
	textHint  = "write plain UTF-8 text"
	emojiHint = "write plain text: emoji joined or styled by invisible characters cannot be told from hidden text"
)

// invisibleHint says what to do about an invisible character.
func invisibleHint(c rune) string {
	const joiner = 0x200d
	if c == joiner || unicode.Is(unicode.Variation_Selector, c) {
		return emojiHint
	}
	return textHint
}

// lookalikes are what Go writes in ASCII, by the characters that are meant for it.
var lookalikes = map[string]string{
	"‐‑‒–—−": "write - for minus", "×·⋅∗∙⨯": "write * for a product of numbers, x.Mul(y) for vectors",
	"÷∕⁄": "write / for a quotient of numbers, x.Div(y) for vectors",
	"→⇒⟶": "a function is func(x float64) float64 { return 2 * x }", "←": "write := to declare a variable",
	"≤": "write <=", "≥": "write >=", "≠": "write !=", "≈≡": "write ==", "∧": "write &&", "∨": "write ||", "¬": "write !",
	"“”„«»": `write "`, "‘’‚′": "write names without a prime", "√": "write math.Sqrt(x), x.Sqrt() for vectors",
	"²³¹": "write x * x, x.Square() for vectors", "∞": "constants are finite", "…": "write the code out in full",
	"∑": "write b.Margin().Sum(), or a loop over constants",
}

// asciiHint says what to write instead of c, which is no part of Go.
func asciiHint(c rune) string {
	for chars, hint := range lookalikes {
		for _, l := range chars {
			if l == c {
				return hint
			}
		}
	}
	switch {
	case unicode.Is(unicode.Zs, c):
		return "write an ordinary space"
	case unicode.Is(unicode.M, c):
		return "write names without accents: letters a-z, A-Z, digits and _"
	case c > 0xff00 && c < 0xff5f:
		return fmt.Sprintf("write %c", c-0xfee0)
	case c > unicode.MaxASCII:
		return "write the code in ASCII"
	}
	return fmt.Sprintf("remove the %c: Go has no such operator", c)
}
