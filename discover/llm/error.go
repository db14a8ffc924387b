package llm

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind says what went wrong with a call, coarsely enough to decide what to do.
type Kind string

// Kinds of failure. A call that fails with any of them but ContextOverflow would
// fail again right away: the search has to stop and can be resumed.
const (
	WrongKey        Kind = "wrong key"          // the server does not accept the API key
	UnknownModel    Kind = "unknown model"      // the server does not have the model, or not for this key
	ContextOverflow Kind = "context overflow"   // the prompt is too long for the model: shorten it and ask again
	Unreachable     Kind = "unreachable server" // no connection, after retries
	NotAnAPI        Kind = "not an API"         // something answers at the address, but not an OpenAI-compatible server
	NoCredit        Kind = "no credit"          // the account is empty
	RateLimited     Kind = "rate limited"       // the server asks for a longer wait than it is given
	ServerFault     Kind = "server fault"       // 5xx or damaged replies, after retries
	Timeout         Kind = "timeout"            // no reply in time, after retries
	Refused         Kind = "refused request"    // any other 4xx
	Unbounded       Kind = "unbounded replies"  // a budget of dollars or tokens, and a server that does not bound replies
	UnknownPrice    Kind = "unknown price"      // a dollar budget, and a model that the price table lacks
)

// Error is a call that gave no reply. It never contains the API key.
type Error struct {
	Kind   Kind
	Status int    // HTTP status, 0 if there was none
	Model  string // that was asked
	Reason string // what the server or the network said, one line
	Hint   string // what a person can do about it

	retry     bool // the same request may succeed later
	counted   bool // not time but a number ends such tries
	spoilt    bool // a reply of size bytes was paid for
	size      int
	oversize  bool          // the reply is too large to be read
	wait      time.Duration // that the server asked for
	parameter string        // of the request that the server does not take, as its JSON name
	filtered  bool          // a content filter refused the prompt
}

// Error says what happened, without the hint.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Model != "" {
		fmt.Fprintf(&b, "ask model %q: ", e.Model)
	}
	b.WriteString(string(e.Kind))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (status %d)", e.Status)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	return b.String()
}

// hints are what to do about each kind, where the reason does not decide.
var hints = map[Kind]string{
	WrongKey:        "set OPENAI_API_KEY to a key that this server accepts, or OPENAI_BASE_URL to the server that the key is for",
	UnknownModel:    "name a model that the server offers with --model, of resume too; GET /models on the server lists them",
	ContextOverflow: "load the model with a larger context (Ollama: set OLLAMA_CONTEXT_LENGTH, or PARAMETER num_ctx in a Modelfile), or lower history_tokens or reply_tokens (resume takes --config)",
	Unreachable:     "check that the server runs, that OPENAI_BASE_URL is right and that the network and proxy settings let this machine reach it",
	NotAnAPI:        "check OPENAI_BASE_URL: it is the address before /chat/completions and for most servers ends in /v1",
	NoCredit:        "add credit to the account, then resume the run",
	RateLimited:     "lower requests_per_minute (resume takes --config), or wait and resume the run",
	ServerFault:     "look at the server's log, or wait and resume the run",
	Timeout:         "raise request_timeout, lower reply_tokens, or use a faster model: resume takes --config and --model",
	Unbounded:       "limit the run by --max-calls or --max-time instead, with --max-usd 0 and --max-tokens 0, or use another server",
	Refused:         "look at the reason; the server may not support what this program asks for",
}

// fail makes an error with the hint of its kind.
func fail(kind Kind, status int, reason string) *Error {
	return &Error{Kind: kind, Status: status, Reason: reason, Hint: hints[kind]}
}

// Overflow is the error for a model whose server reads only part of even the
// shortest prompt.
func Overflow(model, reason string) *Error {
	e := fail(ContextOverflow, http.StatusOK, reason)
	e.Model = model
	return e
}
