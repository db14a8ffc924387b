package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
)

// What a look at the server costs before a search is counted in the run; a run that goes
// on looks again, at no cost, and only if something is left to ask for. Meanwhile the run
// can be read.
func TestLookAtTheServer(t *testing.T) {
	status, asked := http.StatusOK, 0
	a := &app{runs: t.TempDir(), err: new(bytes.Buffer)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if reader, err := archive.OpenReadOnly(a.runs, "r"); err != nil || !reader.Live() || reader.Close() != nil {
			t.Errorf("the run cannot be read: %v", err)
		}
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `{"data":[{"id":"other"}]}`)
			return
		}
		fmt.Fprint(w, `{"choices":[{"message":{"content":"ok"}}],"usage":{"prompt_tokens":9,"completion_tokens":1}}`)
	}))
	defer server.Close()
	s := sittingAt(t, a, server, "max_calls: 2")
	totals, err := s.search.Archive.Totals()
	if unanswered, failed := s.search.Archive.CountUnanswered(); errors.Join(err, failed) != nil || unanswered != 0 || totals.Usage.Calls != 1 || totals.Usage.InputTokens != 9 {
		t.Errorf("counted %+v and %d in flight, %v, %v, want one call of 9 tokens", totals.Usage, unanswered, err, failed)
	}
	s.search.Archive.Close()

	goOn := func(candidates int) error {
		s, err := a.openSitting(t.Context(), "r", func(s *settings) error { s.Config.Candidates = candidates; return nil })
		if err == nil {
			err = s.search.Archive.Close()
		}
		return err
	}
	if asked = 0; goOn(3) != nil || asked != 1 {
		t.Errorf("%d requests to go on, want that of the list", asked)
	}
	status = http.StatusUnauthorized
	if e, ok := errors.AsType[*llm.Error](goOn(3)); !ok || e.Kind != llm.WrongKey {
		t.Errorf("error %v, want a wrong key", e)
	}
	if asked = 0; goOn(0) != nil || asked != 0 {
		t.Errorf("%d requests though nothing is left to ask for", asked)
	}
}

// A run that is to go on with a model or a server which is not there stays as it was:
// it can still go on without.
func TestChangeThatDoesNotWorkIsNotKept(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `{"data":[{"id":"m"}]}`)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error":{"message":"The model does not exist.","code":"model_not_found"}}`)
	}))
	defer server.Close()
	a := &app{runs: t.TempDir(), err: new(bytes.Buffer)}
	sittingAt(t, a, server, "").search.Archive.Close()
	for name, change := range map[string]func(*discover.Config){
		"model":                   func(c *discover.Config) { c.Model = discover.Models{{Name: "typo", Weight: 1}} },
		"server":                  func(c *discover.Config) { c.BaseURL = "http://127.0.0.1:1/v1" },
		"budget without a price":  func(c *discover.Config) { c.MaxUSD = 1 },
		"price table not to read": func(c *discover.Config) { c.Prices = "no such file" },
	} {
		if _, err := a.openSitting(t.Context(), "r", func(s *settings) error { change(&s.Config); return nil }); err == nil {
			t.Fatalf("%s: the run goes on", name)
		}
		s, err := a.openSitting(t.Context(), "r", func(*settings) error { return nil })
		if err != nil {
			t.Fatalf("%s: the run does not go on as it was: %v", name, err)
		}
		if got := s.search.Config; got.Model.Names()[0] != "m" || got.BaseURL != server.URL+"/v1" || got.MaxUSD != 0 {
			t.Errorf("%s: the run goes on with %+v", name, got)
		}
		s.search.Archive.Close()
	}
}

// sittingAt begins run r of the model m at a server that takes no key, with further keys
// of a file.
func sittingAt(t *testing.T, a *app, server *httptest.Server, keys string) *sitting {
	t.Helper()
	t.Setenv(baseVariable, server.URL+"/v1")
	t.Setenv(keyVariable, "")
	config, err := configOf("quick", "tasks: [bandit]\nscreen: false\nmodel: m\n"+keys)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.newSitting(t.Context(), "r", "", config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
