package llm

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
		{"forbidden", 403, `{"error":"no"}`, WrongKey},
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
			_, err := Reach(t.Context(), Config{BaseURL: server.URL + "/v1", Key: key}, "m")
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

// A model that the server does not have is reported before the search, with what it
// has; one that it has but does not list is used.
func TestReachLooksForTheModels(t *testing.T) {
	const list = `{"data":[{"id":"qwen3:32b"},{"id":"llama3:latest"},{"id":"gpt-4o"},{"id":7}]}`
	tests := []struct {
		name, model string
		status      int // of a chat with it
		body        string
		kind        Kind
		says        string // error and hint, or doubt
		chats       int
	}{
		{"listed", "gpt-4o", 500, "", "", "", 0},
		{"alias", "llama3", 200, `{"choices":[{"message":{"content":"ok"}}]}`, "", `does not list the model "llama3", but llama3:latest`, 1},
		{"busy", "llama3", 503, "loading", "", "does not list", 1},
		{"misspelled", "gpt-40", 404, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`, UnknownModel, "for example gpt-4o, ", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chats := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					w.Write([]byte(list))
					return
				}
				chats++
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body))
			}))
			defer server.Close()
			doubts, err := Reach(t.Context(), Config{BaseURL: server.URL + "/v1"}, "gpt-4o", tt.model)
			said := strings.Join(doubts, "")
			if e, ok := errors.AsType[*Error](err); ok {
				said += e.Error() + e.Hint
			}
			checkKind(t, err, tt.kind, "no key")
			if !strings.Contains(said, tt.says) || said != "" && tt.says == "" || chats != tt.chats {
				t.Errorf("said %q after %d chats, want %q after %d", said, chats, tt.says, tt.chats)
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
