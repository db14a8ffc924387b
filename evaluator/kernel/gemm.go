package kernel

import "fmt"

// Gemm computes C = A·B for A m×k of any strides, B k×n and C m×n of contiguous
// rows. C must not overlap A or B. Each element of C is one chain of fused
// multiply-adds over k in ascending order, starting at 0.
func Gemm(c, a, b Matrix) {
	checkGemm(c, a, b)
	active().gemm(c, a, b, nil, 0)
}

// GemmAdd computes C += A·B. Operands are as in Gemm; the chain starts at the
// old value of C.
func GemmAdd(c, a, b Matrix) {
	checkGemm(c, a, b)
	active().gemm(c, a, b, c.Data, c.RowStride)
}

// GemmBias computes C = 1·biasᵀ + A·B, where bias has one value per column of C.
// Operands are as in Gemm; the chain starts at the bias.
func GemmBias(c, a, b Matrix, bias []float32) {
	checkGemm(c, a, b)
	checkLen("bias", bias, c.Cols)
	active().gemm(c, a, b, bias, 0)
}

// checkGemm panics unless the shapes agree and lie inside their data.
func checkGemm(c, a, b Matrix) {
	a.check("a")
	b.checkRows("b")
	c.checkShape("c", a.Rows, b.Cols)
	if a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: a is %d×%d but b is %d×%d", a.Rows, a.Cols, b.Rows, b.Cols))
	}
}
