package sandbox

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the tables in the documentation")

// TestDocumentation holds the table of the escape suite in the documentation
// against the suite.
func TestDocumentation(t *testing.T) {
	const path, begin, end = "../docs/sandbox.md", "<!-- hostile: begin -->\n", "<!-- hostile: end -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no table of hostile candidates", path)
	}
	table := hostileTable(readHostile(t))
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table {
		t.Errorf("the table in %s is out of date: run go test ./sandbox -run Documentation -update", path)
	}
}

func hostileTable(cases []hostileCase) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d candidates.\n\n| candidate | what it tries | stopped by | within |\n|---|---|---|---|\n", len(cases))
	for _, c := range cases {
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", c.name, strings.ReplaceAll(c.why, "|", "\\|"), c.stage, c.within)
	}
	return out.String()
}
