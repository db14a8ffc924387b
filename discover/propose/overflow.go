package propose

import "sync"

// Overflow is a prompt that was too long for a model.
type Overflow struct {
	Model    string
	Read     int // tokens that the server counted; 0: it refused the prompt
	Estimate int // tokens that the prompt has, roughly
}

// told is which models a person was told of.
type told struct {
	mu     sync.Mutex
	models map[string]bool
}

// tell says once for each model that a prompt was too long for it.
func (p *LLM) tell(o Overflow) {
	p.told.mu.Lock()
	first := !p.told.models[o.Model]
	if p.told.models == nil {
		p.told.models = map[string]bool{}
	}
	p.told.models[o.Model] = true
	p.told.mu.Unlock()
	if first && p.Overflowed != nil {
		p.Overflowed(o)
	}
}
