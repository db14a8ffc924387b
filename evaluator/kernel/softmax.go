package kernel

// LogSoftmax stores the log-softmax of every row of src in dst, nats. If lse is
// not nil, lse[i] is the log-sum-exp of row i. Both matrices have contiguous
// rows; dst may be src. A row with NaN or +Inf, or of −Inf only, becomes NaN.
func LogSoftmax(dst, src Matrix, lse []float32) {
	src.checkRows("src")
	dst.checkShape("dst", src.Rows, src.Cols)
	if lse != nil {
		checkLen("lse", lse, src.Rows)
	}
	active().logSoftmax(dst, src, lse)
}

// SoftmaxBackward turns derivatives by log-probabilities into derivatives by
// logits: d(i, j) −= weight[i]·exp(logp(i, j)), where weight[i] must be the sum
// of row i of d. Both matrices have contiguous rows.
func SoftmaxBackward(d, logp Matrix, weight []float32) {
	d.checkRows("d")
	logp.checkShape("logp", d.Rows, d.Cols)
	checkLen("weight", weight, d.Rows)
	active().softmaxBackward(d, logp, weight)
}
