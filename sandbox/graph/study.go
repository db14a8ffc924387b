package graph

// Study is a graph that is being looked at: what one question about it has found
// serves the next. It is not safe for concurrent use.
type Study struct {
	runner *Runner
	seen   *behaviour // nil until it is asked for
}

// NewStudy prepares g. The error is that of Compile.
func NewStudy(g *Graph) (*Study, error) {
	plan, err := Compile(g)
	if err != nil {
		return nil, err
	}
	return &Study{runner: plan.NewRunner()}, nil
}

// Fingerprint is that of the function of the same name.
func (s *Study) Fingerprint() string { return s.behaviour().fingerprint() }

// Datasheet is what Inspect measures.
func (s *Study) Datasheet() *Datasheet { return inspect(s.runner) }

// behaviour is all that training can notice of the graph.
func (s *Study) behaviour() *behaviour {
	if s.seen == nil {
		s.seen = observeAll(s.runner)
	}
	return s.seen
}
