//go:build torch

package export

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var snippet = regexp.MustCompile("(?s)\n## ([A-Za-z]+)\n.*?```(?:python|yaml)\n(.*?)```")

// What docs/exports.md shows works with an exported file: the PyTorch snippet is run,
// and so is the JAX one as far as numpy goes; TRL, torchtune and JAX are not here, so
// the names and arguments that their snippets use are held to the file.
func TestTorchSnippets(t *testing.T) {
	page, err := os.ReadFile("../../docs/exports.md")
	if err != nil {
		t.Fatal(err)
	}
	snippets := map[string]string{}
	for _, m := range snippet.FindAllStringSubmatch(string(page), -1) {
		snippets[m[1]] = m[2]
	}
	args := []string{"testdata/check_snippet.py"}
	for title, format := range map[string]string{"PyTorch": "torch", "TRL": "torch", "torchtune": "torch", "JAX": "jax"} {
		if snippets[title] == "" {
			t.Errorf("no snippet under %s", title)
			continue
		}
		dir := t.TempDir()
		o := named(t, "dpo")
		o.Candidate.ID = 1
		paths, err := Write(dir, format, []Objective{o})
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "dpo_1.py"); paths[0] != want {
			t.Fatalf("the documents import dpo_1, exported is %s", paths[0])
		}
		for damage, bad := range map[string][2]string{"none": {}, "name": {"dpo_1", "dpo_2"}, "argument": {"beta", "betta"}} {
			text := snippets[title]
			if damage != "none" {
				text = strings.ReplaceAll(text, bad[0], bad[1])
			}
			file := filepath.Join(dir, damage+".txt")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			args = append(args, strings.ToLower(title), file)
		}
	}
	out, err := exec.Command(python(), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i := 2; i < len(args); i += 2 {
		_, said, _ := strings.Cut(string(out), "== "+args[i]+": ")
		said, _, _ = strings.Cut(said, "\n")
		if said == "" || (said == "works") != (filepath.Base(args[i]) == "none.txt") {
			t.Errorf("%s, damaged %s: %q", args[i-1], filepath.Base(args[i]), said)
		}
	}
}
