package docs

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.RunChildIfAsked()
	os.Exit(m.Run())
}

func TestEveryDocumentIsATopic(t *testing.T) {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != len(Topics()) {
		t.Errorf("%d documents, %d topics", len(names), len(Topics()))
	}
	for _, topic := range Topics() {
		if !strings.HasPrefix(topic.Text(), "# ") {
			t.Errorf("%s does not begin with a title", topic.Name)
		}
	}
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// Every objective that a document shows passes the gate, the trace and the probe.
func TestObjectivesInDocuments(t *testing.T) {
	var check sandbox.Checker
	seen := 0
	for _, topic := range Topics() {
		for _, block := range goBlock.FindAllStringSubmatch(topic.Text(), -1) {
			if !strings.Contains(block[1], "func Loss(b objective.Batch)") {
				continue
			}
			seen++
			if _, rejection, err := check.Check(t.Context(), block[1]); rejection != nil || err != nil {
				t.Errorf("%s.md: %v %v\n%s", topic.Name, rejection, err, block[1])
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d objectives in the documents", seen)
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

// Links between documents lead to files that exist.
func TestLinks(t *testing.T) {
	for _, file := range []string{"../README.md", "../CONTRIBUTING.md", "language.md", "own-loss.md", "verdicts.md", "exports.md", "sandbox.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(file), m[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
