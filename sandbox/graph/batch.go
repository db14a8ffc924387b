package graph

import "fmt"

// Batch holds preference pairs: slices of equal length, one value per pair. Its JSON is
// that of the files of pairs that people write and of the golden vectors.
type Batch struct {
	Beta           float64   `json:"beta"`
	Progress       float64   `json:"progress"`      // fraction of training done, 0 to 1
	PolicyChosen   []float64 `json:"policy_chosen"` // summed log-probability of the completion, nats
	PolicyRejected []float64 `json:"policy_rejected"`
	RefChosen      []float64 `json:"ref_chosen"`
	RefRejected    []float64 `json:"ref_rejected"`
	ChosenLen      []float64 `json:"chosen_len"` // tokens
	RejectedLen    []float64 `json:"rejected_len"`
}

// Len returns the number of pairs.
func (b *Batch) Len() int { return len(b.PolicyChosen) }

// Slice returns the pairs lo to hi, hi excluded. It shares memory with b.
func (b *Batch) Slice(lo, hi int) *Batch {
	out := *b
	for _, column := range out.columns() {
		*column = (*column)[lo:hi]
	}
	return &out
}

func newBatchOf(n int) *Batch { return batchIn(make([]float64, batchColumns*n), n) }

// batchIn returns a batch of n pairs whose slices are cut from room.
func batchIn(room []float64, n int) *Batch {
	b := &Batch{}
	for _, column := range b.columns() {
		*column, room = room[:n:n], room[n:]
	}
	return b
}

// batchColumns is the number of slices of a batch.
const batchColumns = 6

func (b *Batch) columns() [batchColumns]*[]float64 {
	return [...]*[]float64{&b.PolicyChosen, &b.PolicyRejected, &b.RefChosen, &b.RefRejected, &b.ChosenLen, &b.RejectedLen}
}

func (b *Batch) logProbabilities() [4][]float64 {
	return [...][]float64{b.PolicyChosen, b.PolicyRejected, b.RefChosen, b.RefRejected}
}

// mustMatch panics unless all slices have n values.
func (b *Batch) mustMatch(n int) {
	for _, column := range b.columns() {
		if len(*column) != n {
			panic(fmt.Sprintf("graph: batch has %d pairs and a slice of %d values", n, len(*column)))
		}
	}
}
