package discover

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/discover/propose"
)

// dialler asks a model for candidates by their ids.
type dialler struct {
	client *llm.Client

	mu   sync.Mutex
	kept []string // ids whose replies arrived
}

func (d *dialler) Propose(ctx context.Context, req propose.Request) (propose.Proposal, error) {
	_, err := d.client.Complete(ctx, llm.Call{Model: "m", Messages: []llm.Message{{Role: "user", Content: req.ID}}})
	if err == nil {
		d.mu.Lock()
		d.kept = append(d.kept, req.ID)
		d.mu.Unlock()
	}
	return propose.Proposal{Name: "n", Code: "1"}, err
}

// When a candidate ends the search, replies to those after it that are in flight
// still arrive: they are paid for.
func TestFailureLetsRepliesArrive(t *testing.T) {
	failed := make(chan struct{})
	var inFlight sync.WaitGroup
	inFlight.Add(4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Messages []llm.Message }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		inFlight.Done()
		inFlight.Wait()
		if body.Messages[0].Content == "4" {
			http.Error(w, `{"error": "wrong key"}`, http.StatusUnauthorized)
			close(failed)
			return
		}
		<-failed
		select {
		case <-r.Context().Done():
		case <-time.After(300 * time.Millisecond): // for the search to end, if it does
			io.WriteString(w, `{"choices":[{"message":{"content":"1"}}]}`)
		}
	}))
	defer server.Close()
	budget := llm.NewBudget(llm.Limits{}, llm.Prices{}, llm.Usage{})
	client, err := llm.New(llm.Config{BaseURL: server.URL, Budget: budget, Grace: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, d := newSearch(t, t.TempDir(), 1), &dialler{client: client}
	s.Proposer = d
	err = s.Run(t.Context())
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.WrongKey {
		t.Errorf("error %v", err)
	}
	if run, err := s.Archive.Run(); err != nil || run.Status != archive.Stopped || !strings.Contains(run.Why, "wrong key") {
		t.Errorf("status %q because of %q, %v", run.Status, run.Why, err)
	}
	slices.Sort(d.kept)
	if want := []string{"5", "6", "7"}; !slices.Equal(d.kept, want) || budget.Spent().Calls != 3 {
		t.Errorf("kept %v, counted %+v, want %v", d.kept, budget.Spent(), want)
	}
}
