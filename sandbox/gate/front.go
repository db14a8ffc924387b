package gate

// Front runs the stages that are safe for the trusted process: size, parse and
// policy.
func Front(source string) (*File, *Rejection) {
	if r := Size(source); r != nil {
		return nil, r
	}
	f, r := Parse(source)
	if r != nil {
		return nil, r
	}
	if r := Policy(f); r != nil {
		return nil, r
	}
	return f, nil
}
