//go:build doubles

// These tests talk to real doubles of OpenAI's server, which .ci/llm-doubles.sh
// starts: their addresses are in AIMOCK_URL and MOCK_LLM_URL, the key that the
// first one accepts in DOUBLES_KEY.
package propose

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/objdisco/discover/discover/llm"
)

// safe is a memory that many may use.
type safe struct {
	mu sync.Mutex
	memory
	stored int
}

func (s *safe) Lookup(candidate string, turn int) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory.Lookup(candidate, turn)
}

func (s *safe) Store(candidate string, turn int, reply []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored++
	return s.memory.Store(candidate, turn, reply)
}

func env(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run .ci/llm-doubles.sh", name)
	}
	return value
}

// double is a proposer that asks a model of a double.
func double(t *testing.T, url, model string, c llm.Config) (*LLM, *safe) {
	t.Helper()
	c.BaseURL = url + "/v1"
	if c.Key == "" {
		c.Key = llm.Secret(env(t, "DOUBLES_KEY"))
	}
	client, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	journal := &safe{memory: memory{}}
	p := asker(t, client, journal)
	p.Models = []Arm{{model, 1}}
	return p, journal
}

// control speaks to the first double itself.
func control(t *testing.T, method, url, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+env(t, "DOUBLES_KEY"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// chaos sets the share of faults of each kind at the first double.
func chaos(t *testing.T, url, faults string) {
	t.Helper()
	resp := control(t, "POST", url+"/__aimock/chaos", faults)
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
		t.Fatalf("set chaos %s: %s %s %v", faults, resp.Status, text, err)
	}
}

// requests returns how many chat requests the first double had.
func requests(t *testing.T, url string) int {
	t.Helper()
	resp := control(t, "GET", url+"/__aimock/journal?path=/v1/chat/completions&limit=1", "")
	defer resp.Body.Close()
	n, err := strconv.Atoi(resp.Header.Get("X-Total-Count"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const saturating = "package candidate\n\nimport \"objective\"\n\nfunc Loss(b objective.Batch) objective.Vec {\n\treturn b.Margin().Mul(b.Beta).Tanh().Neg()\n}\n"

func TestAimockAnswers(t *testing.T) {
	url := env(t, "AIMOCK_URL")
	chaos(t, url, `{}`)
	budget := llm.NewBudget(llm.Limits{}, llm.Prices{}, llm.Usage{})
	p, journal := double(t, url, "gpt-4o", llm.Config{Budget: budget})
	first, err := p.Propose(t.Context(), asking("20"))
	if err != nil || first.Code != saturating || first.Name != "saturating" {
		t.Fatalf("%+v, %v", first, err)
	}
	if got, want := budget.Spent(), (llm.Usage{Calls: 1, InputTokens: 2200, OutputTokens: 120}); got != want {
		t.Errorf("spent %+v, want %+v", got, want)
	}
	second, err := p.Repair(t.Context(), asking("20"), first, "probe: not finite", 1)
	if err != nil || second.Code != saturating || journal.stored != 2 {
		t.Errorf("%+v, %v, %d stored", second, err, journal.stored)
	}
}

// With faults of every kind, each candidate gets its proposal, from one answer
// that is stored and counted once. Damaged ones are counted besides.
func TestAimockChaos(t *testing.T) {
	url := env(t, "AIMOCK_URL")
	chaos(t, url, `{"dropRate":0.1,"malformedRate":0.03,"rateLimitRate":0.1,"disconnectRate":0.1,"latencyMs":20}`)
	defer chaos(t, url, `{}`)
	const n = 40
	var mu sync.Mutex
	waits := map[string]int{}
	notify := func(w llm.Wait) {
		mu.Lock()
		defer mu.Unlock()
		waits[w.Reason]++
	}
	lost := 0
	lose := func(u llm.Usage) error {
		mu.Lock()
		defer mu.Unlock()
		lost += u.Calls
		return nil
	}
	budget := llm.NewBudget(llm.Limits{}, llm.Prices{}, llm.Usage{})
	p, journal := double(t, url, "gpt-4o", llm.Config{Budget: budget, Concurrency: 8, Notify: notify, Lost: lose})
	before := requests(t, url)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			got, err := p.Propose(t.Context(), asking(fmt.Sprint(100+i)))
			if err != nil || got.Code != saturating {
				t.Errorf("candidate %d: %v, problem %q", i, err, got.Problem)
			}
		})
	}
	wait.Wait()
	after := requests(t, url)
	if journal.stored != n || budget.Spent().Calls != n+lost {
		t.Errorf("%d stored, %d counted, of which %d lost, want %d", journal.stored, budget.Spent().Calls, lost, n)
	}
	t.Logf("%d requests for %d replies; waits: %v", after-before, n, waits)
	if after-before <= n || len(waits) < 3 {
		t.Errorf("%d requests and faults %v: there was no chaos", after-before, waits)
	}
	p, _ = double(t, url, "gpt-4o", llm.Config{Budget: llm.NewBudget(llm.Limits{Calls: n}, llm.Prices{}, budget.Spent())})
	if _, err := p.Propose(t.Context(), asking("999")); !isBudget(err) {
		t.Errorf("after the last call: %v", err)
	}
}

func isBudget(err error) bool {
	_, ok := errors.AsType[*llm.BudgetError](err)
	return ok
}

// Each fault alone, for ever, ends a call with its kind.
func TestAimockFaults(t *testing.T) {
	url := env(t, "AIMOCK_URL")
	defer chaos(t, url, `{}`)
	for fault, kind := range map[string]llm.Kind{
		"dropRate": llm.ServerFault, "malformedRate": llm.ServerFault, "disconnectRate": llm.ServerFault, "rateLimitRate": llm.RateLimited,
	} {
		chaos(t, url, fmt.Sprintf(`{%q:1}`, fault))
		p, journal := double(t, url, "gpt-4o", llm.Config{Patience: 2 * time.Second})
		_, err := p.Propose(t.Context(), asking("20"))
		if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != kind || e.Hint == "" || journal.stored != 0 {
			t.Errorf("%s: %#v, %d stored", fault, err, journal.stored)
		}
	}
	chaos(t, url, `{"latencyMs":5000}`)
	p, _ := double(t, url, "gpt-4o", llm.Config{Timeout: 200 * time.Millisecond})
	_, err := p.Propose(t.Context(), asking("20"))
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.Timeout {
		t.Errorf("stall: %#v", err)
	}
}

// One request at a time, each of which takes most of the time that a try has: all
// that are asked for at once arrive, and none is asked for again.
func TestAimockOneAtATime(t *testing.T) {
	target, err := url.Parse(env(t, "AIMOCK_URL"))
	if err != nil {
		t.Fatal(err)
	}
	chaos(t, target.String(), `{"latencyMs":600}`)
	defer chaos(t, target.String(), `{}`)
	var serial sync.Mutex
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serial.Lock()
		defer serial.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	before := requests(t, target.String())
	p, journal := double(t, front.URL, "gpt-4o", llm.Config{Timeout: 1500 * time.Millisecond, Concurrency: 4})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if got, err := p.Propose(t.Context(), asking(fmt.Sprint(300+i))); err != nil || got.Code != saturating {
				t.Errorf("candidate %d: %v, problem %q", i, err, got.Problem)
			}
		})
	}
	wait.Wait()
	if n := requests(t, target.String()) - before; n != 8 || journal.stored != 8 {
		t.Errorf("%d requests for 8 replies, %d stored", n, journal.stored)
	}
}

func TestAimockRefusesTheKey(t *testing.T) {
	url := env(t, "AIMOCK_URL")
	chaos(t, url, `{}`)
	const wrong = "sk-not-the-right-key-at-all"
	p, _ := double(t, url, "gpt-4o", llm.Config{Key: wrong})
	_, err := p.Propose(t.Context(), asking("20"))
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.WrongKey || strings.Contains(fmt.Sprintf("%+v", e), wrong) {
		t.Errorf("%#v", err)
	}
}

func TestMockLLM(t *testing.T) {
	url := env(t, "MOCK_LLM_URL")
	for model, kind := range map[string]llm.Kind{"wrong-key": llm.WrongKey, "unknown": llm.UnknownModel, "no-such-rule": llm.NotAnAPI, "refuses-with-the-key": llm.Refused} {
		p, _ := double(t, url, model, llm.Config{})
		_, err := p.Propose(t.Context(), asking("20"))
		e, ok := errors.AsType[*llm.Error](err)
		if !ok || e.Kind != kind || e.Hint == "" || strings.Contains(fmt.Sprintf("%v %+v", err, e), env(t, "DOUBLES_KEY")) {
			t.Errorf("%s: %v, want kind %q", model, err, kind)
		}
	}
	for model, name := range map[string]string{"small": "fits", "no-schema": "plain"} {
		p, _ := double(t, url, model, llm.Config{})
		got, err := p.Propose(t.Context(), asking("20"))
		if err != nil || got.Name != name || got.Problem != "" {
			t.Errorf("%s: %+v, %v, want the name %q", model, got, err, name)
		}
	}
}

// A server that echoes the key does not get it into what is kept.
func TestMockLLMEchoesTheKey(t *testing.T) {
	p, journal := double(t, env(t, "MOCK_LLM_URL"), "echoes-the-key", llm.Config{})
	got, err := p.Propose(t.Context(), asking("20"))
	if err != nil || got.Problem == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	kept, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(kept), string(journal.memory["20/0"])} {
		if strings.Contains(text, env(t, "DOUBLES_KEY")) || !strings.Contains(text, "You sent Bearer [secret]") {
			t.Errorf("kept %s", text)
		}
	}
}
