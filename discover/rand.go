package discover

import (
	"hash/fnv"
	"math/rand/v2"
)

// stream returns the random numbers of one purpose for one candidate. Nothing
// else may decide what a candidate draws, so that the number of workers and a
// kill in between do not change it.
func stream(seed uint64, candidate int, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed^h.Sum64(), uint64(candidate)))
}
