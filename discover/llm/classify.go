package llm

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// complaint is a server's error body, in whatever form it came.
type complaint struct {
	message string
	code    string // code or type
	param   string
	html    bool
}

var htmlTitle = pattern(`(?is)<title[^>]*>(.*?)</title>`)

// complain reads an error body: {"error": {…}} or {"error": "…"}, the forms of
// FastAPI and of older servers, a list of one of them, HTML or plain text.
func complain(body []byte) complaint { return complainIn(body, 0) }

// maxNested bounds how deep an error is looked for, so that reading it takes linear
// time.
const maxNested = 8

// complainIn is complain for a body inside of so many others.
func complainIn(body []byte, depth int) complaint {
	body = bytes.TrimSpace(body)
	if data, ok := bytes.CutPrefix(body, []byte("data:")); ok {
		body = bytes.TrimSpace(data)
	}
	if bytes.HasPrefix(body, []byte("[")) && depth < maxNested {
		var list []json.RawMessage
		if json.Unmarshal(body, &list) == nil && len(list) > 0 {
			return complainIn(list[0], depth+1)
		}
	}
	if bytes.HasPrefix(body, []byte("<")) {
		c := complaint{message: "a web page", html: true}
		if m := htmlTitle().FindSubmatch(body); m != nil {
			c.message += " titled " + strings.TrimSpace(string(m[1]))
		}
		return c
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return complaint{message: string(body)}
	}
	return complainObject(object, depth)
}

func complainObject(object map[string]json.RawMessage, depth int) complaint {
	var inner map[string]json.RawMessage
	if depth < maxNested && json.Unmarshal(object["error"], &inner) == nil && inner != nil {
		return complainObject(inner, depth+1)
	}
	c := complaint{param: plain(object["param"])}
	for _, key := range []string{"message", "error", "detail", "error_description", "msg"} {
		if c.message = plain(object[key]); c.message != "" {
			break
		}
		// FastAPI: {"detail": [{"msg": …}]}
		if present(object[key]) {
			c.message = string(object[key])
			break
		}
	}
	for _, key := range []string{"code", "type", "status"} {
		c.code = strings.TrimSpace(c.code + " " + plain(object[key]))
	}
	return c
}

// has reports whether the message or the code contains any of the words, which
// are in lower case.
func (c complaint) has(words ...string) bool {
	text := strings.ToLower(c.message + " " + c.code)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// The words of servers, by what they complain of.
var (
	overflowWords = []string{
		"context_length_exceeded", "exceed_context_size", "context length", "context size", "context window", "context limit",
		"maximum context", "maximum prompt length", "maximum model length", "model token limit", "context the overflows",
		"prompt is too long", "prompt too long", "input is too long", "too many tokens", "range of input length",
		"exceeds the maximum number of tokens", "reduce the length", "must have less than", "`max_new_tokens` must be",
		"request too large",
	}
	keyWords   = []string{"api key", "api-key", "apikey"}
	wrongWords = []string{"invalid", "incorrect", "not valid", "missing", "expired"} // of a key

	noModelWords = []string{
		"model_not_found", "model_not_available", "deploymentnotfound", "no models loaded", "not a valid model", "no endpoints found",
	}
	missingWords = []string{ // of a model
		"not found", "not_found_error", "does not exist", "not exist", "unknown model", "invalid model", "no such model",
		"does not have access",
	}
	noCreditWords = []string{
		"insufficient_quota", "billing_hard_limit", "credit balance", "insufficient balance", "insufficient credits",
		"all available credits", "arrearage",
	}
)

func (c complaint) overflow() bool { return c.has(overflowWords...) }

func (c complaint) wrongKey() bool {
	return c.has("invalid_api_key") || c.has(keyWords...) && c.has(wrongWords...)
}

func (c complaint) noModel() bool {
	return c.has(noModelWords...) || c.parameter() == "" && c.has("model") && c.has(missingWords...)
}

func (c complaint) noCredit() bool { return c.has(noCreditWords...) }

// parameters that can be left out or sent otherwise, and the words by which
// servers complain of them.
var parameters = []struct {
	name  string
	words []string
}{
	{"max_tokens", []string{"max_tokens"}},
	{"max_completion_tokens", []string{"max_completion_tokens"}},
	{"temperature", []string{"temperature"}},
	{"system", []string{"system role", "system message", "role 'system'", "role \"system\"", "role: system"}},
	{"response_format", []string{"response_format", "json_schema", "json schema", "structured output", "grammar", "guided"}},
}

// parameter returns the parameter that the server does not take, "" if it does
// not name one. Of several the first is meant: "'max_tokens' is not supported,
// use 'max_completion_tokens'".
func (c complaint) parameter() string {
	text := strings.ToLower(c.message)
	found, at := "", len(text)
	for _, p := range parameters {
		if c.param == p.name || strings.HasPrefix(c.param, p.name+".") {
			return p.name
		}
		for _, w := range p.words {
			if i := strings.Index(text, w); i >= 0 && i < at {
				found, at = p.name, i
			}
		}
	}
	return found
}

// classify turns a reply that is not a success into an error. The message is not
// yet scrubbed.
func classify(status int, c complaint) *Error {
	e := fail(kindOf(status, c), status, c.message)
	switch e.Kind {
	case ServerFault:
		if e.parameter = c.parameter(); e.parameter != "response_format" {
			e.parameter, e.retry = "", status != http.StatusNotImplemented
		}
	case RateLimited:
		e.retry = true
	case Refused, ContextOverflow:
		e.parameter = c.parameter()
		e.filtered = c.has("content_filter", "content management policy", "content_policy")
	}
	return e
}

func kindOf(status int, c complaint) Kind {
	switch {
	case status == http.StatusUnauthorized, c.wrongKey() && status < 500:
		return WrongKey
	case status == http.StatusPaymentRequired, c.noCredit():
		return NoCredit
	case status == http.StatusTooManyRequests && c.has("request too large", "must be reduced"):
		return ContextOverflow // larger than the rate limit: it will never pass
	case status != http.StatusTooManyRequests && c.overflow(), status == http.StatusRequestEntityTooLarge:
		return ContextOverflow
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusConflict, status == http.StatusTooEarly:
		return ServerFault
	case c.noModel():
		return UnknownModel
	case status == http.StatusForbidden:
		return WrongKey
	case status < 400, status == http.StatusNotFound, status == http.StatusMethodNotAllowed, c.html:
		return NotAnAPI
	}
	return Refused
}
