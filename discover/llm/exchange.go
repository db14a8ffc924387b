package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a server's reply, in bytes.
const maxBody = 4 << 20

// exchange sends the request, reads the reply and judges it.
func (c *conversation) exchange(ctx context.Context) (completion, *Error) {
	req := c.req.Clone(ctx)
	req.Body = io.NopCloser(bytes.NewReader(c.body))
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return completion{}, c.network(ctx, err)
	}
	defer resp.Body.Close()
	c.answered.Store(true)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		if reply, bad := decodeReply(body); bad == nil && resp.StatusCode/100 == 2 && reply.finish != "" && !reply.empty() && !present(reply.fault) {
			return reply, nil // all of it is there
		}
		e := c.network(ctx, err)
		e.spoilt, e.size = resp.StatusCode/100 == 2 && context.Cause(ctx) == nil, len(body)
		return completion{}, e
	case len(body) > maxBody:
		e := fail(ServerFault, resp.StatusCode, "the reply is larger than 4 MiB")
		e.oversize = resp.StatusCode/100 == 2
		return completion{}, e
	case resp.StatusCode/100 != 2:
		return completion{}, c.refused(resp, body)
	}
	return c.judge(body)
}

// refused is the error of a reply with a status other than 200.
func (c *conversation) refused(resp *http.Response, body []byte) *Error {
	complaint := complain(body)
	if location := resp.Header.Get("Location"); resp.StatusCode < 400 && location != "" {
		complaint.message = "the address redirects to " + location
	}
	if complaint.message == "" {
		complaint.message = http.StatusText(resp.StatusCode)
	}
	e := classify(resp.StatusCode, complaint)
	if e.retry {
		e.wait = retryAfter(resp.Header, time.Now())
	}
	return e
}

// tolerance is how many tries are given to a failure that is probably not a
// passing one.
const tolerance = 3

// tolerate counts such a failure and reports whether to try again.
func (c *conversation) tolerate() bool {
	c.odd++
	return c.odd < tolerance
}

// unusable is the error of a reply that was paid for and says nothing.
func (c *conversation) unusable(reason string, size int) *Error {
	e := fail(ServerFault, http.StatusOK, reason)
	e.retry, e.counted, e.spoilt, e.size = c.tolerate(), true, true, size
	return e
}

// judge reads a reply with status 200.
func (c *conversation) judge(body []byte) (completion, *Error) {
	reply, err := decodeReply(body)
	if err != nil {
		if complaint := complain(body); complaint.html {
			e := fail(NotAnAPI, http.StatusOK, "the server answered with "+complaint.message)
			e.retry, e.counted = c.tolerate(), true
			return completion{}, e
		}
		return completion{}, c.unusable("the reply is not a chat completion: "+err.Error(), len(body))
	}
	if present(reply.fault) {
		if complaint := complain(reply.fault); complaint.message+complaint.code != "" {
			return completion{}, classify(faultStatus(reply.fault), complaint)
		}
	}
	if reply.empty() {
		if e := c.unusable("the reply is empty", 0); e.retry {
			return completion{}, e
		}
	}
	return reply, nil
}

// faultStatus is the HTTP status inside an error that came with status 200.
func faultStatus(fault json.RawMessage) int {
	var f struct{ Code, Status json.RawMessage }
	if json.Unmarshal(fault, &f) == nil {
		for _, raw := range []json.RawMessage{f.Code, f.Status} {
			if n, err := strconv.Atoi(plain(raw)); err == nil && n >= 400 && n < 600 {
				return n
			}
		}
	}
	if c := complain(fault); c.overflow() || c.wrongKey() || c.noModel() || c.noCredit() {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// network is the error of a connection that failed.
func (c *conversation) network(ctx context.Context, err error) *Error {
	var operation *net.OpError
	var dns *net.DNSError
	text := err.Error()
	switch {
	case context.Cause(ctx) == errLate:
		return fail(Timeout, 0, "no reply within "+c.gate.timeout.String())
	case strings.Contains(text, "certificate"):
		return fail(Unreachable, 0, text)
	case strings.Contains(text, "HTTP response to HTTPS client"), strings.Contains(text, "first record does not look like a TLS handshake"):
		e := fail(Unreachable, 0, text)
		e.Hint = "the server speaks http, not https: change OPENAI_BASE_URL"
		return e
	case errors.As(err, &dns), errors.As(err, &operation) && operation.Op == "dial":
		return c.broken(Unreachable, text)
	case isTimeout(err):
		return fail(Timeout, 0, "no reply: "+text)
	}
	return c.broken(ServerFault, "the connection broke: "+text)
}

// broken is the error of a connection that is not there. A server that was there
// before is waited for; else it is a wrong address: do not keep the user waiting.
func (c *conversation) broken(kind Kind, text string) *Error {
	e := fail(kind, 0, text)
	if e.retry = true; !c.answered.Load() {
		e.retry, e.counted = c.tolerate(), true
	}
	return e
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// longest is as far as a server's word on when to come back is believed.
const longest = 24 * time.Hour

// retryAfter returns the wait that a reply asks for, 0 if it asks for none:
// Retry-After in seconds or as a date (RFC 9110 §10.2.3), or retry-after-ms. The clock
// of the date is that of the reply's own Date, which now replaces if there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return time.Duration(min(ms*float64(time.Millisecond), float64(longest)))
	}
	value := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(value, 64); err == nil {
		if !(s > 0) {
			return 0
		}
		return time.Duration(min(s*float64(time.Second), float64(longest)))
	}
	if date, err := http.ParseTime(value); err == nil {
		if sent, err := http.ParseTime(h.Get("Date")); err == nil {
			now = sent
		}
		return min(max(date.Sub(now), 0), longest)
	}
	return 0
}
