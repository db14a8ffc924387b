package main

import (
	"bytes"
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/objdisco/discover/discover"
)

// The server that a run names may be a stranger's: it gets the key of the environment
// only if a person names it, too.
func TestResumeSendsNoKeyUnasked(t *testing.T) {
	const elsewhere = "https://models.example.org/v1"
	for _, test := range []struct {
		name, base, key, named string
		refused                bool
	}{
		{"a stranger's", elsewhere, "k", "", true},
		{"named", elsewhere, "k", elsewhere, false},
		{"without a key", elsewhere, "", "", false},
		{"another one named", elsewhere, "k", "http://10.0.0.1/v1", false},
		{"OpenAI", "", "k", "", false},
		{"OpenAI by name", "https://api.openai.com/v1", "k", "", false},
		{"OpenAI in the open", "http://api.openai.com/v1", "k", "", true},
		{"this machine", "http://127.0.0.1:11434/v1", "k", "", false},
		{"this machine by name", "http://localhost:8000/v1", "k", "", false},
		{"like this machine", "http://localhost.example.org/v1", "k", "", true},
		{"like OpenAI", "https://api.openai.com.example.org/v1", "k", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(keyVariable, test.key)
			t.Setenv(baseVariable, test.named)
			config := discover.Config{BaseURL: test.base}
			err := moveServer(discover.ProposerLLM, test.base, &config)
			if (err != nil) != test.refused {
				t.Errorf("%v, refused should be %v", err, test.refused)
			}
			if want := cmp.Or(test.named, test.base); !test.refused && config.BaseURL != want {
				t.Errorf("asks %q, want %q", config.BaseURL, want)
			}
		})
	}
}

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
	command := func(server *scriptedLLM, line string) (string, int) {
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
	if out, code := command(first, "run --config small.yaml --model a --candidates 4 --max-calls 1 --name moved"); code != exitBudget {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	before := len(first.requests())
	if out, code := command(second, "resume moved --config wrong.yaml"); code != exitUsage || !strings.Contains(out, "tasks is [bandit] in this run") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	out, code := command(second, "resume moved --config moved.yaml --model b --max-calls 100")
	if code != 0 || !strings.Contains(out, "The run asks "+second.URL+"/v1 from now on") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if len(first.requests()) != before || len(second.requests()) == 0 {
		t.Errorf("%d requests to the first server, %d to the second", len(first.requests())-before, len(second.requests()))
	}
	out, _ = command(second, "top moved --json")
	if !strings.Contains(out, `"model": "b"`) {
		t.Errorf("no candidate of the second model:\n%s", out)
	}
}
