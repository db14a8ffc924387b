package kernel

//go:generate go -C asm run . -tier avx2 -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg kernel
//go:generate go -C asm run . -tier avx512 -out ../avx512_amd64.s -stubs ../avx512_amd64.go -pkg kernel
