// Package docs holds the documents that "discover help TOPIC" prints.
package docs

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.md
var files embed.FS

// Topic is a document.
type Topic struct {
	Name  string // of the file, without .md
	Title string
	Text  string // Markdown, title included
}

// Topics lists the documents by name.
func Topics() []Topic {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		panic(err) // the pattern is right
	}
	topics := make([]Topic, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		title, _, _ := strings.Cut(string(text), "\n")
		topics[i] = Topic{strings.TrimSuffix(name, ".md"), strings.TrimPrefix(title, "# "), string(text)}
	}
	return topics
}
