package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestRoffText(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"lines of a paragraph": {"one\ntwo\n", "one\ntwo\n"},
		"paragraphs":           {"\none\n\n\ntwo", "one\n.PP\ntwo\n"},
		"items":                {"such as\n\n- one\n- two\n\nand so on", "such as\n.PP\n.IP \\(bu 2\none\n.IP \\(bu 2\ntwo\n.PP\nand so on\n"},
		"code":                 {"do\n\n  discover a\n  discover b\n\nnow", "do\n.PP\n.EX\n  discover a\n  discover b\n.EE\n.PP\nnow\n"},
		"code by a tab":        {"\tx := 1", ".EX\n\tx := 1\n.EE\n"},
		"heading":              {"one\n\n#### Linux:\n\ntwo", "one\n.SS Linux:\n.PP\ntwo\n"},
		"no requests":          {".so /etc/passwd\n.TH\n'br\n  .5", "\\&.so /etc/passwd\n\\&.TH\n\\(aqbr\n  .5\n"},
		"no requests in code":  {"  a\n.b", ".EX\n  a\n\\&.b\n.EE\n"},
		"what is typed":        {`--top "x" ~/a^b\n` + "`c`", `\-\-top "x" \(ti/a\(hab\en\(gac\(ga` + "\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, roffText(test.text)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestManual(t *testing.T) {
	root := &cobra.Command{Use: "tool", Short: "Do things"}
	root.PersistentFlags().Bool("json", false, "print JSON")
	cmd := &cobra.Command{Use: "make-it NAME", Short: "Make a thing", Example: "  tool make-it x\n", Run: func(*cobra.Command, []string) {}}
	cmd.Flags().StringP("output", "o", `a\b`, "where it goes")
	cmd.Flags().Int("secret", 1, "not for people")
	if err := cmd.Flags().MarkHidden("secret"); err != nil {
		t.Fatal(err)
	}
	root.AddCommand(cmd, &cobra.Command{Use: "topic", Short: "How it works", Long: "It does."})

	head, page, _ := strings.Cut(manual(cmd), "\n.SH NAME\n")
	if !strings.Contains(head, `.TH "TOOL\-MAKE\-IT" "1" "`) {
		t.Errorf("the page is headed %q", head)
	}
	want := `tool\-make\-it \- Make a thing
.SH SYNOPSIS
\fBtool make\-it NAME [flags]\fP
.SH DESCRIPTION
Make a thing
.SH OPTIONS
.TP
\fB\-h\fP, \fB\-\-help\fP[=false]
help for make\-it
.TP
\fB\-o\fP, \fB\-\-output\fP="a\e\eb"
where it goes
.SH OPTIONS INHERITED FROM PARENT COMMANDS
.TP
\fB\-\-json\fP[=false]
print JSON
.SH EXAMPLE
.EX
  tool make\-it x
.EE
.SH SEE ALSO
\fBtool(1)\fP
`
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if page := manual(root); !strings.HasSuffix(page, "\n.SH SEE ALSO\n\\fBtool\\-make\\-it(1)\\fP\n") {
		t.Errorf("the page of the root ends otherwise than with its command:\n%s", page)
	}
}
