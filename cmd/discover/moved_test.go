package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// A run whose server is gone goes on with another one and another model; what its
// scores depend on stays.
func TestResumeWithAnotherServer(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("OPENAI_API_KEY", "")
	t.Chdir(t.TempDir())
	for file, text := range map[string]string{
		"small.yaml": smallSearch, "moved.yaml": "reply_tokens: 900\nrepairs: 0\n", "wrong.yaml": "tasks: [reviews]\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	first, second := newScriptedLLM(t, false), newScriptedLLM(t, false)
	discover := func(server *scriptedLLM, line string) (string, int) {
		t.Setenv("OPENAI_BASE_URL", server.URL+"/v1")
		var out bytes.Buffer
		a := smallApp(t, &out)
		root := a.root()
		root.SetArgs(strings.Fields(line))
		code := 0
		if err := root.ExecuteContext(t.Context()); err != nil {
			out.WriteString(err.Error())
			code = exitCode(err)
		}
		return out.String(), code
	}
	if out, code := discover(first, "run --config small.yaml --model a --candidates 4 --max-calls 1 --name moved"); code != exitBudget {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	before := len(first.requests())
	if out, code := discover(second, "resume moved --config wrong.yaml"); code != exitUsage || !strings.Contains(out, "tasks is [bandit] in this run") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	out, code := discover(second, "resume moved --config moved.yaml --model b --max-calls 100")
	if code != 0 || !strings.Contains(out, "The run asks "+second.URL+"/v1 from now on") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if len(first.requests()) != before || len(second.requests()) == 0 {
		t.Errorf("%d requests to the first server, %d to the second", len(first.requests())-before, len(second.requests()))
	}
	out, _ = discover(second, "top moved --json")
	if !strings.Contains(out, `"model": "b"`) {
		t.Errorf("no candidate of the second model:\n%s", out)
	}
}
