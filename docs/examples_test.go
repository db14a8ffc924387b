//go:build examples

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The program with all examples of CONTRIBUTING.md in place passes the tests of what
// they touch, and knows the new loss, task and operation. Run with:
// go test -tags examples
func TestExamplesWork(t *testing.T) {
	dir := t.TempDir()
	copyModule(t, dir)
	for file, source := range patched(t) {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inModule(t, dir, "go", "test", "-trimpath", "./docs", "-run", "Language", "-update")
	inModule(t, dir, "go", "test", "-trimpath", "./sandbox/graph", "./sandbox/stub", "./sandbox/tracer", "./sandbox/objective/...",
		"./discover/propose/rewrite", "./discover/propose/source", "./archive/export")
	inModule(t, dir, "go", "test", "-trimpath", "-run", "TestEveryTask|TestIdentity|TestTopics", "./evaluator/proxy", "./docs")
	binary := filepath.Join(dir, "discover.exe")
	inModule(t, dir, "go", "build", "-trimpath", "-o", binary, "./cmd/discover")
	for command, want := range map[string]string{
		"tasks": "bandit-vague", "catalog": "asinh_margin", "check asinh_margin": "asinh",
		"eval asinh_margin --tasks bandit-vague --seeds 2": "bandit-vague: reward",
		"help language": "v.Asinh()",
	} {
		if out := inModule(t, dir, binary, strings.Fields(command)...); !strings.Contains(out, want) {
			t.Errorf("discover %s: no %q in\n%s", command, want, out)
		}
	}
}

// copyModule copies what git has of the module.
func copyModule(t *testing.T, dir string) {
	t.Helper()
	for file := range strings.SplitSeq(inModule(t, "..", "git", "ls-files"), "\n") {
		if file == "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// inModule runs a command in a folder and returns what it wrote.
func inModule(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}
