package catalog

import (
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// reference splits the paper line into title and arXiv identifier or address.
var reference = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(.+), (?:arXiv (\d{4}\.\d{4,5})|(https://\S+))$`)
})

// parseEntry reads the package comment of source.
func parseEntry(name, source string) (Entry, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name+".go", source, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Name: name, Source: source}
	title, rest, _ := strings.Cut(file.Doc.Text(), "\n")
	if e.Title, err = parseTitle(name, title); err != nil {
		return Entry{}, err
	}
	fields := map[string]string{}
	for line := range strings.Lines(rest) {
		if item, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok {
			key, value, _ := strings.Cut(item, ": ")
			fields[key] = value
		}
	}
	if e.Formula = fields["Formula"]; e.Formula == "" {
		return Entry{}, fmt.Errorf("no formula")
	}
	m := reference().FindStringSubmatch(fields["Paper"])
	if m == nil {
		return Entry{}, fmt.Errorf("paper %q does not end in an arXiv identifier or an address", fields["Paper"])
	}
	e.Paper, e.URL = m[1], m[3]
	if m[2] != "" {
		e.URL = "https://arxiv.org/abs/" + m[2]
	}
	e.Betas, err = parseBetas(fields["Betas"])
	return e, err
}

func parseTitle(name, line string) (string, error) {
	title, ok := strings.CutPrefix(line, "Package "+name+" is ")
	title, stop := strings.CutSuffix(title, ".")
	if !ok || !stop {
		return "", fmt.Errorf("the comment starts %q, want %q", line, "Package "+name+" is TITLE.")
	}
	return strings.TrimPrefix(title, "the "), nil
}

// parseBetas reads a list of numbers, up to an opening parenthesis.
func parseBetas(text string) ([]float64, error) {
	list, _, _ := strings.Cut(text, " (")
	var betas []float64
	for item := range strings.SplitSeq(list, ", ") {
		beta, err := strconv.ParseFloat(item, 64)
		if err != nil || beta <= 0 {
			return nil, fmt.Errorf("beta %q is not a positive number", item)
		}
		betas = append(betas, beta)
	}
	return betas, nil
}
