package llm

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
)

func TestReach(t *testing.T) {
	const key = "sk-0123456789abcdef"
	tests := []struct {
		name   string
		status int
		body   string
		kind   Kind // "" is reachable
	}{
		{"fine", 200, `{"data":[]}`, ""},
		{"list in another form", 200, `{"data":{"id":"x"}}`, ""},
		{"no list of models", 404, "<html>", ""},
		{"busy", 503, "", ""},
		{"wrong key", 401, `{"error":{"message":"Incorrect API key provided: ` + key + `"}}`, WrongKey},
		{"may not see the list, with 401", 401, `{"error":{"message":"Missing scopes: api.model.read"}}`, ""},
		{"may not see the list", 403, `{"error":"no"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "Bearer "+key {
					t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body))
			}))
			defer server.Close()
			_, err := Reach(t.Context(), Config{BaseURL: server.URL + "/v1", Key: key})
			checkKind(t, err, tt.kind, key)
		})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err := Reach(t.Context(), Config{BaseURL: gone.URL + "/v1", Key: key}, "m")
	checkKind(t, err, Unreachable, key)
}

func checkKind(t *testing.T, err error, want Kind, key string) {
	t.Helper()
	var e *Error
	if want == "" {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
		return
	}
	if !errors.As(err, &e) || e.Kind != want || e.Hint == "" {
		t.Errorf("error %v, want kind %q with a hint", err, want)
	}
	if err != nil && strings.Contains(err.Error(), key) {
		t.Errorf("the error holds the key: %v", err)
	}
}

// A server that breaks or stalls where others have their list of models is there all
// the same.
func TestReachWithoutAList(t *testing.T) {
	tests := map[string]struct {
		refused int // dials
		handle  http.HandlerFunc
		kind    Kind
	}{
		"drops":   {0, func(w http.ResponseWriter, _ *http.Request) { drop(w, "") }, ""},
		"stalls":  {0, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, ""},
		"refuses": {1, nil, Unreachable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &pipes{accept: make(chan net.Conn), closed: make(chan struct{}), refused: tt.refused}
				front := &http.Server{Handler: tt.handle}
				go front.Serve(network)
				c := Config{BaseURL: "http://server.test/v1", Transport: &http.Transport{DialContext: network.dial, DisableKeepAlives: true}}
				_, err := Reach(t.Context(), c, "m")
				checkKind(t, err, tt.kind, "no key")
				front.Close()
				synctest.Wait()
			})
		})
	}
}

// A model that the server does not have is reported before the search, with what it
// has; one that it has but does not list is used. So is what is no server of models.
func TestReachLooksForTheModels(t *testing.T) {
	const list = `{"data":[{"id":"qwen3:32b"},{"id":"llama3:latest"},{"id":"gpt-4o"},{"id":7}]}`
	const ok, noModel = `{"choices":[{"message":{"content":"ok"}}]}`, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`
	tests := []struct {
		name   string
		list   int // status of the list, 0 for a web page in its place
		model  string
		status int // of a chat
		body   string
		kind   Kind
		says   string // error and hint, or doubt
		chats  int    // that are answered
	}{
		{"listed", 200, "gpt-4o", 500, "", "", "", 0},
		{"alias", 200, "llama3", 200, ok, "", `does not list the model "llama3", but llama3:latest`, 1},
		{"busy", 200, "llama3", 503, "loading", "", "does not list", 0},
		{"misspelled", 200, "gpt-40", 404, noModel, UnknownModel, "for example gpt-4o, ", 0},
		{"hidden list", 403, "gpt-40", 200, ok, "", "", 2},
		{"misspelled, hidden list", 403, "gpt-40", 404, noModel, UnknownModel, "with --model", 0},
		{"wrong key, hidden list", 403, "gpt-4o", 403, `{"error":"no"}`, WrongKey, "OPENAI_API_KEY", 0},
		{"no list", 404, "gpt-4o", 200, ok, "", "", 2},
		{"misspelled, no list", 404, "gpt-40", 404, noModel, UnknownModel, "with --model", 0},
		{"no API", 404, "gpt-4o", 404, "404 page not found", NotAnAPI, "ends in /v1", 0},
		{"web page", 0, "gpt-4o", 405, "<html>", NotAnAPI, "ends in /v1", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lost Usage
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodGet && tt.list == 0:
					w.Write([]byte("<html>"))
					return
				case r.Method == http.MethodGet:
					w.WriteHeader(tt.list)
					w.Write([]byte(list))
					return
				}
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body))
			}))
			defer server.Close()
			c := Config{BaseURL: server.URL + "/v1", Lost: func(u Usage) error { lost = lost.Plus(u); return nil }}
			doubts, err := Reach(t.Context(), c, "gpt-4o", tt.model)
			said := strings.Join(doubts, "")
			if e, ok := errors.AsType[*Error](err); ok {
				said += e.Error() + e.Hint
			}
			checkKind(t, err, tt.kind, "no key")
			if !strings.Contains(said, tt.says) || said != "" && tt.says == "" || lost.Calls != tt.chats || tt.chats > 0 && lost.InputTokens == 0 {
				t.Errorf("said %q, counted %+v, want %q and %d calls", said, lost, tt.says, tt.chats)
			}
		})
	}
}

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"gpt-4o", "gpt-40", 1}, {"saturday", "sunday", 3}} {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("%q to %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
