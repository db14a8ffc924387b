// Package docs holds the documents that "discover help TOPIC" prints.
package docs

import "embed"

//go:embed *.md
var files embed.FS

// Topic is a document.
type Topic struct {
	Name  string // of the file, without .md
	Short string // what it is about, in a few words
}

// Topics lists the documents in the order in which a newcomer reads them.
func Topics() []Topic {
	return []Topic{
		{"language", "The language that objectives are written in"},
		{"own-loss", "How to bring a loss of your own"},
		{"verdicts", "How to read a fitness, an interval and a verdict"},
		{"exports", "How to use an objective in TRL, torchtune, JAX or Go"},
		{"sandbox", "What the sandbox promises, and what it does not"},
	}
}

// Text returns a document, as Markdown.
func (t Topic) Text() string {
	text, err := files.ReadFile(t.Name + ".md")
	if err != nil {
		panic(err) // a test reads every topic
	}
	return string(text)
}
