package kernel

import "math"

func expGo(dst, src []float32) {
	for i, x := range src {
		dst[i] = exp32(x)
	}
}

func logGo(dst, src []float32) {
	for i, x := range src {
		dst[i] = log32(x)
	}
}

func tanhGo(dst, src []float32) {
	for i, x := range src {
		dst[i] = tanh32(x)
	}
}

func tanhBackwardGo(d, h []float32) {
	for i, x := range h {
		d[i] *= 1 - x*x
	}
}

func addGo(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func subGo(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func axpyGo(y []float32, alpha float32, x []float32) {
	for i := range y {
		y[i] += alpha * x[i]
	}
}

func scaleGo(x []float32, alpha float32) {
	for i := range x {
		x[i] *= alpha
	}
}

func adamStepGo(param, grad, m, v []float32, f *adamFactors) {
	for i, g := range grad {
		g *= f.gradScale
		m[i] = f.keep1*m[i] + f.take1*g
		v[i] = f.keep2*v[i] + f.take2*g*g
		root := float32(math.Sqrt(float64(v[i])))
		param[i] -= f.rate * m[i] / (root*f.root + f.epsilon)
	}
}
