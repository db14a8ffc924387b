package llm

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func prices(t *testing.T, text string) Prices {
	t.Helper()
	p, err := LoadPrices("prices.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const ownPrices = "version: 1\nmodels:\n  some-model: {input: 1, output: 4}\n"

// costs answers slowly with the given usage.
func costs(input, output int) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		time.Sleep(time.Second)
		fmt.Fprintf(w, `{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`, input, output)
	}
}

// Many calls at once never exceed a limit, and use it up.
func TestBudgetHoldsWithCallsInFlight(t *testing.T) {
	// Each call costs 20 + 1000 tokens, 20·1 + 1000·4 millionths of a dollar.
	tests := []struct {
		limits Limits
		flag   string
		calls  int // that fit
	}{
		{Limits{Calls: 5}, "--max-calls", 5},
		{Limits{Tokens: 10_000}, "--max-tokens", 9}, // 9 · 1,020 leave 820: too few for a tenth
		{Limits{USD: 0.0402}, "--max-usd", 9},       // 9 · .00402 leave .00402: with the prompt that is less than 1,024 tokens of output
		{Limits{Calls: 3, Tokens: 10_000, USD: 1}, "--max-calls", 3},
	}
	for _, test := range tests {
		t.Run(test.flag, func(t *testing.T) {
			budget := NewBudget(test.limits, prices(t, ownPrices), Usage{})
			serve(t, Config{Budget: budget}, costs(20, 1000), func(t *testing.T, s *server) {
				var wait sync.WaitGroup
				errs := make([]error, 20)
				for i := range errs {
					wait.Go(func() { _, errs[i] = s.ask() })
				}
				wait.Wait()
				for _, err := range errs {
					if e, ok := errors.AsType[*BudgetError](err); err != nil && (!ok || e.Limit != test.flag) {
						t.Errorf("error %v, want a BudgetError for %s", err, test.flag)
					}
				}
				n := test.calls
				want := Usage{n, 20 * n, 1000 * n, int64(4_020_000 * n), n}
				if diff := cmp.Diff(want, budget.Spent()); diff != "" || len(s.seen()) != n {
					t.Errorf("%d requests; spent (-want +got):\n%s", len(s.seen()), diff)
				}
			})
		})
	}
}

// What an error calls enough lets the call through, and a little less does not, also
// where more was spent than the limit that was given.
func TestBudgetErrorSaysWhatIsEnough(t *testing.T) {
	spent := Usage{3, 3000, 600, 5_400_000, 3}
	tests := []struct {
		flag         string
		limits       Limits
		want         string
		enough, less Limits
	}{
		{"--max-calls", Limits{Calls: 2}, "4", Limits{Calls: 4}, Limits{Calls: 3}},
		{"--max-tokens", Limits{Tokens: 3700}, "4724", Limits{Tokens: 4724}, Limits{Tokens: 4723}}, // 100 of the prompt, 1,024 of the reply
		{"--max-usd", Limits{USD: 0.001}, "0.0096", Limits{USD: 0.0096}, Limits{USD: 0.0095}},      // .0054 + .0001 + .004096
	}
	for _, test := range tests {
		try := func(limits Limits) error {
			_, err := NewBudget(limits, prices(t, ownPrices), spent).reserve(t.Context(), "some-model", 100, 4096)
			return err
		}
		e, ok := errors.AsType[*BudgetError](try(test.limits))
		if !ok || e.Limit != test.flag || e.Enough(spent) != test.want {
			t.Errorf("error %+v, want one for %s that calls %s enough", e, test.flag, test.want)
		}
		if err := try(test.enough); err != nil {
			t.Errorf("%s %s: %v", test.flag, test.want, err)
		}
		if err := try(test.less); err == nil {
			t.Errorf("%+v lets the call through", test.less)
		}
	}
}

// The last call is given what is left.
func TestBudgetShortensTheLastReply(t *testing.T) {
	budget := NewBudget(Limits{Tokens: 5000}, Prices{}, Usage{1, 1000, 2000, 0, 0})
	serve(t, Config{Budget: budget}, costs(20, 1000), func(t *testing.T, s *server) {
		if _, err := s.ask(); err != nil {
			t.Fatal(err)
		}
		if got := s.seen()[0].body["max_tokens"]; got != 2000.0-26 {
			t.Errorf("max_tokens %v, want what 2,000 tokens leave beside a prompt of 26", got)
		}
	})
}

// A call that fails gives back what it held.
func TestBudgetIsReleased(t *testing.T) {
	budget := NewBudget(Limits{Calls: 1}, Prices{}, Usage{})
	serve(t, Config{Budget: budget}, func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 0 {
			time.Sleep(time.Second)
			w.WriteHeader(401)
			return
		}
		answer(w, "ok")
	}, func(t *testing.T, s *server) {
		var wait sync.WaitGroup
		wait.Go(func() { s.ask() })
		time.Sleep(time.Second / 2) // the first call is in flight: the second waits for it
		if _, err := s.ask(); err != nil {
			t.Error(err)
		}
		wait.Wait()
		if got := budget.Spent().Calls; got != 1 {
			t.Errorf("%d calls", got)
		}
	})
}

func TestUnknownPrice(t *testing.T) {
	budget := NewBudget(Limits{USD: 1}, prices(t, ""), Usage{})
	serve(t, Config{Budget: budget}, func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, "{}") }, func(t *testing.T, s *server) {
		_, err := s.ask()
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != UnknownPrice || !strings.Contains(err.Error(), "some-model") || len(s.seen()) != 0 {
			t.Fatalf("error %v after %d requests", err, len(s.seen()))
		}
		// The hint is a price table that works.
		_, table, _ := strings.Cut(e.Hint, "\n")
		table = table[:strings.LastIndex(table, "\n")]
		if own := prices(t, table); NewBudget(Limits{USD: 1}, own, Usage{}).Check("some-model") != nil {
			t.Errorf("the hint does not help:\n%s", e.Hint)
		}
	})
	if err := NewBudget(Limits{Tokens: 1}, prices(t, ""), Usage{}).Check("some-model"); err != nil {
		t.Errorf("without a dollar limit: %v", err)
	}
}

// The hint gives every model a price that has none, so that adding it is enough.
func TestUnknownPricesAreNamedAtOnce(t *testing.T) {
	check := func(table string) error {
		return NewBudget(Limits{USD: 1}, prices(t, table), Usage{}).Check("a", "some-model", "b:7b")
	}
	e, ok := errors.AsType[*Error](check(ownPrices))
	if !ok || e.Model != "a" {
		t.Fatalf("got %v, want an error for a", e)
	}
	_, table, _ := strings.Cut(e.Hint, "--prices:\n")
	table, _, _ = strings.Cut(table, "A local model")
	if err := check(table + "  some-model: {input: 1, output: 4}\n"); err != nil {
		t.Errorf("with what the hint says to add: %v", err)
	}
}

func TestPrices(t *testing.T) {
	p := prices(t, "version: 1\nmodels: {gpt-4o-mini: {input: 9, output: 9}, local: {input: 0, output: 0}}")
	tests := []struct {
		model string
		want  Price
		known bool
	}{
		{"gpt-4o", Price{2.5, 10}, true},
		{"gpt-4o-2024-08-06", Price{2.5, 10}, true},
		{"gpt-4o-2024-05-13", Price{5, 15}, true},
		{"gpt-4o-mini", Price{9, 9}, true},
		{"gpt-4o-mini-2024-07-18", Price{9, 9}, true},
		{"local", Price{}, true},
		{"gpt-4o-2024", Price{}, false},
		{"gpt", Price{}, false},
		{"", Price{}, false},
	}
	for _, test := range tests {
		if got, known := p.Lookup(test.model); got != test.want || known != test.known {
			t.Errorf("%q: %v, %v, want %v, %v", test.model, got, known, test.want, test.known)
		}
	}
	if _, err := time.Parse(time.DateOnly, p.Date); err != nil {
		t.Errorf("date of the table: %v", err)
	}
}

// The published price of a million tokens each way.
func TestNanoUSD(t *testing.T) {
	if got, want := (Price{2.5, 10}).nanoUSD(1_000_000, 1_000_000), int64(12_500_000_000); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if got := (Price{0.0001, 0}).nanoUSD(1, 0); got != 1 {
		t.Errorf("a fraction of a nano-dollar is %d, want 1", got)
	}
}

func TestPriceErrors(t *testing.T) {
	tests := map[string]string{
		"models: {m: {input: 1, output: 1}}":                                       "version",
		"version: 2\nmodels: {}":                                                   "version",
		"version: 1\nmodels: {m: {input: -1, output: 1}}":                          `"m"`,
		"version: 1\nmodels: {m: {input: .nan, output: 1}}":                        `"m"`,
		"version: 1\nmodels: {m: {input: 1, output: .inf}}":                        `"m"`,
		"version: 1\nmodels: {m: {input: 1}}":                                      "output",
		"version: 1\nmodels: {m: {output: 1}}":                                     "input",
		"version: 1\nmodels: {m: }":                                                `"m"`,
		"version: 1\nmodels: {m: {in: 1, output: 1}}":                              "in",
		"version: 1\nmodel: {}":                                                    "model",
		"version: 1\nmodels: {m: {input: cheap, output: 1}}":                       "cheap",
		"version: 1\nmodels: {m: {input: 1, output: 1}, m: {input: 2, output: 1}}": "m",
		"{":           "prices.yaml",
		"\x00":        "prices.yaml",
		"just text\n": "prices.yaml",
	}
	for text, want := range tests {
		if _, err := LoadPrices("prices.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "prices.yaml") {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func TestHugeLimits(t *testing.T) {
	budget := NewBudget(Limits{Calls: math.MaxInt, Tokens: math.MaxInt, USD: math.MaxFloat64}, prices(t, ownPrices), Usage{})
	h, err := budget.reserve(t.Context(), "some-model", 100, 4096)
	if err != nil || h.output != 4096 {
		t.Errorf("%+v, %v", h, err)
	}
}

// A server that does not keep to the length that a reply may have exceeds a
// limit by one reply at most, even if many are asked for at once.
func TestBudgetOfAServerWithoutBounds(t *testing.T) {
	budget := NewBudget(Limits{USD: .9}, prices(t, ownPrices), Usage{})
	serve(t, Config{Budget: budget}, costs(1000, 50_000), func(t *testing.T, s *server) {
		if _, ok := errors.AsType[*BudgetError](s.askTogether(20)); !ok {
			t.Error("no BudgetError")
		}
		// .201 each, of which .9 has room for four.
		if want := (Usage{4, 4000, 200_000, 804_000_000, 4}); budget.Spent() != want || len(s.seen()) != 4 {
			t.Errorf("spent %+v in %d requests, want %+v", budget.Spent(), len(s.seen()), want)
		}
	})
	budget = NewBudget(Limits{USD: .1}, prices(t, ownPrices), Usage{})
	serve(t, Config{Budget: budget}, costs(1000, 50_000), func(t *testing.T, s *server) {
		if err := s.askTogether(20); err == nil || len(s.seen()) != 1 {
			t.Errorf("error %v after %d requests, want one", err, len(s.seen()))
		}
	})
}

// A server that takes no bound at all is not asked where the length of replies
// costs, and told so.
func TestUnboundedServer(t *testing.T) {
	tests := []struct {
		name   string
		limits Limits
		fine   bool
	}{
		{"dollars", Limits{USD: 1}, false},
		{"tokens", Limits{Tokens: 100_000}, false},
		{"calls", Limits{Calls: 10}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serve(t, Config{Budget: NewBudget(test.limits, prices(t, ownPrices), Usage{})}, nil, func(t *testing.T, s *server) {
				s.handle = func(w http.ResponseWriter, _ *http.Request, n int) {
					for _, field := range []string{"max_tokens", "max_completion_tokens"} {
						if _, sent := s.seen()[n].body[field]; sent {
							refuse(w, 400, "", "unknown parameter "+field)
							return
						}
					}
					answer(w, "ok")
				}
				_, err := s.ask()
				if e, ok := errors.AsType[*Error](err); ok == test.fine || ok && (e.Kind != Unbounded || !strings.Contains(e.Reason, "unknown parameter") || !strings.Contains(e.Hint, "--max-calls")) {
					t.Errorf("error %#v", err)
				}
			})
		})
	}
}

// An overflow that names the limit of the reply stays one where the limit cannot be
// left out: a shorter prompt may fit.
func TestOverflowUnderABudget(t *testing.T) {
	const overflow = "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 8192 tokens and your request has 6000 input tokens"
	serve(t, Config{Budget: NewBudget(Limits{Tokens: 100_000}, Prices{}, Usage{})}, func(w http.ResponseWriter, _ *http.Request, _ int) {
		refuse(w, 400, "", overflow)
	}, func(t *testing.T, s *server) {
		_, err := s.ask()
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != ContextOverflow || !strings.Contains(e.Reason, "8192") {
			t.Errorf("error %v, want a context overflow", err)
		}
		for _, r := range s.seen() {
			if r.body["max_tokens"] == nil && r.body["max_completion_tokens"] == nil {
				t.Errorf("asked without a limit: %v", r.body)
			}
		}
	})
}

// A damaged reply uses up the budget like any other.
func TestBudgetOfDamagedReplies(t *testing.T) {
	budget := NewBudget(Limits{Calls: 2}, Prices{}, Usage{})
	serve(t, Config{Budget: budget}, write(200, `{"choices":[{"message":{"content":"half`), func(t *testing.T, s *server) {
		_, err := s.ask()
		if e, ok := errors.AsType[*BudgetError](err); !ok || e.Limit != "--max-calls" || len(s.seen()) != 2 {
			t.Errorf("error %v after %d requests, want --max-calls after 2", err, len(s.seen()))
		}
		if want := (Usage{2, 2 * 26, 2 * 13, 0, 0}); budget.Spent() != want || s.lost != want {
			t.Errorf("spent %+v, of which lost %+v, want %+v", budget.Spent(), s.lost, want)
		}
	})
}
