package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"text/template"
	"time"
)

// hostileCase is one file of testdata/hostile: what must stop it, within what
// time (of a processor, in this process and the child), what the rejection must point
// at ("$" for the end of a line), part of what it must say, if any, and why it is
// there; then its source, a template in
// which «repeat n s», «nul», «bad» (a byte that is not UTF-8) and «rune c» stand for
// what a file should not hold.
type hostileCase struct {
	name, stage, at, says, why, source string
	within                             time.Duration
}

func readHostile(t *testing.T) []hostileCase {
	paths, err := filepath.Glob("testdata/hostile/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := make([]hostileCase, len(paths))
	for i, path := range paths {
		cases[i] = parseHostile(t, path)
	}
	return cases
}

func parseHostile(t *testing.T, path string) hostileCase {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := strings.Cut(string(data), "---\n")
	if !ok {
		t.Fatalf("%s: no line ---", path)
	}
	c := hostileCase{name: strings.TrimSuffix(filepath.Base(path), ".txt"), source: expand(t, path, body)}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "stage":
			c.stage = value
		case "why":
			c.why = value
		case "says":
			c.says = value
		case "at":
			c.at = expand(t, path, value)
		case "within":
			c.within, err = time.ParseDuration(value)
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return c
}

func expand(t *testing.T, path, body string) string {
	var out strings.Builder
	tmpl, err := template.New(path).Delims("«", "»").Funcs(template.FuncMap{
		"repeat": func(n int, s string) string { return strings.Repeat(s, n) },
		"nul":    func() string { return "\x00" },
		"bad":    func() string { return "\xff" },
		"rune":   func(c rune) string { return string(c) },
	}).Parse(body)
	if err == nil {
		err = tmpl.Execute(&out, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// pointsAt reports whether r is placed before the text at.
func pointsAt(source string, r *Rejection, at string) bool {
	if r.Line == 0 {
		return false
	}
	rest := strings.Split(source, "\n")[r.Line-1][r.Column-1:]
	return rest == "" && at == "$" || at != "" && strings.HasPrefix(rest, at)
}

// slowest is the most that a candidate may state for a stage. Before anything is
// started there is next to nothing to do; a child takes some 10 ms to start.
var slowest = map[string]time.Duration{
	"size": 10 * time.Millisecond, "parse": 10 * time.Millisecond, "policy": 100 * time.Millisecond,
	"types": 200 * time.Millisecond, "probe": 200 * time.Millisecond, "budget": 800 * time.Millisecond, "trace": time.Second,
}

// attempts is how often a candidate is checked until it is stopped in time. A
// machine that is busy makes programs use more of a processor, not only longer;
// it does not do so every time.
const attempts = 5

// costOf checks a candidate and returns the processor time that this took, in
// this process and in the child: the least of a few attempts, once it is enough.
func costOf(t *testing.T, c *Checker, tt hostileCase) (rejection *Rejection, least time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range attempts {
		var timing Timing
		before := threadTime(t)
		got, r, err := c.CheckTimed(t.Context(), tt.source, &timing)
		if err != nil {
			t.Fatal(err)
		}
		if got != nil {
			t.Fatalf("accepted: %s", got.Canonical)
		}
		if spent := threadTime(t) - before + timing.CPU; i == 0 || spent < least {
			rejection, least = r, spent
		}
		if least <= tt.within {
			break
		}
	}
	return rejection, least
}

func TestHostile(t *testing.T) {
	cases := readHostile(t)
	if len(cases) < 120 {
		t.Errorf("%d cases, want at least 120", len(cases))
	}
	var c Checker
	t.Cleanup(c.Close)
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.within <= 0 || tt.within > slowest[tt.stage] {
				t.Errorf("within %v, want at most %v for stage %s", tt.within, slowest[tt.stage], tt.stage)
			}
			rejection, spent := costOf(t, &c, tt)
			if rejection.Stage != tt.stage {
				t.Errorf("stopped by %v, want stage %s", rejection, tt.stage)
			}
			if spent > tt.within {
				t.Errorf("stopped after %v, want %v", spent, tt.within)
			}
			if rejection.Reason == "" || rejection.Hint == "" {
				t.Errorf("reason %q, hint %q: want both", rejection.Reason, rejection.Hint)
			}
			if !strings.Contains(rejection.String(), tt.says) {
				t.Errorf("%v, want it to say %q", rejection, tt.says)
			}
			if !pointsAt(tt.source, rejection, tt.at) {
				t.Errorf("placed at %d:%d, want %q", rejection.Line, rejection.Column, tt.at)
			}
			t.Log(spent, rejection)
		})
	}
}
