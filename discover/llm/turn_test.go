package llm

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// ending is a server that takes ten seconds, and a call whose contexts end.
func ending(t *testing.T, config Config, soft, hard time.Duration, test func(t *testing.T, s *server, reply Reply, err error)) {
	serve(t, config, func(w http.ResponseWriter, r *http.Request, _ int) {
		if sleep(r.Context(), 10*time.Second) == nil {
			answer(w, "ok")
		}
	}, func(t *testing.T, s *server) {
		outer, cancelOuter := context.WithCancel(t.Context())
		inner, cancelInner := context.WithCancel(outer)
		defer cancelOuter()
		defer cancelInner()
		time.AfterFunc(soft, cancelInner)
		time.AfterFunc(hard, cancelOuter)
		reply, err := s.Complete(Lasting(inner, outer), Call{Model: "some-model", Messages: []Message{{"user", "Write one."}}})
		test(t, s, reply, err)
	})
}

// A reply in flight is paid for: it is waited for when the search stops, a moment
// when a person stops it, and counted when it is given up.
func TestReplyInFlightWhenTheSearchEnds(t *testing.T) {
	const never = time.Hour
	tests := []struct {
		name       string
		soft, hard time.Duration
		arrives    bool
		took       time.Duration
	}{
		{"another candidate failed", time.Second, never, true, 10 * time.Second},
		{"a person stops it, soon there", never, 6 * time.Second, true, 10 * time.Second},
		{"a person stops it", never, 2 * time.Second, false, 7 * time.Second},
		{"another failed, then a person stops it", time.Second, 2 * time.Second, false, 7 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ending(t, Config{}, test.soft, test.hard, func(t *testing.T, s *server, reply Reply, err error) {
				if test.arrives != (err == nil && reply.Text == "ok") || !test.arrives && !errors.Is(err, context.Canceled) {
					t.Errorf("%+v, %v", reply, err)
				}
				if took := time.Since(s.start); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				lost := Usage{}
				if !test.arrives {
					lost = Usage{1, 12, 4096, 0, 0} // at most
				}
				if got := s.budget.Spent(); s.lost != lost || got.Calls != 1 || !test.arrives && got != lost {
					t.Errorf("spent %+v, of which lost %+v, want %+v", got, s.lost, lost)
				}
				if waits := s.told(); len(waits) != 1 {
					t.Errorf("a person is told %+v", waits)
				}
			})
		})
	}
}

// A person is told how long it can be, also where the search itself may not go on for
// longer.
func TestReplyInFlightIsWaitedForAsLongAsSaid(t *testing.T) {
	for name, overtime := range map[string]time.Duration{"less than a request has": 30 * time.Second, "more": time.Hour} {
		t.Run(name, func(t *testing.T) {
			serve(t, Config{Timeout: 10 * time.Minute}, func(_ http.ResponseWriter, r *http.Request, _ int) {
				<-r.Context().Done()
			}, func(t *testing.T, s *server) {
				ends := s.start.Add(time.Minute)
				outer, cancelOuter := context.WithDeadline(t.Context(), ends.Add(overtime))
				defer cancelOuter()
				inner, cancelInner := context.WithDeadline(outer, ends)
				defer cancelInner()
				_, err := s.Complete(Lasting(inner, outer), Call{Model: "some-model"})
				waits := s.told()
				if err == nil || len(waits) == 0 {
					t.Fatalf("error %v, a person is told %+v", err, waits)
				}
				if took, said := time.Since(ends), waits[0].For; took > said || overtime < time.Minute && took != said {
					t.Errorf("it took %v, at most %v were said", took, said)
				}
			})
		})
	}
}

// What is not in flight when the search ends is not sent, and costs nothing.
func TestNothingIsSentWhenTheSearchEnds(t *testing.T) {
	waits := map[string]Config{
		"for a place":           {Concurrency: 1},
		"for requests a minute": {PerMinute: 1},
		"for the budget":        {Budget: NewBudget(Limits{Calls: 1}, Prices{}, Usage{})},
	}
	for name, config := range waits {
		t.Run(name, func(t *testing.T) {
			serve(t, config, func(w http.ResponseWriter, _ *http.Request, n int) {
				time.Sleep(20 * time.Second)
				answer(w, "ok")
			}, func(t *testing.T, s *server) {
				go s.ask()
				time.Sleep(time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := s.Complete(Lasting(ctx, t.Context()), Call{Model: "some-model"})
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(s.start) > 6*time.Second {
					t.Errorf("error %v after %v", err, time.Since(s.start))
				}
				time.Sleep(time.Minute)
				if got := s.budget.Spent().Calls; got != 1 || len(s.seen()) != 1 {
					t.Errorf("%d requests, %d counted", len(s.seen()), got)
				}
			})
		})
	}
	t.Run("for another try", func(t *testing.T) {
		serve(t, Config{}, write(503, "loading"), func(t *testing.T, s *server) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := s.Complete(ctx, Call{Model: "some-model"})
			if !errors.Is(err, context.DeadlineExceeded) || s.budget.Spent() != (Usage{}) || time.Since(s.start) != 10*time.Second {
				t.Errorf("error %v after %v, spent %+v", err, time.Since(s.start), s.budget.Spent())
			}
		})
	})
}

// An error of the one who keeps count ends the call.
func TestLostCannotBeKept(t *testing.T) {
	full := errors.New("disk full")
	serve(t, Config{}, write(200, `{"choices"`), func(t *testing.T, s *server) {
		s.full = full
		if _, err := s.ask(); !errors.Is(err, full) || len(s.seen()) != 1 {
			t.Errorf("error %v after %d requests", err, len(s.seen()))
		}
	})
}
