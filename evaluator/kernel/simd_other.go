package kernel

// Tier names the instruction set that the kernels of this process use: "go".
func Tier() string { return "go" }

func gemm(c, a, b Matrix, init []float32, initStride int) { gemmGo(c, a, b, init, initStride) }
func exp(dst, src []float32)                              { expGo(dst, src) }
func log(dst, src []float32)                              { logGo(dst, src) }
func tanh(dst, src []float32)                             { tanhGo(dst, src) }
func tanhBackward(d, h []float32)                         { tanhBackwardGo(d, h) }
func add(dst, a, b []float32)                             { addGo(dst, a, b) }
func sub(dst, a, b []float32)                             { subGo(dst, a, b) }
func mul(dst, a, b []float32)                             { mulGo(dst, a, b) }
func mulAdd(dst, a, b []float32)                          { mulAddGo(dst, a, b) }
func axpy(y []float32, alpha float32, x []float32)        { axpyGo(y, alpha, x) }
func scale(x []float32, alpha float32)                    { scaleGo(x, alpha) }
func dot(a, b []float32) float64                          { return dotGo(a, b) }
func rowDots(dst []float32, a, b Matrix)                  { rowDotsGo(dst, a, b) }
func columnSums(dst []float32, src Matrix)                { columnSumsGo(dst, src) }
func logSoftmax(dst, src Matrix, lse []float32)           { logSoftmaxGo(dst, src, lse) }
func softmaxBackward(d, logp Matrix, weight []float32)    { softmaxBackwardGo(d, logp, weight) }
func gatherTanh(h Matrix, a, b, c Lookup)                 { gatherTanhGo(h, a, b, c) }
func scatterAdd(dst Lookup, src Matrix)                   { scatterAddGo(dst, src) }
func adamStep(param, grad, m, v []float32, factors *adamFactors) {
	adamStepGo(param, grad, m, v, factors)
}

func spin(iterations int) float64 { return spinGo(iterations) }
