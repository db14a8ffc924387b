package gate

// The rejections of a candidate that takes more than it may, without a place.

// TooLong rejects a candidate that has no result within what within says.
func TooLong(within string) *Rejection {
	return &Rejection{Stage: StageTime, Reason: "no result within " + within, Hint: "use fewer loop iterations"}
}

// TooMuchMemory rejects a candidate that uses too much memory.
func TooMuchMemory() *Rejection {
	return &Rejection{Stage: StageMemory, Reason: "the candidate needs too much memory", Hint: "use fewer and smaller slices and loop iterations"}
}

// TooDeep rejects a candidate that uses too much stack.
func TooDeep() *Rejection {
	return &Rejection{Stage: StageStack, Reason: "the candidate nests too deeply", Hint: "use fewer nested calls"}
}
