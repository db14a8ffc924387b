package graph

// Datasheet is what can be said about an objective without training it. All of
// it is measured on the gradients and values of the graph, not read off its
// form, so that two ways of writing a loss have one datasheet. Positions are in
// units of x = beta · margin, and slopes are the change of the loss per unit
// of x, both at beta 0.1.
type Datasheet struct {
	Start   Start      `json:"start"`
	Depends Dependence `json:"depends_on"`
	// Shape is nil unless the loss is a function of the margin alone.
	Shape *Shape `json:"shape,omitempty"`
	// WrongTail and RightTail are the growth of the loss as the margin goes to
	// −∞ (a pair ranked ever more wrongly) and to +∞, the chosen completion
	// gaining what the rejected one loses: half-way through training, and beside a
	// pair that stays near the reference.
	WrongTail Tail `json:"wrong_tail"`
	RightTail Tail `json:"right_tail"`
	// GPO tells whether the loss is a member of the family of generalized
	// preference optimization (arXiv 2402.05749): a convex function of the margin
	// with a negative slope at 0. NotGPO says why it is not.
	GPO    bool   `json:"gpo"`
	NotGPO string `json:"not_gpo,omitempty"`
	// Detached tells that the gradient is not the derivative of the value.
	Detached bool `json:"detached,omitempty"`
	// OverflowBetas are the betas, of those tried, at which a loss or gradient is
	// not finite for some log-ratios of at most 100 nats; OverflowBetas32 those at
	// which one exceeds the largest float32.
	OverflowBetas   []float64 `json:"overflow_betas,omitempty"`
	OverflowBetas32 []float64 `json:"overflow_betas_float32,omitempty"`
}

// Start describes the first step of training, where the policy is still the
// reference, every margin is 0 and so is progress.
type Start struct {
	// Direction is "right" where the gradient raises margins, "wrong" where it
	// lowers them, "none" without a gradient, and "varies" where that depends on
	// the pair or on beta.
	Direction string `json:"direction"`
	// Slope is the slope at margin 0, the mean over pairs; nil where not finite.
	Slope *float64 `json:"slope"`
	// SlopeLeft and SlopeRight are the slopes just below and above 0.
	SlopeLeft  *float64 `json:"slope_left"`
	SlopeRight *float64 `json:"slope_right"`
	// Chosen and Rejected are "up", "down", "still" or "varies": where the first
	// step moves the log-probability of each completion.
	Chosen   string `json:"chosen"`
	Rejected string `json:"rejected"`
}

// datasheetBeta is the beta at which figures are given.
const datasheetBeta = 0.1

// shapeBetas are the betas at which a shape must hold.
var shapeBetas = [...]float64{datasheetBeta, 0.01, 0.05, 0.5, 1}

// Inspect measures the datasheet of g. The error is that of Compile.
func Inspect(g *Graph) (*Datasheet, error) {
	s, err := NewStudy(g)
	if err != nil {
		return nil, err
	}
	return s.Datasheet(), nil
}

func inspect(r *Runner) *Datasheet {
	d := &Datasheet{Depends: dependence(r), Start: firstStep(r), Detached: detached(r)}
	d.WrongTail, d.RightTail = tail(r, -1), tail(r, 1)
	if d.Depends.MarginOnly {
		d.Shape = shape(r, d.Detached)
	}
	d.NotGPO = whyNotGPO(d)
	d.GPO = d.NotGPO == ""
	d.OverflowBetas, d.OverflowBetas32 = overflows(r)
	return d
}
