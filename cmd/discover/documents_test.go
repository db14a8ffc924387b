package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// TestDocumentedCommands runs every command of the documents, in the order of each
// document, in a folder with what the text says is there. Training is made cheap;
// searches and confirmations, which the scripts run, are only parsed.
func TestDocumentedCommands(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	documents, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	documents = append(documents, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	folder := documentedFolder(t, root)
	for _, document := range documents {
		name, _ := filepath.Rel(root, document)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			for _, line := range commandsIn(string(text)) {
				if err := runDocumented(t, line); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		})
	}
}

// documentedFolder has what the documents speak of: a run "first" whose candidate
// 1 is dpo, and the files of own-loss.md.
func documentedFolder(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	var candidates []archive.Candidate
	for _, name := range []string{"dpo", "lrml"} {
		e, _ := catalog.Lookup(name)
		candidates = append(candidates, archive.Candidate{Name: e.Name, Thought: e.Title, Code: e.Source})
	}
	newScoredRun(t, filepath.Join(dir, "runs"), candidates)
	text, err := os.ReadFile(filepath.Join(root, "docs", "own-loss.md"))
	if err != nil {
		t.Fatal(err)
	}
	rescaled, err := os.ReadFile(filepath.Join(root, ".ci", "dpo_rescaled.go"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"my_loss.go": fencedBlock(t, string(text), "go"), "pairs.json": fencedBlock(t, string(text), "json"), "dpo_rescaled.go": string(rescaled),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fencedBlock is the first block of a language.
func fencedBlock(t *testing.T, text, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "```"+language+"\n")
	block, _, ended := strings.Cut(rest, "```")
	if !ok || !ended {
		t.Fatalf("no block of %s", language)
	}
	return block
}

// commandsIn lists the commands of a document: lines of code, fenced or indented,
// that begin with discover or go run, behind a prompt or not.
func commandsIn(text string) []string {
	var out []string
	fence := ""
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if language, ok := strings.CutPrefix(line, "```"); ok {
			if fence == "" {
				fence = language + "."
			} else {
				fence = ""
			}
			continue
		}
		indented := fence == "" && strings.HasPrefix(line, "    ")
		if !indented && !slices.Contains([]string{"console.", "sh.", "bash.", "."}, fence) {
			continue
		}
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		line = strings.Replace(line, "go run ./cmd/discover", "discover", 1)
		if command, _, _ := strings.Cut(line, " #"); strings.HasPrefix(command, "discover ") {
			out = append(out, strings.TrimSpace(command))
		}
	}
	return out
}

// placeholders stand for what a reader puts in.
var placeholders = strings.NewReplacer(" RUN", " first", " ID", " 1", " TASK", " bandit", " FILE", " my_loss.go", " TOPIC", " verdicts")

// costly are the commands that are parsed and not run.
var costly = regexp.MustCompile(`^discover (run|confirm|resume .*--|eval .*--(catalog|robustness)|doctor --bench)`)

// trained are the flags that are replaced by cheap ones where something is trained.
var trained = regexp.MustCompile(` --(tasks|seeds|beta|evaluations) [^ ]+`)

// runDocumented runs one command line.
func runDocumented(t *testing.T, line string) error {
	line = placeholders.Replace(line)
	line, _, _ = strings.Cut(line, " > ")
	switch {
	case costly.MatchString(line):
		return parseOnly(t, words(t, line)[1:])
	case strings.HasPrefix(line, "discover eval"):
		line = trained.ReplaceAllString(line, "") + " --tasks bandit --seeds 2 --beta 0.05,0.25"
	case strings.HasPrefix(line, "discover simplify"):
		line = trained.ReplaceAllString(line, "") + " --evaluations 2"
	}
	_, err := discoverIn(t, "runs", words(t, line)[1:]...)
	return err
}

// parseOnly holds a command line to the flags and arguments that there are.
func parseOnly(t *testing.T, args []string) error {
	t.Helper()
	a := &app{in: strings.NewReader(""), out: t.Output(), err: t.Output()}
	command, rest, err := a.root().Find(args)
	if err != nil {
		return err
	}
	if err := command.ParseFlags(rest); err != nil {
		return err
	}
	return command.ValidateArgs(command.Flags().Args())
}

// words splits a command line as a shell would that knows patterns of files only.
func words(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	for _, word := range strings.Fields(line) {
		if files, err := filepath.Glob(word); err == nil && strings.Contains(word, "*") && len(files) > 0 {
			out = append(out, files...)
			continue
		}
		out = append(out, word)
	}
	return out
}

// A document with a command that does not exist, or that fails, is noticed.
func TestDocumentedCommandsCanFail(t *testing.T) {
	text := "```console\n$ discover frobnicate first\n```\n\n    discover show first --no-such-flag   # a comment\n\nIn text: discover nothing.\n\n" +
		"```go\ndiscover(x)\n```\n\n```sh\ndiscover run --presets quick\ngo run ./cmd/discover confirm\n```\n    discover top nowhere\n"
	commands := commandsIn(text)
	if len(commands) != 5 {
		t.Fatalf("found %q", commands)
	}
	for _, command := range commands {
		if err := runDocumented(t, command); err == nil {
			t.Errorf("%s: no error", command)
		}
	}
}
