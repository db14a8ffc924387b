// Package policy holds the small policies that are trained with an objective: a
// neural order-2 language model (NGram) and a linear softmax over a fixed set of
// responses (Linear).
//
// Parameters are flat float32 vectors. A model is bound to batches that were
// compiled in advance, so that a training step evaluates every distinct context
// once and allocates nothing. Models are not safe for concurrent use; batches
// and reference tables are immutable and shared.
package policy
