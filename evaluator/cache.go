package evaluator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// cacheMagic starts every cache file and names its layout: the magic, the
// SHA-256 of key and payload, the payload.
const cacheMagic = "discover cache 1\n"

// Cache keeps costly, reproducible results on disk, one file per key, named by
// the key's hash. A key must say everything its value depends on. Losing the
// cache costs time only: a file that is missing, damaged or unreadable is
// simply not there, and a failure to store may be ignored. It is safe for
// concurrent use by several goroutines and processes, since a file is renamed
// into place whole. The zero value is ready to use.
type Cache struct {
	Dir string // empty: the folder "discover" of os.UserCacheDir
}

// Load returns what was stored under key, if it is there and undamaged.
func (c *Cache) Load(key string) ([]byte, bool) {
	path, err := c.path(key)
	if err != nil {
		return nil, false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	sum, payload, ok := splitEntry(data)
	if !ok || sum != entrySum(key, payload) {
		return nil, false
	}
	return payload, true
}

// Store keeps payload under key, replacing what was there. After an error the
// cache is as it was.
func (c *Cache) Store(key string, payload []byte) error {
	path, err := c.path(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	sum := entrySum(key, payload)
	_, err = temp.Write(bytes.Join([][]byte{[]byte(cacheMagic), sum[:], payload}, nil))
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cache: %w", err), os.Remove(temp.Name()))
	}
	return nil
}

func (c *Cache) path(key string) (string, error) {
	dir := c.Dir
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("cache: %w", err)
		}
		dir = filepath.Join(user, "discover")
	}
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(dir, hex.EncodeToString(sum[:])), nil
}

// entrySum covers the key, so that a renamed file is not taken for another.
func entrySum(key string, payload []byte) [sha256.Size]byte {
	hash := sha256.New()
	fmt.Fprintf(hash, "%d\n%s", len(key), key)
	hash.Write(payload)
	return [sha256.Size]byte(hash.Sum(nil))
}

func splitEntry(data []byte) (sum [sha256.Size]byte, payload []byte, ok bool) {
	data, ok = bytes.CutPrefix(data, []byte(cacheMagic))
	if !ok || len(data) < sha256.Size {
		return sum, nil, false
	}
	return [sha256.Size]byte(data[:sha256.Size]), data[sha256.Size:], true
}
