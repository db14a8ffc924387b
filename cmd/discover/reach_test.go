package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
)

// What a look at the server costs before a search is counted in the run; a run that goes
// on looks again, at no cost, and only if something is left to ask for.
func TestLookAtTheServer(t *testing.T) {
	status, asked := http.StatusOK, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `{"data":[{"id":"other"}]}`)
			return
		}
		fmt.Fprint(w, `{"choices":[{"message":{"content":"ok"}}],"usage":{"prompt_tokens":9,"completion_tokens":1}}`)
	}))
	defer server.Close()
	t.Setenv(baseVariable, server.URL+"/v1")
	t.Setenv(keyVariable, "")
	config, err := discover.LoadConfig("quick", "", []byte("tasks: [bandit]\nscreen: false\nmodel: m\nmax_calls: 2"))
	if err != nil {
		t.Fatal(err)
	}
	a := &app{runs: t.TempDir(), err: new(bytes.Buffer)}
	s, err := a.newSitting(t.Context(), "r", "", config)
	if err != nil {
		t.Fatal(err)
	}
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
