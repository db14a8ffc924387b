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
			checkKind(t, Reach(t.Context(), Config{BaseURL: server.URL + "/v1", Key: key}), tt.kind, key)
		})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	checkKind(t, Reach(t.Context(), Config{BaseURL: gone.URL + "/v1", Key: key}), Unreachable, key)
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
