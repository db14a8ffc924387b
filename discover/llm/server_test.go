package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// server is a scripted server on a network in memory, so that the time of a
// synctest bubble passes while it and its client wait.
type server struct {
	*Client
	network *pipes

	mu       sync.Mutex
	requests []asked
	waits    []Wait
	lost     Usage
	full     error // of keeping what is lost
	handle   func(w http.ResponseWriter, r *http.Request, n int)
	start    time.Time
}

// asked is a request as it arrived.
type asked struct {
	at     time.Duration // since the start
	header http.Header
	body   map[string]any
}

const key = "sk-planted/secret+key=1234567890"

// serve runs a test in a bubble against a server that answers the n-th request,
// from 0, with handle.
func serve(t *testing.T, c Config, handle func(w http.ResponseWriter, r *http.Request, n int), test func(t *testing.T, s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &server{start: time.Now(), handle: handle}
		network := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
		s.network = network
		front := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.handle(w, r, s.record(t, r))
		})}
		go front.Serve(network)
		transport := &http.Transport{DialContext: network.dial, DisableKeepAlives: true}
		c.Transport, c.Key = transport, key
		if c.BaseURL == "" {
			c.BaseURL = "http://server.test/v1"
		}
		c.Notify, c.Lost = s.notify, s.lose
		if c.Budget != nil {
			c.Budget.settled = make(chan struct{}) // of the bubble
		}
		client, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		s.Client = client
		test(t, s)
		front.Close()
		synctest.Wait()
	})
}

func (s *server) record(t *testing.T, r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := asked{at: time.Since(s.start), header: r.Header.Clone()}
	if err := json.NewDecoder(r.Body).Decode(&a.body); err != nil {
		t.Errorf("request body: %v", err)
	}
	if want := "/v1/chat/completions"; r.URL.Path != want {
		t.Errorf("path %q, want %q", r.URL.Path, want)
	}
	s.requests = append(s.requests, a)
	return len(s.requests) - 1
}

func (s *server) notify(w Wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, w)
}

// told returns what a person was told so far, also by what runs beside the calls.
func (s *server) told() []Wait {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.waits)
}

func (s *server) lose(u Usage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = s.lost.Plus(u)
	return s.full
}

// seen returns the requests so far.
func (s *server) seen() []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// refuseDials refuses the next n connections.
func (s *server) refuseDials(n int) { s.network.refused = n }

// ask makes a call with a plain prompt.
func (s *server) ask() (Reply, error) {
	return s.Complete(context.Background(), Call{Model: "some-model", Messages: []Message{{"system", "You write losses."}, {"user", "Write one."}}})
}

// askTogether makes n calls at once.
func (s *server) askTogether(n int) error {
	var wait sync.WaitGroup
	errs := make([]error, n)
	for i := range errs {
		wait.Go(func() { _, errs[i] = s.ask() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// pipes is a listener and its dialer.
type pipes struct {
	accept  chan net.Conn
	once    sync.Once
	closed  chan struct{}
	refused int // dials still to be refused
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if p.refused > 0 {
		p.refused--
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: errors.New("connection refused")}
	}
	ours, theirs := net.Pipe()
	select {
	case p.accept <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// answer writes a chat completion.
func answer(w io.Writer, text string) {
	fmt.Fprintf(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30}}`, quote(text))
}

// refuse writes an error in OpenAI's form.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"message":%s,"type":"invalid_request_error","param":null,"code":%s}}`, quote(message), quote(code))
}

// write returns a handler of one body, whatever is asked.
func write(status int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// drop sends part of a reply and cuts the connection.
func drop(w http.ResponseWriter, part string) {
	conn, out, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	out.WriteString(part)
	out.Flush()
	conn.Close()
}
