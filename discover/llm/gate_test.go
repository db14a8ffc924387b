package llm

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// slowly is a server on which a request takes so much work, alone.
type slowly struct {
	work time.Duration

	mu      sync.Mutex
	waiting []*work
	gone    int // requests that the client gave up
}

// work is what is left to do for a request.
type work struct {
	left time.Duration
	at   int // arrival
}

// serve works on the requests that pick chooses, in slices of a second, until
// that of r is done.
func (s *slowly) serve(w http.ResponseWriter, r *http.Request, n int, pick func([]*work) []*work) {
	own := &work{left: s.work, at: n}
	s.mu.Lock()
	s.waiting = append(s.waiting, own)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waiting = slices.DeleteFunc(s.waiting, func(w *work) bool { return w == own })
	}()
	for own.left > 0 {
		select {
		case <-r.Context().Done():
			s.mu.Lock()
			s.gone++
			s.mu.Unlock()
			return
		case <-time.After(time.Second):
		}
		s.mu.Lock()
		if chosen := pick(s.waiting); slices.Contains(chosen, own) {
			own.left -= time.Second / time.Duration(len(chosen))
		}
		s.mu.Unlock()
	}
	answer(w, "ok")
}

// Servers that cannot do several requests at once get all of them done, though
// one alone takes most of the time of a try and four are asked for at once.
func TestServersThatQueue(t *testing.T) {
	tests := []struct {
		name string
		pick func([]*work) []*work
		gone int // requests given up at most
	}{
		{"first come first served", func(all []*work) []*work { return all[:1] }, 0},
		{"last come first served", func(all []*work) []*work { return all[len(all)-1:] }, 4},
		{"all at once, each slower", func(all []*work) []*work { return all }, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &slowly{work: 200 * time.Second}
			serve(t, Config{Concurrency: 4, Timeout: 5 * time.Minute}, func(w http.ResponseWriter, r *http.Request, n int) {
				s.serve(w, r, n, test.pick)
			}, func(t *testing.T, c *server) {
				if err := c.askTogether(12); err != nil {
					t.Fatal(err)
				}
				if s.gone > test.gone || len(c.seen()) != 12+s.gone {
					t.Errorf("%d requests, of which the client gave up %d", len(c.seen()), s.gone)
				}
				if took := time.Since(c.start); took > 12*s.work+10*time.Minute {
					t.Errorf("12 replies of %v took %v", s.work, took)
				}
			})
		})
	}
}

// A stall on a quick server does not slow it down for ever.
func TestOneStallAmongQuickReplies(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	serve(t, Config{Concurrency: 4, Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 1 {
			<-r.Context().Done()
			return
		}
		mu.Lock()
		if now++; n > 20 {
			most = max(most, now)
		}
		mu.Unlock()
		time.Sleep(3 * time.Second)
		mu.Lock()
		now--
		mu.Unlock()
		answer(w, "ok")
	}, func(t *testing.T, s *server) {
		for range 30 {
			if err := s.askTogether(4); err != nil {
				t.Fatal(err)
			}
		}
		if most != 4 {
			t.Errorf("%d requests at once after the stall, want 4", most)
		}
	})
}

// A model that is too slow even alone is no server that queues.
func TestTooSlowAlone(t *testing.T) {
	s := &slowly{work: 400 * time.Second}
	serve(t, Config{Concurrency: 4, Timeout: 5 * time.Minute}, func(w http.ResponseWriter, r *http.Request, n int) {
		s.serve(w, r, n, func(all []*work) []*work { return all[:1] })
	}, func(t *testing.T, c *server) {
		err := c.askTogether(4)
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Timeout {
			t.Errorf("error %v", err)
		}
		if n := len(c.seen()); n > 4*(tolerance+maxExcused) {
			t.Errorf("%d requests", n)
		}
	})
}
