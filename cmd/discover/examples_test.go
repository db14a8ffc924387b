package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

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

// examples are those of the help of every command, as a document.
func examples(t *testing.T) string {
	var text strings.Builder
	for _, c := range allCommands(smallApp(t, io.Discard).root()) {
		fmt.Fprintf(&text, "```console\n%s\n```\n", c.Example)
	}
	return text.String()
}
