package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/objdisco/discover/prompts"
)

// readTemplates takes in the user's templates from their folder.
func (s *settings) readTemplates() (err error) {
	s.Templates = nil
	if s.Config.Prompts != "" {
		s.Templates, err = prompts.ReadFolder(s.Config.Prompts)
	}
	return err
}

// keepTemplates reads the user's templates for a run of a version that did not keep
// them.
func (s *settings) keepTemplates() error {
	if s.Templates != nil {
		return nil
	}
	return s.readTemplates()
}

// noteTemplates says so, and what follows, if the folder no longer has the templates
// that are kept.
func (a *app) noteTemplates(s settings, what string) {
	now := settings{Config: s.Config}
	err := now.readTemplates()
	switch {
	case err != nil:
		a.note("discover: %v: %s", err, what)
	case !maps.Equal(now.Templates, s.Templates):
		a.note("discover: prompts folder %q has other templates now: %s", s.Config.Prompts, what)
	}
}

// promptSet returns the templates of a run.
func (s *settings) promptSet() (*prompts.Set, error) {
	set, err := prompts.Load(s.Templates)
	if err != nil {
		return nil, fmt.Errorf("prompts folder %q: %w", s.Config.Prompts, err)
	}
	return set, nil
}

// hash identifies what decides results: the configuration, and the texts of the
// user's templates rather than where they were.
func (s *settings) hash() string {
	config := s.Config
	config.Prompts = ""
	if len(s.Templates) == 0 {
		return config.Hash()
	}
	texts, err := json.Marshal(s.Templates)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(append([]byte(config.Hash()), texts...))
	return hex.EncodeToString(sum[:])
}
