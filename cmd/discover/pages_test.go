package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

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
