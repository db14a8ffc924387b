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
	last    int  // first column of the last vector, counted from first; with masks the number of columns
}

// multiply cuts C into strips of columns. The last vector of the last strip
// ends with the row.
func (s *slab) multiply() {
	lanes := s.lanes()
	if s.n < lanes {
		s.multiplyBy(maskedGemm[s.tier], strip{last: s.n})
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
		if p.half {
			s.multiplyBy(halfGemm[p.vectors], p)
		} else {
			s.multiplyBy(wholeGemm[s.tier][p.vectors], p)
		}
	}
}

// fitsHalf reports whether the columns beyond whole vectors fit into half a vector,
// which only AVX-512 has code for: it saves a quarter of the vectors of a row of 24
// columns, an eighth of those of a row of 53.
func (s *slab) fitsHalf() bool {
	return s.tier == tierAVX512 && (s.n-1)%s.lanes() < s.lanes()/2
}

// stripGemm is the assembly for strips of one width. It does not keep what it is given.
type stripGemm func(m int, k int, a *float32, aRow int, aColumn int, b *float32, bRow int, init *float32, initRow int, c *float32, cRow int, last int)

// The assembly of each tier: for a C that is narrower than a vector, for strips by their
// vectors, and for those whose last vector is half a vector.
var (
	maskedGemm = [...]stripGemm{tierAVX2: gemmMaskedAVX2, tierAVX512: gemmMaskedAVX512}
	wholeGemm  = [...][5]stripGemm{
		tierAVX2:   {1: gemm1AVX2, gemm2AVX2, gemm3AVX2, gemm4AVX2},
		tierAVX512: {1: gemm1AVX512, gemm2AVX512, gemm3AVX512, gemm4AVX512},
	}
	halfGemm = [5]stripGemm{2: gemm2HalfAVX512, gemm3HalfAVX512, gemm4HalfAVX512}
)

// multiplyBy calls the assembly for a strip.
func (s *slab) multiplyBy(gemm stripGemm, p strip) {
	var init *float32
	if s.init != nil {
		init = &s.init[p.first]
	}
	gemm(s.m, s.k, &s.a[0], s.aRow, s.aColumn, &s.b[p.first], s.bRow, init, s.initRow, &s.c[p.first], s.cRow, p.last)
}
