//go:build !amd64 || purego

package kernel

// tier is an instruction set; here there is only portable Go.
type tier uint8

const tierGo tier = 0

// active returns the tier that every kernel dispatches on.
func active() tier { return tierGo }

// Tier names the instruction set that the kernels of this process use: "go".
func Tier() string { return "go" }

func (tier) gemm(c, a, b Matrix, init []float32, initStride int) { gemmGo(c, a, b, init, initStride) }
func (tier) exp(dst, src []float32)                              { expGo(dst, src) }
func (tier) log(dst, src []float32)                              { logGo(dst, src) }
func (tier) tanh(dst, src []float32)                             { tanhGo(dst, src) }
func (tier) tanhBackward(d, h []float32)                         { tanhBackwardGo(d, h) }
func (tier) add(dst, a, b []float32)                             { addGo(dst, a, b) }
func (tier) sub(dst, a, b []float32)                             { subGo(dst, a, b) }
func (tier) axpy(y []float32, alpha float32, x []float32)        { axpyGo(y, alpha, x) }
func (tier) scale(x []float32, alpha float32)                    { scaleGo(x, alpha) }
func (tier) dot(a, b []float32) float64                          { return dotGo(a, b) }
func (tier) rowDots(dst []float32, a, b Matrix)                  { rowDotsGo(dst, a, b) }
func (tier) logSoftmax(dst, src Matrix, lse []float32)           { logSoftmaxGo(dst, src, lse) }
func (tier) softmaxBackward(d, logp Matrix, weight []float32)    { softmaxBackwardGo(d, logp, weight) }
func (tier) gatherTanh(h Matrix, a, b, c Lookup)                 { gatherTanhGo(h, a, b, c) }
func (tier) scatterAdd(dst Lookup, src Matrix)                   { scatterAddGo(dst, src) }
func (tier) adamStep(param, grad, m, v []float32, factors *adamFactors) {
	adamStepGo(param, grad, m, v, factors)
}

func (tier) spin(iterations int) float64 { return spinGo(iterations) }
