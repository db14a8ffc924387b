//go:build !purego

package kernel

// Rows of C and terms of the sum that one call of the assembly handles, so that
// its slices of A, B and C stay in the first-level cache.
const (
	gemmRows  = 64
	gemmDepth = 128
)

// gemm computes C = init + A·B in slices of gemmDepth terms, of which each
// continues the chains of the one before. Row i of C starts at the row of init
// that begins at i*initStride; a nil init is 0.
func (t tier) gemm(c, a, b Matrix, init []float32, initStride int) {
	if t == tierGo || c.empty() || a.Cols == 0 {
		gemmGo(c, a, b, init, initStride)
		return
	}
	for p := 0; p < a.Cols; p += gemmDepth {
		depth := min(gemmDepth, a.Cols-p)
		for i := 0; i < c.Rows; i += gemmRows {
			s := slab{
				tier: t,
				m:    min(gemmRows, c.Rows-i), n: c.Cols, k: depth,
				a: a.Data[i*a.RowStride+p*a.ColStride:], aRow: a.RowStride, aColumn: a.ColStride,
				b: b.Data[p*b.RowStride:], bRow: b.RowStride,
				c: c.Data[i*c.RowStride:], cRow: c.RowStride,
			}
			if init != nil {
				s.init, s.initRow = init[i*initStride:], initStride
			}
			s.multiply()
		}
		init, initStride = c.Data, c.RowStride
	}
}

// slab is a product of m×k by k×n that is small enough for the cache.
type slab struct {
	tier
	m, n, k       int
	a             []float32
	aRow, aColumn int
	b             []float32
	bRow          int
	init          []float32
	initRow       int
	c             []float32
	cRow          int
}

// stripVectors is the width of the strip to take when so many vectors of a row
// of C are left: no strip but the only one is a single vector.
var stripVectors = [...]int{0, 1, 2, 3, 4, 3, 3, 4, 4}

// multiply cuts C into strips of columns. The last vector of the last strip
// ends with the row.
func (s *slab) multiply() {
	lanes := s.lanes()
	if s.n < lanes {
		s.strip(0, 1, s.n, true)
		return
	}
	left := (s.n + lanes - 1) / lanes
	for j := 0; left > 0; {
		vectors := 4
		if left < len(stripVectors) {
			vectors = stripVectors[left]
		}
		last := min((vectors-1)*lanes, s.n-lanes-j)
		s.strip(j, vectors, last, false)
		j += vectors * lanes
		left -= vectors
	}
}

// strip calls the assembly for the strip that begins at column j.
func (s *slab) strip(j, vectors, last int, masked bool) {
	a, b, c := &s.a[0], &s.b[j], &s.c[j]
	var init *float32
	if s.init != nil {
		init = &s.init[j]
	}
	if s.tier == tierAVX512 {
		switch {
		case masked:
			gemmMaskedAVX512(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
		case vectors == 1:
			gemm1AVX512(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
		case vectors == 2:
			gemm2AVX512(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
		case vectors == 3:
			gemm3AVX512(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
		default:
			gemm4AVX512(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
		}
		return
	}
	switch {
	case masked:
		gemmMaskedAVX2(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
	case vectors == 1:
		gemm1AVX2(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
	case vectors == 2:
		gemm2AVX2(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
	case vectors == 3:
		gemm3AVX2(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
	default:
		gemm4AVX2(s.m, s.k, a, s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, last)
	}
}
