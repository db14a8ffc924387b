//go:build !purego

package kernel

import (
	"os"
	"regexp"
	"testing"
)

// eachTier runs a test with every tier of this machine in turn.
func eachTier(t *testing.T, test func(t *testing.T)) {
	chosen := active
	defer func() { active = chosen }()
	for level := range chosen() + 1 {
		active = func() tier { return level }
		t.Run(Tier(), test)
	}
}

// TestTiersAgreeBitForBit holds the SIMD tiers of this machine to one another,
// and the check that admits AVX-512 to noticing another tier.
func TestTiersAgreeBitForBit(t *testing.T) {
	if detect() == tierGo {
		return // no other tier to hold to
	}
	for _, n := range []int{1, 2, 7, 9, 15, 17, 24, 30, 32, 37, 47, 48, 53, 64, 65, 100} {
		for _, special := range []bool{false, true} {
			x := sampleInput(n, special)
			want := sampleResults(tierAVX2, n, x)
			for level := tierAVX2; level <= detect(); level++ {
				for i, got := range sampleResults(level, n, x) {
					if !sameBits(got, want[i]) {
						t.Fatalf("tier %d, n = %d: result %d is %g, want %g", level, n, i, got, want[i])
					}
				}
			}
			different := false
			for i, got := range sampleResults(tierGo, n, x) {
				different = different || !sameBits(got, want[i])
			}
			if !different {
				t.Errorf("n = %d: portable and fused arithmetic agree on every sample", n)
			}
		}
	}
}

// TestAVX2UsesItsOwnRegisters guards against a generator that runs out of the 16
// registers of AVX2: the assembler would silently encode the others for AVX-512.
func TestAVX2UsesItsOwnRegisters(t *testing.T) {
	code, err := os.ReadFile("avx2_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	if bad := regexp.MustCompile(`\b([XY](1[6-9]|[23][0-9])|[ZK][0-9]+)\b`).Find(code); bad != nil {
		t.Errorf("avx2_amd64.s uses register %s", bad)
	}
}
