package llm

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is the server that is asked if none is named.
const DefaultBaseURL = "https://api.openai.com/v1"

// Config says which server to ask and how patiently.
type Config struct {
	BaseURL     string        // address before /chat/completions; "": DefaultBaseURL
	Key         Secret        // "": none is sent
	Timeout     time.Duration // of one try, without what the server lets it wait for others; 0: 5 minutes
	Patience    time.Duration // with a server that fails or cannot be reached but could before; 0: 30 minutes
	Grace       time.Duration // for a reply that is in flight when the call's context ends; 0: 5 seconds
	Concurrency int           // requests at once; 0: 8
	PerMinute   int           // requests per minute, repeated ones included; 0: no limit
	Budget      *Budget       // nil: no limit
	Notify      func(Wait)    // told before a request is repeated; may be nil; called concurrently

	// Begin is told of a call before it is made, with the most that it may come to if
	// the server keeps to the length of replies; End of one that brings no Reply. They
	// may be nil and are called concurrently; their errors end the call.
	Begin func(most Usage) error
	End   func() error

	// Lost keeps what was spent on replies that did not arrive or cannot be used,
	// which no Reply tells of. It may be nil and is called concurrently; its error
	// ends the call.
	Lost func(Usage) error

	Transport http.RoundTripper // nil: HTTP with the proxy of the environment
}

func (c *Config) setDefaults() {
	if c.Timeout <= 0 {
		c.Timeout = 5 * time.Minute
	}
	if c.Patience <= 0 {
		c.Patience = 30 * time.Minute
	}
	if c.Grace <= 0 {
		c.Grace = 5 * time.Second
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 8
	}
	if c.Budget == nil {
		c.Budget = NewBudget(Limits{}, Prices{}, Usage{})
	}
	if c.Notify == nil {
		c.Notify = func(Wait) {}
	}
	if c.Begin == nil {
		c.Begin = func(Usage) error { return nil }
	}
	if c.End == nil {
		c.End = func() error { return nil }
	}
	if c.Lost == nil {
		c.Lost = func(Usage) error { return nil }
	}
	if c.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxResponseHeaderBytes = 256 << 10
		c.Transport = t
	}
}

func parseBase(text string) (*url.URL, error) {
	if text == "" {
		text = DefaultBaseURL
	}
	base, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("base_url is not a URL: write it as http://host:port/v1") // err quotes it, with its credentials
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("base_url %q: write it as http://host:port/v1 or https://host/v1", base.Redacted())
	}
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), "/chat/completions")
	base.RawPath = ""
	return base, nil
}
