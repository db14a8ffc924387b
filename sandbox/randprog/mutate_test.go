package randprog

import (
	"flag"
	"go/scanner"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/gate"
)

// piece is a token of a program with the text before it.
type piece struct {
	space, text string
	token       token.Token
}

func pieces(source string) []piece {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, []byte(source), func(token.Position, string) {}, 0)
	var out []piece
	end := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		text := lit
		if tok.IsOperator() {
			text = tok.String()
		}
		at := file.Offset(pos)
		out = append(out, piece{source[end:at], text, tok})
		end = at + len(text)
	}
}

// replacements are tokens that may stand for each other.
var replacements = [][]string{
	{"+", "-", "*", "/", "%", "&", "|", "^", "&^", "<<", ">>"},
	{"<", ">", "<=", ">=", "==", "!="},
	{"&&", "||"}, {"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "&^=", "="}, {":=", "="},
	{"++", "--"}, {"break", "continue", "return"}, {"true", "false"},
}

// mutate changes a few tokens of source for others of the same kind from it, or
// moves or repeats a line. Most results are no programs; the rest are odd ones.
func mutate(rng *rand.Rand, source string) string {
	source = strings.NewReplacer("\r", "", "\ufeff", "").Replace(source) // so that tokens are as long as their text
	for range 1 + rng.IntN(4) {
		if rng.IntN(4) == 0 {
			source = moveLine(rng, source)
			continue
		}
		list := pieces(source)
		if len(list) == 0 {
			return source
		}
		i := rng.IntN(len(list))
		list[i].text = substitute(rng, list, i)
		var out strings.Builder
		for _, p := range list {
			out.WriteString(p.space + p.text)
		}
		source = out.String()
	}
	return source
}

func substitute(rng *rand.Rand, list []piece, i int) string {
	p := list[i]
	for _, class := range replacements {
		for _, r := range class {
			if p.text == r {
				return class[rng.IntN(len(class))]
			}
		}
	}
	switch p.token {
	case token.INT, token.FLOAT:
		numbers := []string{"0", "1", "2", "0.0", "0.5", "-1", "1e3", "3", "7", "(1)", "1.0", "63", "64"}
		return numbers[rng.IntN(len(numbers))]
	case token.IDENT:
		for range 20 {
			if j := rng.IntN(len(list)); list[j].token == token.IDENT {
				return list[j].text
			}
		}
	case token.LPAREN:
		return "(("
	case token.RPAREN:
		return "))"
	}
	return p.text
}

func moveLine(rng *rand.Rand, source string) string {
	lines := strings.Split(source, "\n")
	from, to := rng.IntN(len(lines)), rng.IntN(len(lines))
	line := lines[from]
	if rng.IntN(2) == 0 {
		lines = append(lines[:from:from], lines[from+1:]...)
		to = min(to, len(lines))
	}
	return strings.Join(append(lines[:to:to], append([]string{line}, lines[to:]...)...), "\n")
}

var mutants = flag.Int("mutants", 400, "mutated programs to compare")

// TestMutated compares the meanings of benign and random programs after a few
// changes, as far as the gate still accepts them.
func TestMutated(t *testing.T) {
	sources := benignSources(t)
	for i := range *mutants {
		compareMeanings(t, mutant(*firstSeed+uint64(i), sources))
	}
}

// FuzzMutated does the same to any text, guided by what the interpreter runs.
func FuzzMutated(f *testing.F) {
	for i, source := range benignSources(f) {
		f.Add(uint64(i), source)
	}
	f.Fuzz(func(t *testing.T, seed uint64, source string) {
		if gate.Size(source) == nil {
			compareMeanings(t, mutate(mutator(seed), source))
		}
	})
}

func mutator(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0xb1d)) }

// mutant returns a changed benign or random program.
func mutant(seed uint64, sources []string) string {
	rng := mutator(seed)
	if rng.IntN(8) == 0 {
		return mutate(rng, Generate(rng.Uint64()))
	}
	return mutate(rng, sources[rng.IntN(len(sources))])
}

// benignSources returns the benign programs of the sandbox.
func benignSources(t testing.TB) []string {
	paths, err := filepath.Glob("../testdata/benign/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no benign programs: %v", err)
	}
	var sources []string
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, string(source))
	}
	return sources
}
