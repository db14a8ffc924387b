package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/discover/propose"
)

// The environment variables that name a server and the key to it.
const (
	keyVariable  = "OPENAI_API_KEY"
	baseVariable = "OPENAI_BASE_URL"
)

// chooseProposer settles which proposer a new run has, and says why when a
// person did not, and what does nothing with it.
func (a *app) chooseProposer(config *discover.Config) (string, error) {
	name, err := a.proposerOf(config)
	if idle := idleWithoutModel(*config); err == nil && len(idle) > 0 && (name == discover.ProposerEvolve || name == discover.ProposerRandom) {
		a.note("No model is asked by %s: %s %s without effect.", name, strings.Join(idle, ", "), plural(len(idle), "is", "are"))
	}
	return name, err
}

// idleWithoutModel lists the keys that were set and that only a search with a model
// reads.
func idleWithoutModel(config discover.Config) []string {
	var idle []string
	for _, key := range []struct {
		name string
		set  bool
	}{
		{"model", len(config.Model) > 0}, {"max_calls", config.MaxCalls > 0},
		{"max_tokens", config.MaxTokens > 0}, {"max_usd", config.MaxUSD > 0},
	} {
		if key.set {
			idle = append(idle, key.name)
		}
	}
	return idle
}

func (a *app) proposerOf(config *discover.Config) (string, error) {
	if config.BaseURL == "" {
		config.BaseURL = os.Getenv(baseVariable)
	}
	if err := noCredentials(config.BaseURL); err != nil {
		return "", usageError{err}
	}
	keyed := os.Getenv(keyVariable) != "" || config.BaseURL != ""
	switch {
	case config.Proposer == discover.ProposerAuto && !keyed:
		a.note("No %s: searching with the built-in evolution. To ask a model, set it (or %s for a server without keys) and name the model with --model.", keyVariable, baseVariable)
		return discover.ProposerEvolve, nil
	case config.Proposer == discover.ProposerLLM && !keyed:
		return "", usagef("--proposer llm needs %s, or %s for a server without keys", keyVariable, baseVariable)
	case config.Proposer == discover.ProposerAuto, config.Proposer == discover.ProposerLLM:
		if len(config.Model) == 0 {
			return "", usagef("--model is missing: name the model to ask, or use --proposer evolve")
		}
		return discover.ProposerLLM, nil
	}
	return config.Proposer, nil
}

// moveServer has a run that goes on ask the server that the environment names, unless
// its configuration has just been given another. Without either it is the server of
// the archive, which may come from a stranger: that one gets no key unasked.
func moveServer(proposer, before string, config *discover.Config) error {
	named := os.Getenv(baseVariable)
	if proposer == discover.ProposerLLM && config.BaseURL == before {
		if named == "" && os.Getenv(keyVariable) != "" && !keepsKey(before) {
			return fmt.Errorf("the run asks %s, which would be sent the key of %s: if it shall be, set %s to that address, else unset the key",
				before, keyVariable, baseVariable)
		}
		config.BaseURL = cmp.Or(named, before)
	}
	return noCredentials(config.BaseURL)
}

// noteServer says so if a run has come to ask another server than before.
func (a *app) noteServer(before, now string) {
	if now != before {
		a.note("The run asks %s from now on, and no longer %s.", cmp.Or(now, "OpenAI"), cmp.Or(before, "OpenAI"))
	}
}

// keepsKey reports whether a key that is sent to base stays with OpenAI or on this
// machine.
func keepsKey(base string) bool {
	if base == "" {
		return true
	}
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	host, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && host.IsLoopback() || u.Scheme == "https" && u.Hostname() == "api.openai.com"
}

// noCredentials refuses an address with a password or a query in it, since the
// archive keeps the address.
func noCredentials(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("%s: write it as http://host:port/v1, without user name, password or query; the key goes into %s", baseVariable, keyVariable)
	}
	return nil
}

// waiting returns what tells a person why nothing happens. What several calls wait
// for is said once.
func (a *app) waiting() func(llm.Wait) {
	var mu sync.Mutex
	last := ""
	return func(w llm.Wait) {
		mu.Lock()
		defer mu.Unlock()
		if text := waitLine(w); text != last {
			last = text
			a.note("%s", text)
		}
	}
}

func waitLine(w llm.Wait) string {
	most := ""
	if w.AtMost {
		most = "at most "
	}
	text := fmt.Sprintf("waiting %s%s for the model: %s", most, w.For.Round(time.Second), printable(w.Reason))
	if w.Failing >= time.Minute {
		text += fmt.Sprintf(" (for %s so far, at most %s)", w.Failing.Round(time.Second), w.Patience)
	}
	return text
}

// overflowed tells a person that a prompt was too long for a model, and what to do.
func (a *app) overflowed(o propose.Overflow) {
	what := fmt.Sprintf("The prompt, of about %d tokens, is too long for the context of %s", o.Estimate, printable(o.Model))
	switch {
	case o.Read > 0 && o.Read >= o.Estimate:
		what = fmt.Sprintf("However long a prompt for %s is, its server counts %d tokens and reads no more, without an error", printable(o.Model), o.Read)
	case o.Read > 0:
		what = fmt.Sprintf("%s was sent a prompt of at least about %d tokens, and its server read %d of them without an error", printable(o.Model), o.Estimate, o.Read)
	}
	a.note("%s: the history in it is shortened. For all of it, load the model with a larger context (Ollama: set OLLAMA_CONTEXT_LENGTH=16384 for its server), or set history_tokens lower.", what)
}

// newProposer builds a run's proposer and says what its candidates are called.
func (a *app) newProposer(name string, start settings, db *archive.Archive) (p discover.Proposer, origin string, err error) {
	switch name {
	case discover.ProposerEvolve:
		return propose.Evolve{}, name, nil
	case discover.ProposerRandom:
		return propose.Random{}, name, nil
	case discover.ProposerLLM:
		p, err = newModelProposer(start, db, a.waiting(), a.overflowed)
		return p, name, err
	case discover.ProposerReplay:
		p, err = a.newReplay(start, db)
		return p, start.Origin, err
	}
	return nil, "", fmt.Errorf("no proposer %q", name)
}
