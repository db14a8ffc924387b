package llm

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Faults that pass: each happens twice, then the server answers. Replies that are
// damaged are counted as calls too: they were paid for.
func TestPassingFaults(t *testing.T) {
	type handler = func(w http.ResponseWriter, r *http.Request)
	paid := []string{"no choices", "empty body", "empty object", "half a body", "stream without data", "reset in the body"}
	tests := map[string]handler{
		"429": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 429, "rate_limit_exceeded", "Rate limit reached")
		},
		"429 quota per minute": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.")
		},
		"429 tokens per minute": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 429, "rate_limit_exceeded", "Too many tokens in this minute, of a context length of 8192")
		},
		"408": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(408) },
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"502 page": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(502)
			io.WriteString(w, "<html><title>Bad Gateway</title>")
		},
		"503 server busy": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			io.WriteString(w, `{"error":"server busy, please try again"}`)
		},
		"503 loading, code number": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			io.WriteString(w, `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`)
		},
		"529": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(529) },
		"error with 200": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"error":{"code":502,"message":"upstream"}}`)
		},
		"error in a choice": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"choices":[{"message":{"content":"half"},"error":{"code":502,"message":"upstream"},"finish_reason":"error"}]}`)
		},
		"error in a stream": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"ha\"}}]}\n\ndata: {\"error\":\"lost the GPU\"}\n\n")
		},
		"no choices":   func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"choices":[]}`) },
		"empty body":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) },
		"empty object": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) },
		"half a body": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"choices":[{"message":{"content":"ha`)
		},
		"page with 200": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<!doctype html><title>Welcome</title>")
		},
		"stream without data": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, ": ping\n\n: ping\n\n") },
		"no answer":           func(w http.ResponseWriter, _ *http.Request) { drop(w, "") },
		"half a header":       func(w http.ResponseWriter, _ *http.Request) { drop(w, "HTTP/1.1 200 O") },
		"reset in the body": func(w http.ResponseWriter, _ *http.Request) {
			drop(w, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"choices\":")
		},
		"stall": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"stall in the body": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			serve(t, Config{}, func(w http.ResponseWriter, r *http.Request, n int) {
				if n < 2 {
					fault(w, r)
					return
				}
				answer(w, "ok")
			}, func(t *testing.T, s *server) {
				reply, err := s.ask()
				if err != nil || reply.Text != "ok" || len(s.seen()) != 3 || len(s.waits) != 2 {
					t.Fatalf("%+v, %v after %d requests and waits %v", reply, err, len(s.seen()), s.waits)
				}
				// 1 s and 2 s, each ±50 %.
				for i, w := range s.waits {
					if base := time.Second << i; w.For < base/2 || w.For > base*3/2 || w.Reason == "" {
						t.Errorf("wait %d is %+v", i, w)
					}
				}
				want := 1
				if slices.Contains(paid, name) {
					want = 3
				}
				if got := s.budget.Spent(); got.Calls != want || s.lost.Calls != want-1 || got.InputTokens < 20*want {
					t.Errorf("counted %+v, of which lost %+v, want %d calls", got, s.lost, want)
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	tests := map[string]struct {
		name, value string
		want        time.Duration
	}{
		"seconds":      {"Retry-After", "17", 17 * time.Second},
		"fraction":     {"Retry-After", " 2.5 ", 2500 * time.Millisecond},
		"milliseconds": {"Retry-After-Ms", "700", 700 * time.Millisecond},
		"date":         {"Retry-After", "Sat, 01 Jan 2000 00:00:42 GMT", 42 * time.Second}, // bubbles start at 2000-01-01
		"date gone by": {"Retry-After", "Fri, 31 Dec 1999 23:00:00 GMT", 0},
		"zero":         {"Retry-After", "0", 0},
		"negative":     {"Retry-After", "-5", 0},
		"not a number": {"Retry-After", "NaN", 0},
		"nonsense":     {"Retry-After", "soon", 0},
		"on a 503 too": {"Retry-After", "30", 30 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status := http.StatusTooManyRequests
			if strings.Contains(name, "503") {
				status = http.StatusServiceUnavailable
			}
			serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n > 0 {
					answer(w, "ok")
					return
				}
				w.Header().Set(test.name, test.value)
				w.WriteHeader(status)
			}, func(t *testing.T, s *server) {
				if _, err := s.ask(); err != nil {
					t.Fatal(err)
				}
				waited := s.seen()[1].at - s.seen()[0].at
				if test.want > 0 && waited != test.want {
					t.Errorf("waited %v, want %v", waited, test.want)
				}
				if test.want == 0 && (waited < time.Second/2 || waited > 3*time.Second/2) {
					t.Errorf("waited %v, want 1 s ± 50 %%", waited)
				}
			})
		})
	}
}

// A date is one of the server's clock, which the Date of the reply shows.
func TestRetryAfterOfAnotherClock(t *testing.T) {
	serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n > 0 {
			answer(w, "ok")
			return
		}
		w.Header().Set("Date", "Sat, 01 Jan 2000 05:00:00 GMT") // five hours ahead
		w.Header().Set("Retry-After", "Sat, 01 Jan 2000 05:00:42 GMT")
		w.WriteHeader(429)
	}, func(t *testing.T, s *server) {
		if _, err := s.ask(); err != nil {
			t.Fatal(err)
		}
		if waited := s.seen()[1].at - s.seen()[0].at; waited != 42*time.Second {
			t.Errorf("waited %v, want 42 s", waited)
		}
	})
}

// A server that asks for a longer wait than the call may take is not waited for.
func TestRetryAfterTooLong(t *testing.T) {
	for _, value := range []string{"86400", "1e300", "Sun, 01 Jan 2040 00:00:00 GMT"} {
		serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(429)
		}, func(t *testing.T, s *server) {
			_, err := s.ask()
			if e, ok := errors.AsType[*Error](err); !ok || e.Kind != RateLimited || !strings.Contains(e.Reason, "asks to wait 24h0m0s") {
				t.Errorf("Retry-After %s: error %v", value, err)
			}
			if since := time.Since(s.start); since != 0 {
				t.Errorf("Retry-After %s: waited %v", value, since)
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	tests := []struct {
		name     string
		config   Config
		handle   func(w http.ResponseWriter, r *http.Request, n int)
		kind     Kind
		reason   string
		requests int
	}{
		{"always 500", Config{Patience: time.Second / 4}, write(500, "boom"), ServerFault, "boom", 1},
		{"always a page", Config{}, write(200, "<title>Router login</title>"), NotAnAPI, "Router login", 3},
		{"always half a body", Config{}, write(200, `{"choices"`), ServerFault, "not a chat completion", 3},
		{"always stalls", Config{Timeout: time.Minute}, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }, Timeout, "no reply within 1m0s", 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serve(t, test.config, test.handle, func(t *testing.T, s *server) {
				_, err := s.ask()
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Kind != test.kind || !strings.Contains(e.Reason, test.reason) || e.Hint == "" || len(s.seen()) != test.requests {
					t.Errorf("error %#v after %d requests, want %q %q after %d", err, len(s.seen()), test.kind, test.reason, test.requests)
				}
				if got := s.budget.Spent(); got != s.lost || (got != Usage{}) != (test.name == "always half a body") {
					t.Errorf("counted %+v, of which lost %+v", got, s.lost)
				}
			})
		})
	}
}

// A server that was there before is waited for: it may be starting again.
func TestServerComesBack(t *testing.T) {
	serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, "ok") }, func(t *testing.T, s *server) {
		if _, err := s.ask(); err != nil {
			t.Fatal(err)
		}
		s.refuseDials(25)
		if _, err := s.ask(); err != nil || len(s.waits) != 25 {
			t.Errorf("%v after waits %v", err, s.waits)
		}
		s.refuseDials(1000)
		_, err := s.ask()
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Unreachable || !strings.Contains(e.Reason, "; so for 2") {
			t.Errorf("error %v, want that of a server which was away for half an hour", err)
		}
	})
}

// A server that asks to come back at once, and fails again, is not besieged.
func TestRetryAfterNothing(t *testing.T) {
	serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(503)
	}, func(t *testing.T, s *server) {
		if _, err := s.ask(); err == nil || len(s.seen()) > 150 {
			t.Errorf("%v after %d requests", err, len(s.seen()))
		}
	})
}

// A server that loads a model, or a provider in trouble, is waited for: about half
// an hour, and a person is told what for. A server that says when to come back is
// believed within that time.
func TestOutageIsWaitedFor(t *testing.T) {
	tests := map[string]struct {
		status int
		after  string // Retry-After
		lasts  time.Duration
		fails  bool
	}{
		"model loads":          {503, "", 5 * time.Minute, false},
		"incident":             {500, "", 25 * time.Minute, false},
		"limit of the hour":    {429, "", 28 * time.Minute, false},
		"says when":            {429, "1500", 25 * time.Minute, false},
		"never":                {503, "", 24 * time.Hour, true},
		"says that it is long": {429, "7200", 2 * time.Hour, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var s *server
			serve(t, Config{Timeout: time.Minute}, func(w http.ResponseWriter, _ *http.Request, _ int) {
				if time.Since(s.start) < test.lasts {
					w.Header().Set("Retry-After", test.after)
					refuse(w, test.status, "", "Loading model")
					return
				}
				answer(w, "ok")
			}, func(t *testing.T, server *server) {
				s = server
				_, err := s.ask()
				if (err != nil) != test.fails {
					t.Fatalf("error %v after %v", err, time.Since(s.start))
				}
				if since := time.Since(s.start); since > test.lasts+2*maxWait || since > 31*time.Minute {
					t.Errorf("it took %v", since)
				}
				for _, w := range s.waits {
					if !strings.Contains(w.Reason, "Loading model") || w.Patience != 30*time.Minute || w.For > w.Patience-w.Failing {
						t.Errorf("wait %+v", w)
					}
				}
			})
		})
	}
}

// A server that stays empty is believed after a few tries: the reply is the
// candidate's problem then, not the run's.
func TestAlwaysEmpty(t *testing.T) {
	serve(t, Config{}, write(200, `{"choices":[]}`), func(t *testing.T, s *server) {
		reply, err := s.ask()
		if err != nil || reply.Text != "" || len(s.seen()) != tolerance {
			t.Errorf("%+v, %v after %d requests", reply, err, len(s.seen()))
		}
	})
}

// A reply that is too large is the candidate's problem too. It is counted at the
// most that it was allowed to cost.
func TestTooLarge(t *testing.T) {
	serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, _ int) {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(w, strings.Repeat(" ", 1<<10))
		}
	}, func(t *testing.T, s *server) {
		reply, err := s.ask()
		if want := (Usage{1, 26, 4096, 0, 0}); err != nil || reply.Usage != want || s.budget.Spent() != want || len(s.seen()) != 1 {
			t.Fatalf("%+v, %v after %d requests", reply, err, len(s.seen()))
		}
		if _, err := ParseReply(reply.Text, reply.Finish); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
			t.Errorf("error %v", err)
		}
	})
}

// Nobody listens: a wrong address is reported soon.
func TestUnreachable(t *testing.T) {
	serve(t, Config{}, nil, func(t *testing.T, s *server) {
		client, err := New(Config{BaseURL: "http://127.0.0.1:1/v1", Key: key, Notify: s.notify})
		if err != nil {
			t.Fatal(err)
		}
		s.Client = client
		_, err = s.ask()
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Unreachable || e.Hint == "" || len(s.waits) != tolerance-1 {
			t.Errorf("error %#v after waits %v", err, s.waits)
		}
	})
}

func TestWrongScheme(t *testing.T) {
	serve(t, Config{BaseURL: "https://server.test/v1"}, nil, func(t *testing.T, s *server) {
		_, err := s.ask()
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Unreachable || !strings.Contains(e.Hint, "http") {
			t.Errorf("error %#v", err)
		}
	})
}

// Requests are spaced, repeated ones included.
func TestRequestsPerMinute(t *testing.T) {
	serve(t, Config{PerMinute: 6}, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			w.WriteHeader(500)
			return
		}
		answer(w, "ok")
	}, func(t *testing.T, s *server) {
		for range 3 {
			if _, err := s.ask(); err != nil {
				t.Fatal(err)
			}
		}
		for i, r := range s.seen() {
			if want := time.Duration(i) * 10 * time.Second; r.at < want-time.Millisecond || r.at > want+2*time.Second {
				t.Errorf("request %d at %v, want %v", i, r.at, want)
			}
		}
	})
}

// Calls wait for their turn outside of their time.
func TestRequestsPerMinuteAreNoTimeout(t *testing.T) {
	serve(t, Config{PerMinute: 1, Timeout: 5 * time.Second}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, "ok") }, func(t *testing.T, s *server) {
		if err := s.askTogether(6); err != nil || len(s.seen()) != 6 || len(s.waits) > 0 {
			t.Errorf("%v after %d requests and waits %v", err, len(s.seen()), s.waits)
		}
		if took := time.Since(s.start); took < 5*time.Minute-time.Second {
			t.Errorf("six requests took %v", took)
		}
	})
}

func TestConcurrency(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	serve(t, Config{Concurrency: 3}, func(w http.ResponseWriter, _ *http.Request, _ int) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(time.Minute)
		mu.Lock()
		now--
		mu.Unlock()
		answer(w, "ok")
	}, func(t *testing.T, s *server) {
		if err := s.askTogether(9); err != nil {
			t.Error(err)
		}
		if took := time.Since(s.start); most != 3 || took != 3*time.Minute {
			t.Errorf("%d calls at once, %v in all, want 3 and 3m", most, took)
		}
	})
}

func TestErrorText(t *testing.T) {
	e := fail(WrongKey, 401, "no")
	e.Model = "m"
	if got, want := e.Error(), `ask model "m": wrong key (status 401): no`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	priced := &BudgetError{Limit: "--max-usd", Value: "2.5", Spent: Usage{3, 1000, 500, 2_400_000_000, 3}}
	if got, want := priced.Error(), "--max-usd 2.5 has no room for another call after 3 calls, 1500 tokens, $2.4000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	unpriced := &BudgetError{Limit: "--max-calls", Value: "3", Spent: Usage{3, 1000, 500, 0, 0}}
	if got, want := unpriced.Error(), "--max-calls 3 has no room for another call after 3 calls, 1500 tokens"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
