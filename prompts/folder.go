package prompts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Bounds of a folder of templates, in bytes: its texts are kept with a run.
const (
	maxTemplate = 64 << 10
	maxFolder   = 256 << 10
)

// ReadFolder returns the templates of a user's folder, by file name. What Load
// would not take is no error here, but for what is too large to be kept.
func ReadFolder(dir string) (map[string]string, error) {
	texts, err := readFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("prompts folder %q: %w", dir, err)
	}
	return texts, nil
}

func readFolder(dir string) (map[string]string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("it is a file")
	}
	return read(os.DirFS(dir), ".")
}

// read returns the templates in a folder of files, by file name.
func read(files fs.FS, dir string) (map[string]string, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	texts, total := map[string]string{}, 0
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".tmpl" {
			continue
		}
		text, err := readTemplate(files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if total += len(text); total > maxFolder {
			return nil, fmt.Errorf("its templates are larger than %d bytes together", maxFolder)
		}
		texts[e.Name()] = text
	}
	return texts, nil
}

// readTemplate returns a text, unless it is too large.
func readTemplate(files fs.FS, name string) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err == nil && len(data) > maxTemplate {
		err = fmt.Errorf("%q is larger than %d bytes", name, maxTemplate)
	}
	return string(data), err
}
