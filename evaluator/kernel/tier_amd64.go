//go:build !purego

package kernel

import (
	"sync"

	"golang.org/x/sys/cpu"
)

// tier is an instruction set with assembly of its own.
type tier uint8

const (
	tierGo tier = iota
	tierAVX2
	tierAVX512
)

// active returns the tier that every kernel dispatches on. It is determined at
// the first call, so that a process which needs no kernel pays nothing. Only
// tests replace it.
var active = sync.OnceValue(detect)

// Tier names the instruction set that the kernels of this process use: "avx512",
// "avx2" or "go". It is chosen once, at the first use; the environment variable
// GODEBUG=cpu.avx512f=off or cpu.avx2=off turns a tier off.
func Tier() string {
	return [...]string{"go", "avx2", "avx512"}[active()]
}

// detect returns the best tier of this machine.
func detect() tier {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasBMI2:
		return tierGo
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512VL && tiersAgree():
		return tierAVX512
	}
	return tierAVX2
}

// lanes is the number of float32 values in a vector of a SIMD tier.
func (t tier) lanes() int {
	if t == tierAVX512 {
		return 16
	}
	return 8
}
