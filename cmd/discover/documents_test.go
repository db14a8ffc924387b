package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

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

// examples are those of the help of every command, as a document.
func examples(t *testing.T) string {
	var text strings.Builder
	for _, c := range allCommands(smallApp(t, io.Discard).root()) {
		fmt.Fprintf(&text, "```console\n%s\n```\n", c.Example)
	}
	return text.String()
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

// placeholders stand for what a reader puts in. The help speaks of a run with more
// candidates than that of the tests.
var placeholders = strings.NewReplacer(" RUN", " first", " ID", " 1", " TASK", " bandit", " FILE", " my_loss.go", " TOPIC", " verdicts", " 41", " 1", " 55", " 2")

// trained are the flags that are replaced by cheap ones where something is trained.
var trained = regexp.MustCompile(` --(tasks|seeds|beta|evaluations) [^ ]+`)

// smallSearch is the configuration of a search that takes a second.
const smallSearch = "tasks: [bandit]\nseeds: 2\nscreen: false\n"

// smallApp is discover with two known objectives.
func smallApp(t *testing.T, out io.Writer) *app {
	t.Helper()
	a := &app{in: strings.NewReader(""), out: out, err: out}
	for _, name := range []string{"dpo", "lrml"} {
		e, _ := catalog.Lookup(name)
		a.known = append(a.known, e)
	}
	return a
}

// runDocumented runs one command line.
func runDocumented(t *testing.T, line string) error {
	line = placeholders.Replace(line)
	line, _, _ = strings.Cut(line, " > ")
	switch {
	case strings.HasPrefix(line, "discover doctor --bench"), strings.HasPrefix(line, "discover eval") && strings.Contains(line, " --robustness"):
		if !*costly {
			return parseOnly(t, words(t, line)[1:])
		}
	case strings.HasPrefix(line, "discover run"):
		line = smallRun(t, line)
	case strings.HasPrefix(line, "discover resume"):
		line = long.ReplaceAllString(line, " --candidates 2")
	case strings.HasPrefix(line, "discover confirm"):
		line += " --top 1 --tasks bandit --seeds 2"
	case strings.HasPrefix(line, "discover eval"):
		line = trained.ReplaceAllString(line, "") + " --tasks bandit --seeds 2 --beta 0.05,0.25"
	case strings.HasPrefix(line, "discover simplify"):
		line = trained.ReplaceAllString(line, "") + " --evaluations 2"
	}
	args := words(t, line)[1:]
	var out bytes.Buffer
	root := smallApp(t, &out).root()
	root.SetArgs(append(args, "--runs", "runs"))
	if err := root.ExecuteContext(t.Context()); err != nil {
		return fmt.Errorf("%w\n%s", err, out.String())
	}
	return nil
}

// nameOnly reports whether a command line is the name of a command and cannot be run
// as it stands.
func nameOnly(t *testing.T, args []string) bool {
	t.Helper()
	command, rest, err := smallApp(t, io.Discard).root().Find(args)
	return err == nil && len(rest) == 0 && (!command.Runnable() || command.ValidateArgs(nil) != nil)
}

// smallRun makes a search cheap, and gives it a name that no run has yet.
func smallRun(t *testing.T, line string) string {
	t.Helper()
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_BASE_URL"} {
		t.Setenv(name, "")
	}
	if strings.Contains(line, "--model") {
		t.Setenv("OPENAI_BASE_URL", newScriptedLLM(t, false).URL+"/v1")
	}
	name := "documented-" + strconv.Itoa(len(runsIn(t)))
	if m := named.FindStringSubmatch(line); m != nil && !slices.Contains(runsIn(t), m[1]) {
		name = m[1]
	}
	line = configured.ReplaceAllString(named.ReplaceAllString(line, ""), "")
	return line + " --config small.yaml --candidates 2 --name " + name
}

// What a search is given.
var (
	named      = regexp.MustCompile(` --name ([^ ]+)`)
	configured = regexp.MustCompile(` --config [^ ]+`)
	long       = regexp.MustCompile(` --candidates [^ ]+`)
)

// runsIn lists the runs of the folder.
func runsIn(t *testing.T) []string {
	t.Helper()
	names, err := archive.Names("runs")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// parseOnly holds a command line to the flags and arguments that there are.
func parseOnly(t *testing.T, args []string) error {
	t.Helper()
	command, rest, err := smallApp(t, t.Output()).root().Find(args)
	if err != nil {
		return err
	}
	if !command.Runnable() {
		return fmt.Errorf("%q is not a command", args)
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

// TestSearchToVerdict searches, goes on, confirms and shows, as a person would.
func TestSearchToVerdict(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("OPENAI_BASE_URL", "")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("small.yaml", []byte(smallSearch), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ line, want string }{
		{"run --config small.yaml --candidates 2 --name a", "2 known objectives, then 2 candidates by evolve"},
		{"resume a --candidates 3", "run a goes on"},
		{"confirm a --top 1 --tasks bandit --seeds 2", "1 candidate was compared; 2 fresh seeds"},
		{"list", "a    finished"},
		{"report a", "report.html"},
	} {
		var out bytes.Buffer
		root := smallApp(t, &out).root()
		root.SetArgs(strings.Fields(step.line))
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Fatalf("%s: %v\n%s", step.line, err, out.String())
		}
		if !strings.Contains(out.String(), step.want) {
			t.Errorf("%s does not say %q:\n%s", step.line, step.want, out.String())
		}
	}
	if page, err := os.ReadFile("report.html"); err != nil || !strings.Contains(string(page), "<b>On fresh seeds ") {
		t.Errorf("the report does not show the confirmation; %v", err)
	}
}

// TestExamples holds the examples of every command to what it takes, and every command
// to have some.
func TestExamples(t *testing.T) {
	for _, c := range allCommands(smallApp(t, io.Discard).root()) {
		if !c.Runnable() {
			continue // a document
		}
		for _, err := range wrongExamples(t, c) {
			t.Errorf("%s: %v", c.CommandPath(), err)
		}
	}
	for _, wrong := range []string{"", "discover top first --no-such-flag", "discover show first", "discover frobnicate", "discover language"} {
		c := &cobra.Command{Use: "top", Example: wrong}
		if len(wrongExamples(t, c)) == 0 {
			t.Errorf("the example %q is not noticed", wrong)
		}
	}
}

// wrongExamples says what is wrong with the examples of a command: lines that are
// discover's must parse, and one of them must be the command's own.
func wrongExamples(t *testing.T, c *cobra.Command) []error {
	t.Helper()
	var wrong []error
	own := false
	for line := range strings.Lines(c.Example) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " > ")
		args := strings.Fields(line)
		if len(args) == 0 || args[0] != "discover" {
			continue
		}
		own = own || strings.HasPrefix(line+" ", c.CommandPath()+" ") || strings.HasPrefix(line, "discover "+c.Name())
		if err := parseOnly(t, args[1:]); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", line, err))
		}
	}
	if !own {
		wrong = append(wrong, errors.New("has no example of its own"))
	}
	return wrong
}

// The changelog names every command, and has no list item apart from its list.
func TestChangelogIsComplete(t *testing.T) {
	data, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	head, _, _ := strings.Cut(text, "###")
	root := smallApp(t, io.Discard).root()
	for _, c := range allCommands(root) {
		name := "`" + strings.TrimPrefix(c.CommandPath(), "discover ") + "`"
		if c.Runnable() && len(c.Commands()) == 0 && !strings.Contains(head, name) {
			t.Errorf("it does not name the command %s", name)
		}
	}
	if apart := regexp.MustCompile(`(?m)^(- |  ).*\n\n- `).FindString(text); apart != "" || strings.Contains(text, "\n\n\n") {
		t.Errorf("a stray blank line after %q", apart)
	}
}

// The README's picture is a figure of the program.
func TestPictures(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	pictures := regexp.MustCompile(`!\[[^\]]+\]\(([^)]+)\)`).FindAllSubmatch(readme, -1)
	if len(pictures) == 0 {
		t.Error("the README has no picture")
	}
	for _, picture := range pictures {
		svg, err := os.ReadFile(filepath.Join("../..", string(picture[1])))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"KL(policy‖reference)", "β 0.01", "the difference"} {
			if !strings.Contains(string(svg), want) {
				t.Errorf("%s lacks %q", picture[1], want)
			}
		}
	}
}
