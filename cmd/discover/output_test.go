package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/llm"
)

// What comes from an archive or a server cannot steer the terminal, in errors, notes
// and tables.
func TestForeignTextIsPrintable(t *testing.T) {
	const evil = "a\x1b]0;title\x07\u202eb\x9bc"
	var out bytes.Buffer
	a := &app{out: &out, err: &out}
	a.note("of %s", evil)
	explain(&out, errors.Join(errors.New(evil), &llm.Error{Reason: evil, Hint: evil}))
	if err := table(&out, [][]string{{evil, evil}}); err != nil {
		t.Fatal(err)
	}
	score := &archive.Score{Verdict: evil, Detail: []byte("[]"), Setting: &archive.Setting{Tier: evil}}
	if err := printScore(&out, shown{Candidate: archive.Candidate{Score: score}}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.ContainsAny(text, "\x1b\x07\u202e\u009b") || strings.Count(text, "title") < 6 {
		t.Errorf("printed %q", text)
	}
}
