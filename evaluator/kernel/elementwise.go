package kernel

// Exp stores e to the power src[i] in dst[i]: +Inf above 88.72, subnormal and
// then 0 below −87.34, NaN for NaN. dst may be src.
func Exp(dst, src []float32) {
	checkLen("dst", dst, len(src))
	active().exp(dst, src)
}

// Log stores the natural logarithm of src[i] in dst[i]: −Inf for ±0, NaN below 0
// and for NaN. dst may be src.
func Log(dst, src []float32) {
	checkLen("dst", dst, len(src))
	active().log(dst, src)
}

// Tanh stores the hyperbolic tangent of src[i] in dst[i]. It is odd, keeps −0,
// is exactly ±1 for large arguments and NaN for NaN. dst may be src.
func Tanh(dst, src []float32) {
	checkLen("dst", dst, len(src))
	active().tanh(dst, src)
}

// TanhBackward multiplies d[i], a derivative by h[i] = tanh(x[i]), by 1 − h[i]²:
// it becomes the derivative by x[i].
func TanhBackward(d, h []float32) {
	checkLen("h", h, len(d))
	active().tanhBackward(d, h)
}

// Add stores a[i] + b[i] in dst[i]. dst may be a or b.
func Add(dst, a, b []float32) {
	checkLen("a", a, len(dst))
	checkLen("b", b, len(dst))
	active().add(dst, a, b)
}

// Sub stores a[i] − b[i] in dst[i]. dst may be a or b.
func Sub(dst, a, b []float32) {
	checkLen("a", a, len(dst))
	checkLen("b", b, len(dst))
	active().sub(dst, a, b)
}

// Axpy adds alpha·x[i] to y[i].
func Axpy(y []float32, alpha float32, x []float32) {
	checkLen("x", x, len(y))
	active().axpy(y, alpha, x)
}

// Scale multiplies x[i] by alpha.
func Scale(x []float32, alpha float32) { active().scale(x, alpha) }
