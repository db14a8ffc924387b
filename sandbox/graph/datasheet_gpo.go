package graph

import "fmt"

// whyNotGPO returns why the loss is not a member of generalized preference
// optimization, or "".
func whyNotGPO(d *Datasheet) string {
	switch s := d.Shape; {
	case !d.Depends.Margin && !d.Depends.Reference:
		return "it does not depend on the reference"
	case !d.Depends.Margin && d.Depends.LogRatios:
		return "it depends on the two log-ratios, not only on their difference"
	case !d.Depends.Margin:
		return "it depends on log-probabilities, not only on the margin"
	case d.Depends.Batch:
		return "it depends on the other pairs of the batch"
	case d.Depends.Lengths:
		return "it depends on lengths"
	case d.Depends.Progress:
		return "it depends on training progress"
	case d.Detached:
		return "its gradient is not the derivative of its value"
	case len(s.Jumps) > 0:
		return fmt.Sprintf("it is discontinuous at beta·margin %v", s.Jumps[0])
	case !s.Convex:
		return "it is not convex in the margin"
	case d.Start.Direction != "right":
		return "its slope at margin 0 is not negative"
	}
	return ""
}
