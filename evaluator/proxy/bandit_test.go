package proxy

import (
	"testing"

	"github.com/objdisco/discover/evaluator"
)

// TestSweepIsTrain: betas that are trained at once come to what each comes to alone, bit for
// bit, those that blow up among them.
func TestSweepIsTrain(t *testing.T) {
	betas := []float64{.02, .2, 2, 5}
	for _, task := range []string{"bandit", "bandit-stress"} {
		instance := instances(t, task, 1)[0].(evaluator.Sweeper)
		for _, objective := range []string{"dpo", "cell", "kto"} {
			plan, blewUp := planOf(t, objective), 0
			together, err := instance.Sweep(t.Context(), plan, betas)
			if err != nil {
				t.Fatal(err)
			}
			for i, beta := range betas {
				if alone := mustTrain(t, instance, plan, beta); together[i] != alone {
					t.Errorf("%s on %s at beta %g: %+v, alone %+v", objective, task, beta, together[i], alone)
				}
				if together[i].BlewUp {
					blewUp++
				}
			}
			if task == "bandit-stress" && objective == "cell" && (blewUp == 0 || blewUp == len(betas)) {
				t.Errorf("cell blows up at %d of %d betas, want some of them", blewUp, len(betas))
			}
		}
	}
}
