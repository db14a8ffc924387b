//go:build !purego

package kernel

import "unsafe"

// Each method here chooses the code of a tier. The assembly does not
// check extents: the exported functions have done so.

func (t tier) exp(dst, src []float32) {
	switch t {
	case tierAVX512:
		expAVX512(dst, src)
	case tierAVX2:
		expAVX2(dst, src)
	default:
		expGo(dst, src)
	}
}

func (t tier) log(dst, src []float32) {
	switch t {
	case tierAVX512:
		logAVX512(dst, src)
	case tierAVX2:
		logAVX2(dst, src)
	default:
		logGo(dst, src)
	}
}

func (t tier) tanh(dst, src []float32) {
	switch t {
	case tierAVX512:
		tanhAVX512(dst, src)
	case tierAVX2:
		tanhAVX2(dst, src)
	default:
		tanhGo(dst, src)
	}
}

func (t tier) tanhBackward(d, h []float32) {
	switch t {
	case tierAVX512:
		tanhBackwardAVX512(d, h)
	case tierAVX2:
		tanhBackwardAVX2(d, h)
	default:
		tanhBackwardGo(d, h)
	}
}

func (t tier) add(dst, a, b []float32) {
	switch t {
	case tierAVX512:
		addAVX512(dst, a, b)
	case tierAVX2:
		addAVX2(dst, a, b)
	default:
		addGo(dst, a, b)
	}
}

func (t tier) sub(dst, a, b []float32) {
	switch t {
	case tierAVX512:
		subAVX512(dst, a, b)
	case tierAVX2:
		subAVX2(dst, a, b)
	default:
		subGo(dst, a, b)
	}
}

func (t tier) axpy(y []float32, alpha float32, x []float32) {
	switch t {
	case tierAVX512:
		axpyAVX512(y, x, alpha)
	case tierAVX2:
		axpyAVX2(y, x, alpha)
	default:
		axpyGo(y, alpha, x)
	}
}

func (t tier) scale(x []float32, alpha float32) {
	switch t {
	case tierAVX512:
		scaleAVX512(x, alpha)
	case tierAVX2:
		scaleAVX2(x, alpha)
	default:
		scaleGo(x, alpha)
	}
}

func (t tier) adamStep(param, grad, m, v []float32, f *adamFactors) {
	switch t {
	case tierAVX512:
		adamStepAVX512(param, m, v, grad, &f.gradScale)
	case tierAVX2:
		adamStepAVX2(param, m, v, grad, &f.gradScale)
	default:
		adamStepGo(param, grad, m, v, f)
	}
}

func (t tier) dot(a, b []float32) float64 {
	pa, pb := unsafe.SliceData(a), unsafe.SliceData(b)
	switch t {
	case tierAVX512:
		return dotAVX512(pa, pb, len(a))
	case tierAVX2:
		return dotAVX2(pa, pb, len(a))
	}
	return dotGo(a, b)
}

func (t tier) spin(iterations int) (flops float64) {
	switch t {
	case tierAVX512:
		return 2 * float64(iterations) * float64(spinAVX512(iterations))
	case tierAVX2:
		return 2 * float64(iterations) * float64(spinAVX2(iterations))
	}
	return spinGo(iterations)
}
