// Command asm generates the SIMD kernels of package kernel, one tier a run:
//
//	go run . -tier avx2 -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg kernel
//
// It is a module of its own so that the program itself does not depend on avo.
// Both tiers come from the same code, parametrised by the lanes of a vector;
// what is summed across lanes is summed in blocks of 16 lanes on either, so that
// the tiers agree bit for bit.
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	name := flag.String("tier", "avx2", "instruction set: avx2 or avx512")
	flag.Parse()
	t, ok := tiers[*name]
	if !ok {
		fmt.Fprintf(os.Stderr, "asm: -tier is %q, want avx2 or avx512\n", *name)
		os.Exit(2)
	}
	ConstraintExpr("!purego")
	t.elementwise()
	t.rows()
	t.scatterAdd()
	t.reductions()
	t.gemm()
	t.spin()
	Generate()
}
