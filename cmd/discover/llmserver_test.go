package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// scriptedLLM is an OpenAI-compatible server whose reply is a function of the
// conversation it is sent, and so is what goes wrong on the way: 429s with
// Retry-After, 500s, stalls, dropped connections, and replies that are cut off or
// make no sense. A fault of the way passes at the second request, so that a
// search that is killed in between gets the reply that an undisturbed one gets.
type scriptedLLM struct {
	*httptest.Server
	faulty bool
	echo   echo
	// context is how many tokens of a prompt each model reads; what is longer is cut
	// off to half of that without a word, as by Ollama. 0: it reads all. If it is nil,
	// every prompt counts as 1,000 tokens.
	context map[string]int
	// before may answer a request in the script's place, and then returns true.
	before func(w http.ResponseWriter, r *http.Request) bool

	mu    sync.Mutex
	asked map[string]int // requests, by mark
}

// echo says where the server repeats the caller's key.
type echo int

const (
	silent    echo = iota
	inErrors       // and there is nothing but errors
	inReplies      // in the thought and the code, in several spellings
)

func newScriptedLLM(t testing.TB, faulty bool) *scriptedLLM {
	s := &scriptedLLM{faulty: faulty, asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *scriptedLLM) serve(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.echo == inErrors {
		status := http.StatusInternalServerError
		if strings.HasSuffix(r.URL.Path, "/models") {
			status = http.StatusNotFound
		}
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error": {"message": "cannot serve the key %s, sent as %q", "code": %q}}`, key, r.Header.Get("Authorization"), key)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/models") {
		fmt.Fprint(w, `{"data": []}`)
		return
	}
	var request struct {
		Model    string          `json:"model"`
		Messages json.RawMessage `json:"messages"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	sum := sha256.Sum256(append([]byte(request.Model), request.Messages...))
	mark := hex.EncodeToString(sum[:8])
	s.mu.Lock()
	s.asked[mark]++
	first := s.asked[mark] == 1
	s.mu.Unlock()
	if s.before != nil && s.before(w, r) {
		return
	}
	if s.faulty && first && s.fail(w, r, sum[9]%12) {
		return
	}
	completion := completionOf(mark, sum, s.faulty, s.tokens(request.Model, len(request.Messages)))
	if s.echo == inReplies {
		completion = withKey(completion, mark, key, int(sum[12]))
	}
	io.WriteString(w, completion)
}

// tokens is how many of a prompt of so many bytes a model reads.
func (s *scriptedLLM) tokens(model string, size int) int {
	if s.context == nil {
		return 1000
	}
	if most := s.context[model]; most > 0 && size/4 > most {
		return most/2 + 2
	}
	return size / 4
}

// forget makes the server fail again where it has failed before.
func (s *scriptedLLM) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.asked)
}

// requests returns how often each conversation was sent so far, by mark.
func (s *scriptedLLM) requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.asked)
}

// fail makes a request fail in one of several ways, or not.
func (s *scriptedLLM) fail(w http.ResponseWriter, r *http.Request, way byte) bool {
	w.Header().Set("Retry-After-Ms", "5")
	switch way {
	case 0, 1:
		w.Header().Set("Retry-After", "0.005")
		http.Error(w, `{"error": {"message": "slow down", "type": "rate_limit"}}`, http.StatusTooManyRequests)
	case 2, 3:
		http.Error(w, `{"error": "out of memory", "code": 500}`, http.StatusInternalServerError)
	case 4:
		fmt.Fprint(w, `{"choices": [{"message": {"content": "half`)
		panic(http.ErrAbortHandler) // the connection drops
	case 5: // a stall
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	case 6:
		fmt.Fprint(w, "<html><title>502 Bad Gateway</title></html>")
	default:
		return false
	}
	return true
}

// completionOf is the reply to the conversation with that sum, of which so many tokens
// were read. It holds the mark, by which the archive's replies are told apart.
func completionOf(mark string, sum [32]byte, faulty bool, tokens int) string {
	n := binary.BigEndian.Uint32(sum[16:])
	tail := "" // for the gate to reject
	if faulty && sum[10]%4 == 0 {
		tail = ".Frobnicate()"
	}
	code := fmt.Sprintf(`package candidate

import "objective"

// Loss has mark %s.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	return x.Neg().Softplus().Add(x.Scale(%.3g).Tanh().Square().Scale(%.3g))%s
}
`, mark, 1+float64(n%97)/7, .01+float64(n%89)/300, tail)
	answer, _ := json.Marshal(map[string]string{"thought": "Tries mark " + mark + ".", "name": "scripted_" + mark[:4], "code": code})
	text, finish := string(answer), "stop"
	switch {
	case !faulty:
	case sum[11]%8 == 0:
		text, finish = text[:len(text)/2], "length"
	case sum[11]%8 == 1:
		text = "I would rather talk about mark " + mark + "."
	}
	data, _ := json.Marshal(map[string]any{
		"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}, "finish_reason": finish}},
		"usage":   map[string]any{"prompt_tokens": tokens, "completion_tokens": 100},
	})
	return string(data)
}

// withKey puts the key behind the mark, in one of several spellings that a reader of
// the answer takes for it.
func withKey(completion, mark, key string, way int) string {
	const place = "@@@"
	completion = strings.ReplaceAll(completion, "mark "+mark, "mark "+mark+" for "+place)
	spelled := ""
	for i, c := range key {
		switch quoted, _ := json.Marshal(string(c)); {
		case way%3 == 1, way%3 == 2 && (i%2 == 0 || c == '"' || c == '\\'):
			spelled += fmt.Sprintf(`\u%04x`, c)
		case c == '/':
			spelled += `\/`
		default:
			spelled += string(quoted[1 : len(quoted)-1])
		}
	}
	inside, _ := json.Marshal(spelled) // the answer is a string of the completion
	return strings.ReplaceAll(completion, place, string(inside[1:len(inside)-1]))
}

var markForm = regexp.MustCompile(`mark ([0-9a-f]{16})`)
