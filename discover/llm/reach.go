package llm

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// reachTime bounds the look at a server before a search.
const reachTime = 20 * time.Second

// Reach asks the server for its models, which costs nothing, and returns the
// *Error that every call would end with: the server cannot be reached, or does
// not accept the key. Anything else that it answers is no reason not to try,
// since not every server has a list of models.
func Reach(ctx context.Context, c Config) error {
	base, err := parseBase(c.BaseURL)
	if err != nil {
		return err
	}
	c.setDefaults()
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("models").String(), nil)
	if err != nil {
		return err
	}
	key := strings.TrimSpace(string(c.Key))
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	scrub := newScrubber(Secret(key), base)
	resp, err := c.Transport.RoundTrip(req)
	if err != nil {
		if cause := context.Cause(ctx); ctx.Err() == context.Canceled {
			return cause
		}
		return fail(Unreachable, 0, scrub.line(err.Error()))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil
	}
	return fail(WrongKey, resp.StatusCode, scrub.line(complain(body).message))
}
