package kernel

// Dot returns the sum of a[i]·b[i]. Products are exact and summed in float64.
func Dot(a, b []float32) float64 {
	checkLen("b", b, len(a))
	return active().dot(a, b)
}

// SumSquares returns the sum of x[i]², summed in float64. The squares of finite
// values cannot overflow, so the result is finite exactly if every x[i] is.
func SumSquares(x []float32) float64 { return active().dot(x, x) }

// RowDots stores in dst[i] the sum over j of a(i, j)·b(i, j). Both have
// contiguous rows and the same shape.
func RowDots(dst []float32, a, b Matrix) {
	a.checkRows("a")
	b.checkShape("b", a.Rows, a.Cols)
	checkLen("dst", dst, a.Rows)
	active().rowDots(dst, a, b)
}

// AddColumnSums adds to dst[j] the elements of column j of src, which has contiguous
// rows, in ascending order of rows.
func AddColumnSums(dst []float32, src Matrix) {
	src.checkRows("src")
	checkLen("dst", dst, src.Cols)
	active().gemm(Dense(1, src.Cols, dst), Matrix{Rows: 1, Cols: src.Rows, Data: ones[:]}, src, dst, 0)
}

// ones is a row of any number of ones, with strides 0.
var ones = [1]float32{1}
