package llm

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A call is announced when it has its place in the budget, with what that place is
// for, and ended only if it brings no reply.
func TestCallsAreAnnounced(t *testing.T) {
	tests := []struct {
		name   string
		spent  Usage
		handle func(http.ResponseWriter, *http.Request, int)
		full   error // of announcing
		want   []any
	}{
		{"answered", Usage{}, write(200, `{"choices":[{"message":{"content":"ok"}}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`), nil,
			[]any{Usage{1, 26, 4096, 16_410_000, 1}}},
		{"little is left", Usage{Calls: 1, InputTokens: 8000}, write(200, `{"choices":[{"message":{"content":"ok"}}]}`), nil,
			[]any{Usage{1, 26, 1974, 7_922_000, 1}}},
		{"refused by the server", Usage{}, write(401, `{"error":"no"}`), nil, []any{Usage{1, 26, 4096, 16_410_000, 1}, "end"}},
		{"refused by the budget", Usage{Calls: 1, InputTokens: 9990}, write(200, `{}`), nil, nil},
		{"cannot be announced", Usage{}, write(200, `{}`), errors.New("disk full"), []any{Usage{1, 26, 4096, 16_410_000, 1}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var told []any
			c := Config{
				Budget: NewBudget(Limits{Tokens: 10_000}, prices(t, ownPrices), test.spent),
				Begin:  func(most Usage) error { told = append(told, most); return test.full },
				End:    func() error { told = append(told, "end"); return nil },
			}
			serve(t, c, test.handle, func(t *testing.T, s *server) {
				_, err := s.ask()
				if diff := cmp.Diff(test.want, told); diff != "" {
					t.Errorf("announced (-want +got):\n%s", diff)
				}
				if test.full == nil {
					return
				}
				if !errors.Is(err, test.full) || len(s.seen()) > 0 {
					t.Errorf("error %v after %d requests", err, len(s.seen()))
				}
				if s.budget.held != (Usage{}) {
					t.Errorf("the place of the call is not given back: %+v", s.budget.held)
				}
			})
		})
	}
}
