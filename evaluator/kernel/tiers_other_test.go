//go:build !amd64 || purego

package kernel

import "testing"

// eachTier runs a test with every tier of this machine in turn.
func eachTier(t *testing.T, test func(t *testing.T)) { t.Run(Tier(), test) }
