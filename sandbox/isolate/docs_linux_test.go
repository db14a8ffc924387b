package isolate

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in the documentation")

// TestDocumentation holds the table of layers in the documentation against what
// TestLayers shows.
func TestDocumentation(t *testing.T) {
	const path, begin, end = "../../docs/sandbox.md", "<!-- layers: begin -->\n", "<!-- layers: end -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no table of layers", path)
	}
	table := layerTable()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table {
		t.Errorf("the table in %s is out of date: run go test ./sandbox/isolate -run Documentation -update", path)
	}
}

func layerTable() string {
	var out strings.Builder
	out.WriteString("| layer | what it stops |\n|---|---|\n")
	for _, l := range All {
		var stopped []string
		for _, name := range slices.Sorted(maps.Keys(acts)) {
			if slices.Contains(acts[name].stoppedBy, l) {
				stopped = append(stopped, name)
			}
		}
		fmt.Fprintf(&out, "| %s | %s |\n", l, strings.Join(stopped, ", "))
	}
	return out.String()
}
