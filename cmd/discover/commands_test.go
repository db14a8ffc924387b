package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

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

// nameOnly reports whether a command line is the name of a command and cannot be run
// as it stands.
func nameOnly(t *testing.T, args []string) bool {
	t.Helper()
	command, rest, err := smallApp(t, io.Discard).root().Find(args)
	return err == nil && len(rest) == 0 && (!command.Runnable() || command.ValidateArgs(nil) != nil)
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
