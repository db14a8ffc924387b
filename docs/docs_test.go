package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func TestMain(m *testing.M) {
	sandbox.RunChildIfAsked()
	os.Exit(m.Run())
}

func TestTopics(t *testing.T) {
	var names []string
	for _, topic := range Topics() {
		names = append(names, topic.Name)
		if topic.Title == "" || !strings.HasPrefix(topic.Text, "# "+topic.Title+"\n") {
			t.Errorf("%s begins with %.40q, want a title", topic.Name, topic.Text)
		}
	}
	for _, want := range []string{"exports", "language", "own-loss", "sandbox", "verdicts"} {
		if !slices.Contains(names, want) {
			t.Errorf("no topic %s among %q", want, names)
		}
	}
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// Every objective that a document shows passes the gate, the trace and the probe.
func TestObjectivesInDocuments(t *testing.T) {
	var check sandbox.Checker
	defer check.Close()
	seen := 0
	for _, topic := range Topics() {
		for _, block := range goBlock.FindAllStringSubmatch(topic.Text, -1) {
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

// documents are the paths of all that a reader may open.
func documents(t *testing.T) []string {
	t.Helper()
	own, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(own, "../README.md", "../CONTRIBUTING.md")
}

var link = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

// Links between documents lead to files that exist.
func TestLinks(t *testing.T) {
	for _, file := range documents(t) {
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

// verdictRow is a row of the table of known losses: name, fitness, interval, verdict.
var verdictRow = regexp.MustCompile(`(?m)^    (\w+) +([+-]\d\.\d{4}) +(\[[^]]*\]) +(better|worse|same|undecided)`)

// The README and results.md show one table of all known losses.
func TestTableOfKnownLosses(t *testing.T) {
	const head, end = "discover eval --catalog --tasks reviews,reviews-flip --seeds 6\n", "\n\n[A-Z[]"
	table := regexp.MustCompile("(?s)" + regexp.QuoteMeta(head) + "(.*?)" + end)
	var known []string
	for _, e := range catalog.All() {
		known = append(known, e.Name)
	}
	slices.Sort(known)
	var rows [2][][]string
	for i, file := range []string{"results.md", "../README.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := table.FindSubmatch(text); found != nil {
			for _, row := range verdictRow.FindAllStringSubmatch(string(found[1]), -1) {
				rows[i] = append(rows[i], row[1:])
			}
		}
		var names []string
		for _, row := range rows[i] {
			names = append(names, row[0])
		}
		slices.Sort(names)
		if diff := cmp.Diff(known, names); diff != "" {
			t.Errorf("%s lists other losses than the catalog: %s", file, diff)
		}
	}
	if diff := cmp.Diff(rows[0], rows[1]); diff != "" {
		t.Errorf("README.md differs from results.md: %s", diff)
	}
}
