package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"
)

// reachTime bounds the look at a server before a search.
const reachTime = 20 * time.Second

// Reach asks the server for its models, which costs nothing, and returns the
// *Error that every call would end with: the server cannot be reached, does not
// accept the key, does not have one of the models, or is none for models. Anything else
// that comes of it is no reason not to try.
//
// No list is sure to be complete: servers know models by more names than they list. A
// model that is missing is asked for a word, which costs some tokens; if that
// does not fail because of its name, doubts say that it is not listed. Where there is no
// list, at an address that lacks its /v1 for one, or none that the key may see, all
// models are asked. These calls count like any other, as lost ones.
func Reach(ctx context.Context, c Config, models ...string) (doubts []string, err error) {
	base, err := parseBase(c.BaseURL)
	if err != nil {
		return nil, err
	}
	c.setDefaults()
	inner, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	listed, hidden, err := list(inner, c, base)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil || len(listed) == 0 && !hidden {
		return nil, err
	}
	for _, model := range models {
		if slices.Contains(listed, model) {
			continue
		}
		near := nearest(listed, model)
		if err := probe(inner, c, model); err != nil {
			if e, ok := errors.AsType[*Error](err); ok && e.Kind == UnknownModel && !hidden {
				e.Hint = fmt.Sprintf("name a model that the server lists with --model, for example %s (of %d)", near, len(listed))
			}
			return nil, err
		}
		if !hidden {
			doubts = append(doubts, fmt.Sprintf("the server does not list the model %q, but %s; it is asked for all the same", model, near))
		}
	}
	return doubts, nil
}

// list returns the names of the server's models, none if it does not tell. hidden says
// that it has no list, or one which the key may not see.
func list(ctx context.Context, c Config, base *url.URL) (names []string, hidden bool, err error) {
	connected := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("models").String(), nil)
	if err != nil {
		return nil, false, err
	}
	key := strings.TrimSpace(string(c.Key))
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	scrub := newScrubber(Secret(key), base)
	resp, err := c.Transport.RoundTrip(req)
	switch {
	case err != nil && connected: // something is there: a chat with it may go better
		return nil, false, nil
	case err != nil:
		return nil, false, fail(Unreachable, 0, scrub.line(err.Error()))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil, false, nil
	}
	complaint := complain(body)
	switch {
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusOK && complaint.html:
		return nil, true, nil
	case resp.StatusCode == http.StatusOK:
		return modelNames(body, scrub), false, nil
	case resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusUnauthorized && complaint.has("scope"):
		return nil, true, nil
	case resp.StatusCode == http.StatusUnauthorized:
		return nil, false, fail(WrongKey, resp.StatusCode, scrub.line(complaint.message))
	}
	return nil, false, nil
}

// modelNames reads a list of models.
func modelNames(body []byte, scrub *scrubber) []string {
	var list struct {
		Data []struct {
			ID json.RawMessage `json:"id"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &list) != nil {
		return nil
	}
	var names []string
	for _, m := range list.Data {
		if name := scrub.line(plain(m.ID)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// probe asks a model for a word. The error says that there is no such model, that the
// key is wrong or that nothing there takes chats, or is one of keeping count; any other
// will show in the search.
func probe(ctx context.Context, c Config, model string) error {
	c.Notify, c.Patience, c.Grace = nil, 1, 1
	client, err := New(c)
	if err != nil {
		return nil
	}
	reply, err := client.Complete(ctx, Call{Model: model, Messages: []Message{{Role: "user", Content: "Say ok."}}, MaxOutput: 16})
	switch e, ok := errors.AsType[*Error](err); {
	case err == nil:
		return errors.Join(c.Lost(reply.Usage), c.End())
	case ok && (e.Kind == UnknownModel || e.Kind == WrongKey || e.Kind == NotAnAPI):
		return e
	}
	return nil
}

// nearest returns the names that are most like a name, at most five, in words.
func nearest(names []string, name string) string {
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return unlike(a, name) - unlike(b, name) })
	more := ""
	if len(names) > 5 {
		names, more = names[:5], " and others"
	}
	return strings.Join(names, ", ") + more
}

// unlike grows with what is different in two names; an equal beginning counts most.
func unlike(a, b string) int {
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return edits(a, b) - 2*same
}

// edits is the number of bytes to insert, delete or replace to make b of a.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
