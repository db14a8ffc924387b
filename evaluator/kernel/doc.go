// Package kernel holds the float32 loops that training and exact evaluation
// spend their time in: matrix products in the shapes of a small softmax policy,
// exp, tanh, log-softmax, gather and scatter of embedding rows, and Adam.
//
// # Functions
//
//	Dense, Matrix.T, Matrix.Row               a strided view of a slice, and its transpose
//	Gemm, GemmAdd, GemmBias                   C = A·B, C += A·B, C = 1·biasᵀ + A·B; A by any strides
//	Transpose                                 dst = srcᵀ, copied (for a B that is needed transposed)
//	Exp, Log, Tanh                            per element, dst may be src
//	TanhBackward                              d ⊙= 1 − h²
//	Add, Sub, Mul, MulAdd, Axpy, Scale        per element
//	LogSoftmax, SoftmaxBackward               per row
//	Dot, SumSquares                           float64 sums of float32 vectors
//	RowDots, ColumnSums                       reductions of a matrix
//	GatherTanh, ScatterAdd                    embedding rows, forward and backward
//	Adam.Step                                 optimizer update with bias correction and gradient scale
//	Tier, MeasurePeak                         what this machine runs, and its FMA peak
//
// Every function works in place on memory of the caller, allocates nothing,
// starts no goroutine and is safe for concurrent use on distinct outputs.
// Wrong extents are programmer errors and panic. An output may be the very same
// slice or matrix as an input where a function says so; other overlaps are not
// allowed and not detected.
package kernel
