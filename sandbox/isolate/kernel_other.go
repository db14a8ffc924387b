//go:build !linux

package isolate

// enterKernel reports that the layers of the Linux kernel do not exist here.
func enterKernel(Layer, Limits) (string, error) { return "", errUnsupported }
