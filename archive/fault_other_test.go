//go:build !linux

package archive

import (
	"errors"
	"time"
)

func limitFiles(uint64) error { return errors.ErrUnsupported }

func processTime() time.Duration { return 0 }
