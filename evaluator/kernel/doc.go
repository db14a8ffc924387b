// Package kernel holds the float32 loops that training and exact evaluation
// spend their time in: matrix products in the shapes of a small softmax policy,
// exp, tanh, log-softmax, gather and scatter of embedding rows, and Adam.
//
// # Functions
//
//	Dense, Matrix.T, Row, Slice               a strided view of a slice, and its transpose
//	Gemm, GemmAdd, GemmBias                   C = A·B, C += A·B, C = 1·biasᵀ + A·B; A by any strides
//	Transpose                                 dst = srcᵀ, copied (for a B that is needed transposed)
//	Exp, Log, Tanh                            per element, dst may be src
//	TanhBackward                              d ⊙= 1 − h²
//	Add, Sub, Axpy, Scale                     per element
//	LogSoftmax, SoftmaxBackward               per row
//	Dot, SumSquares                           float64 sums of float32 vectors
//	RowDots, AddColumnSums                    reductions of a matrix
//	NewIndex, GatherTanh, ScatterAdd          embedding rows, forward and backward
//	Adam.Step                                 optimizer update with bias correction and gradient scale
//	Tier, MeasurePeak                         what this machine runs, and its FMA peak
//
// Every function works in place on memory of the caller, allocates nothing,
// starts no goroutine and is safe for concurrent use on distinct outputs.
// Wrong extents are programmer errors and panic. An output may be the very same
// slice or matrix as an input where a function says so; other overlaps are not
// allowed and not detected.
//
// # Tiers
//
// The code is chosen once, at the first use: assembly for AVX-512 (F, DQ and VL,
// with BMI2), assembly for AVX2 with FMA, or portable Go, which is all there is on
// other architectures and under the build tag purego. The two assembly tiers come
// from one generator, in asm, and agree bit for bit, any NaN being as good as
// another: each element of a product is one chain of fused multiply-adds in
// ascending order, and a sum over a vector or a row goes over 16 lanes in either.
// Results do not depend on the padding between rows or on how work is split by
// rows. Portable Go rounds where the assembly fuses; on values of ordinary size it
// differs by about 1e-6 of the terms that are summed.
//
// AVX-512 is admitted only after a self-check, a millisecond and a half, has reproduced
// the AVX2 results bit for bit on the machine itself.
//
// # Accuracy
//
// Worst errors in units in the last place over all 2³² arguments, assembly and
// portable: Exp .90 and 1.2, Log .86 and .86, Tanh 5.3 and 6.9 (of numbers
// between −1 and 1, which it does not leave). Subnormals are kept; overflow gives
// +Inf. NaN and infinities go through every kernel as arithmetic demands: what
// depends on a NaN is NaN.
//
// # Speed
//
// Measured on one core, best of short batches (go test -bench . repeats it), with AVX2 on
// an AMD Zen 3 whose peak is 102 GFLOP/s of multiply-adds, and with AVX-512 on a Zen 4 with
// 118. Zen 4 multiplies no faster with AVX-512, for it cuts each vector in two; it gains
// where loads and other instructions count.
//
//	GFLOP/s                     AVX2   AVX-512
//	1077×53×64                  90     107
//	1077×64×53                  96     115
//	64×53×1077 transposed       62     109
//	52×24×55                    72      98
//	ns an element of 53 columns
//	Exp                         .31    .20
//	LogSoftmax                  .61    .40
//	SoftmaxBackward             .42    .27
//	GatherTanh                  .37    .31
//	Adam                        .33    .28
//
// Rows need no padding: the last vector of a row overlaps the one before, and with AVX-512
// is half a vector where that is enough, so that 53 columns cost what 56 do. Only rows
// shorter than a vector, 8 or 16 columns, are slow.
package kernel
