package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// costly lets TestDocumentedCommands run what takes a minute, too.
var costly = flag.Bool("costly", false, "run the commands of the documents that measure the machine or train on every task")

// TestDocumentedCommands runs every command of the documents and of the help, in the
// order of each document, in a folder with what the text says is there. Searches,
// confirmations and training are made cheap; a model is one that is scripted.
func TestDocumentedCommands(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	folder := documentedFolder(t, root)
	texts := map[string]string{"help": examples(t)}
	for _, document := range documents(t, root) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(root, document)
		texts[name] = string(text)
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			for _, line := range commandsIn(t, text) {
				if err := runDocumented(t, line); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		})
	}
}

// A document with a command that does not exist, or that fails, is noticed.
func TestDocumentedCommandsCanFail(t *testing.T) {
	text := "```console\n$ discover frobnicate first\n```\n\n    discover show first --no-such-flag   # a comment\n\nIn text: discover nothing, `discover confirm`, `discover\nvanish first`.\n\n" +
		"```go\ndiscover(x)\n```\n\n```sh\ndiscover run --presets quick\ngo run ./cmd/discover confirm\n```\n    discover top nowhere\n"
	commands := commandsIn(t, text)
	if len(commands) != 6 {
		t.Fatalf("found %q", commands)
	}
	for _, command := range commands {
		if err := runDocumented(t, command); err == nil {
			t.Errorf("%s: no error", command)
		}
	}
}

// documents are the files that people read.
func documents(t *testing.T, root string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		files = append(files, filepath.Join(root, name))
	}
	return files
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
		"my_loss.go": fencedBlock(t, string(text), "go"), "pairs.json": fencedBlock(t, string(text), "json"), "dpo_rescaled.go": string(rescaled), "small.yaml": smallSearch,
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

// inText matches a command within a paragraph.
var inText = regexp.MustCompile("`(discover\\s[^`]+)`")

// commandsIn lists the commands of a document: lines of code, fenced or indented,
// that begin with discover or go run, behind a prompt or not, and then those within
// paragraphs, where one that lacks what it takes and has no flags only names a command.
func commandsIn(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	var prose strings.Builder
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
		if fence == "" && !indented {
			fmt.Fprintln(&prose, line)
		}
		if !indented && !slices.Contains([]string{"console.", "sh.", "bash.", "."}, fence) {
			continue
		}
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		line = strings.Replace(line, "go run ./cmd/discover", "discover", 1)
		if command, _, _ := strings.Cut(line, " #"); strings.HasPrefix(command, "discover ") {
			out = append(out, strings.TrimSpace(command))
		}
	}
	for _, m := range inText.FindAllStringSubmatch(prose.String(), -1) {
		command := strings.Join(strings.Fields(m[1]), " ")
		if !slices.Contains(out, command) && !nameOnly(t, words(t, command)[1:]) {
			out = append(out, command)
		}
	}
	return out
}
