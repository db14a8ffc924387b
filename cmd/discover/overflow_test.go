package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/objdisco/discover/discover/propose"
)

// What a person is told of a prompt that was too long is no more than what is known.
func TestOverflowNote(t *testing.T) {
	for want, o := range map[string]propose.Overflow{
		"of about 6000 tokens, is too long for the context of m":                      {Model: "m", Estimate: 6000},
		"m was sent a prompt of at least about 6000 tokens, and its server read 4096": {Model: "m", Estimate: 6000, Read: 4096},
		"However long a prompt for m is, its server counts 7200 tokens":               {Model: "m", Estimate: 7100, Read: 7200},
	} {
		var notes bytes.Buffer
		(&app{err: &notes}).overflowed(o)
		if !strings.Contains(notes.String(), want) {
			t.Errorf("%+v: %q, want %q", o, notes.String(), want)
		}
	}
}
