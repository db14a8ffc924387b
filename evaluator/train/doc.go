// Package train runs the training loop: an objective's graph against a Model
// that it knows only by log-probabilities, derivatives and updates.
package train
