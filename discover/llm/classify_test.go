package llm

import (
	"strings"
	"testing"
)

// An error nested ten thousand deep takes no longer to read than others do: this
// test would not end.
func TestDeepErrors(t *testing.T) {
	space := strings.Repeat(" ", 1<<20)
	for _, part := range []struct{ open, inner, close string }{
		{"[", `"x"`, "]"},
		{`{"error":`, `"x"`, "}"},
		{`[{"error":`, `"x"`, "}]"},
	} {
		body := strings.Repeat(part.open, 4000) + space + part.inner + strings.Repeat(part.close, 4000)
		if e := classify(500, complain([]byte(body))); e.Kind != ServerFault {
			t.Errorf("kind %q", e.Kind)
		}
	}
	if got := complain([]byte(`[{"error":{"error":{"message":"deep enough"}}}]`)); got.message != "deep enough" {
		t.Errorf("message %q", got.message)
	}
}
