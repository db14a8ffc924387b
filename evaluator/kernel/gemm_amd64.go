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

// strip is a part of the columns of C.
type strip struct {
	first   int  // column
	vectors int  // wide
	half    bool // the last vector is half a vector
	last    int  // first column of the last vector, counted from first
}

// multiply cuts C into strips of columns. The last vector of the last strip
// ends with the row.
func (s *slab) multiply() {
	lanes := s.lanes()
	if s.n < lanes {
		s.masked()
		return
	}
	for j, left := 0, (s.n+lanes-1)/lanes; left > 0; {
		p := strip{first: j, vectors: 4}
		if left < len(stripVectors) {
			p.vectors = stripVectors[left]
		}
		j += p.vectors * lanes
		left -= p.vectors
		width := lanes
		if p.half = left == 0 && s.fitsHalf(); p.half {
			width /= 2
		}
		p.last = min((p.vectors-1)*lanes, s.n-width-p.first)
		s.take(p)
	}
}

// fitsHalf reports whether the columns beyond whole vectors fit into half a vector,
// which only AVX-512 has code for: a third of what a row of 24 would cost more, an
// eighth of what one of 53 would.
func (s *slab) fitsHalf() bool {
	return s.tier == tierAVX512 && (s.n-1)%s.lanes() < s.lanes()/2
}

// begin returns where a strip starts in the initial values and in B and C.
func (s *slab) begin(column int) (init, b, c *float32) {
	if s.init != nil {
		init = &s.init[column]
	}
	return init, &s.b[column], &s.c[column]
}

// masked calls the assembly for a C that is narrower than a vector.
func (s *slab) masked() {
	init, b, c := s.begin(0)
	if s.tier == tierAVX512 {
		gemmMaskedAVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, s.n)
	} else {
		gemmMaskedAVX2(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, s.n)
	}
}

// take calls the assembly for a strip.
func (s *slab) take(p strip) {
	switch {
	case p.half:
		s.takeHalf(p)
	case s.tier == tierAVX512:
		s.takeAVX512(p)
	default:
		s.takeAVX2(p)
	}
}

func (s *slab) takeHalf(p strip) {
	init, b, c := s.begin(p.first)
	switch p.vectors {
	case 2:
		gemm2HalfAVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	case 3:
		gemm3HalfAVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	default:
		gemm4HalfAVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	}
}

func (s *slab) takeAVX512(p strip) {
	init, b, c := s.begin(p.first)
	switch p.vectors {
	case 1:
		gemm1AVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	case 2:
		gemm2AVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	case 3:
		gemm3AVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	default:
		gemm4AVX512(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	}
}

func (s *slab) takeAVX2(p strip) {
	init, b, c := s.begin(p.first)
	switch p.vectors {
	case 1:
		gemm1AVX2(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	case 2:
		gemm2AVX2(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	case 3:
		gemm3AVX2(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	default:
		gemm4AVX2(s.m, s.k, &s.a[0], s.aRow, s.aColumn, b, s.bRow, init, s.initRow, c, s.cRow, p.last)
	}
}
