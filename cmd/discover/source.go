package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// maxSourceBytes bounds what is read of a source; the gate's own limit is lower
// and gives the better message.
const maxSourceBytes = 64 << 10

// readSource returns the text that SOURCE names: "-" is stdin, then a file, then
// a name of the catalog.
func (a *app) readSource(source string) (string, error) {
	if source == "-" {
		return readBounded(a.in)
	}
	f, err := os.Open(source)
	if errors.Is(err, fs.ErrNotExist) {
		if e, ok := catalog.Lookup(source); ok {
			return e.Source, nil
		}
		return "", fmt.Errorf("%q is neither a file nor a known objective: \"discover catalog\" lists those", source)
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", fmt.Errorf("%q is a folder, want a Go source file", source)
	}
	text, err := readBounded(f)
	if err != nil {
		return "", fmt.Errorf("read %q: %w", source, err)
	}
	return text, nil
}

// readBounded reads at most a little more than any source may have.
func readBounded(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSourceBytes))
	return string(data), err
}
