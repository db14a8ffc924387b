//go:build !linux

package archive

import "errors"

func limitFiles(uint64) error { return errors.ErrUnsupported }
