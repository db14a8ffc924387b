package kernel

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns a function that gives slices which end where an inaccessible
// page begins: reading or writing one element too far kills the test.
func guarded(t *testing.T) func(n int) []float32 {
	return func(n int) []float32 {
		page := syscall.Getpagesize()
		size := (4*n + page - 1) / page * page
		memory, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Munmap(memory) })
		if err := syscall.Mprotect(memory[size:], syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return nil
		}
		return unsafe.Slice((*float32)(unsafe.Pointer(&memory[size-4*n])), n)
	}
}

func TestNothingBeyondTheOperandsIsTouched(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for n := 1; n < 75; n++ {
			for _, call := range calls(7, n, guarded(t), rowsOf(7)) {
				call()
			}
		}
	})
}
