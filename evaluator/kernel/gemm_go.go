package kernel

// gemmGo is the portable gemm: row i of C starts at the row of init that begins
// at i*initStride, or at 0 where init is nil.
func gemmGo(c, a, b Matrix, init []float32, initStride int) {
	for i := range c.Rows {
		row := c.Row(i)
		if init == nil {
			clear(row)
		} else {
			copy(row, init[i*initStride:])
		}
		if a.Cols > 0 {
			gemmRowGo(row, a, b, a.Data[i*a.RowStride:])
		}
	}
}

// gemmRowGo adds to row the product of one row of A, at the start of x, and B.
func gemmRowGo(row []float32, a, b Matrix, x []float32) {
	n, p := len(row), 0
	for ; p+4 <= a.Cols; p += 4 {
		x0, x1 := x[p*a.ColStride], x[(p+1)*a.ColStride]
		x2, x3 := x[(p+2)*a.ColStride], x[(p+3)*a.ColStride]
		b0, b1 := b.Data[p*b.RowStride:][:n], b.Data[(p+1)*b.RowStride:][:n]
		b2, b3 := b.Data[(p+2)*b.RowStride:][:n], b.Data[(p+3)*b.RowStride:][:n]
		for j := range row {
			y := row[j] + x0*b0[j]
			y += x1 * b1[j]
			y += x2 * b2[j]
			row[j] = y + x3*b3[j]
		}
	}
	for ; p < a.Cols; p++ {
		axpyGo(row, x[p*a.ColStride], b.Data[p*b.RowStride:][:n])
	}
}

// spinGo runs iterations of eight independent scalar multiply-adds and returns
// the floating-point operations done.
func spinGo(iterations int) float64 {
	flops := 16 * float64(iterations)
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for x := float32(0.5); iterations > 0; iterations-- {
		s0, s1, s2, s3 = s0*x+x, s1*x+x, s2*x+x, s3*x+x
		s4, s5, s6, s7 = s4*x+x, s5*x+x, s6*x+x, s7*x+x
	}
	if s0+s1+s2+s3+s4+s5+s6+s7 < 0 {
		return 0 // never; it keeps the loop alive
	}
	return flops
}
