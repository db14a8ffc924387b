package discover

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sync"

	yaml "go.yaml.in/yaml/v4"
)

// maxConfigBytes bounds a configuration file.
const maxConfigBytes = 64 << 10

var unknownField = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^field (\S+) not found in type .*$`)
})

// decodeYAML changes c by the keys in text. Unknown and repeated keys, values of
// the wrong type and broken YAML are errors with line and column.
func decodeYAML(file string, text []byte, c *Config) error {
	if len(text) > maxConfigBytes {
		return fmt.Errorf("%s: %d bytes are too many for a configuration, the limit is %d", file, len(text), maxConfigBytes)
	}
	if empty(text) {
		return nil
	}
	err := yaml.Load(text, c, yaml.WithKnownFields())
	var where *yaml.LoadError
	if !errors.As(err, &where) {
		return err
	}
	reason := unknownField().ReplaceAllString(where.Message, `unknown key "$1"`)
	if where.Mark.Line == 0 {
		return fmt.Errorf("%s: %s", file, reason)
	}
	return fmt.Errorf("%s: line %d, column %d: %s", file, where.Mark.Line, where.Mark.Column, reason)
}

// Names reports whether the YAML text of a configuration says something of a key.
func Names(text []byte, key string) bool {
	var keys map[string]any
	if empty(text) || yaml.Load(text, &keys) != nil {
		return false
	}
	_, named := keys[key]
	return named
}

// empty reports whether text has nothing but blanks and comments, which is a
// configuration that changes nothing.
func empty(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}
