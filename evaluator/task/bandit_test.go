package task

import (
	"math"
	"testing"
)

var smallBandit = Bandit{Responses: 6, Features: 3, LengthFactor: 40, TrainQueries: 5, TestQueries: 4, Pairs: 40_000, Kappa: .7}

func TestBanditEvaluateAgreesWithSums(t *testing.T) {
	w := smallBandit.Draw(1)
	r := Stream(1, "bandit policy")
	var logp []float32
	var reward, kl float64
	for q := range w.TestQueries {
		for k, p := range randomDistribution(r, w.Responses) {
			logp = append(logp, float32(math.Log(p)))
			reward += p * w.rewards[q*w.Responses+k] / float64(w.TestQueries)
			kl += p * (math.Log(p) - w.Reference[k]) / float64(w.TestQueries)
		}
	}
	gotReward, gotKL := w.Evaluate(logp)
	if math.Abs(gotReward-reward) > 1e-6 || math.Abs(gotKL-kl) > 1e-6 {
		t.Errorf("reward %g and KL %g, want %g and %g", gotReward, gotKL, reward, kl)
	}
}

func TestBanditPairsAreDistinctSamplesWithBradleyTerryLabels(t *testing.T) {
	b := smallBandit
	b.TestQueries = b.TrainQueries
	w := b.Draw(1)
	// Utilities of the test queries are known through the rewards; draw pairs of
	// those, so that labels can be checked.
	utilities := make([]float64, len(w.rewards))
	for i, reward := range w.rewards {
		utilities[i] = math.Log(reward / (1 - reward))
	}
	counts := make([]float64, b.Responses)
	var agree, want, variance float64
	for _, c := range b.draw(1, w.Reference, utilities) {
		if c.Chosen == c.Rejected {
			t.Fatalf("a pair has response %d twice", c.Chosen)
		}
		counts[c.Chosen]++
		counts[c.Rejected]++
		logit := b.Kappa * (utilities[c.Query*b.Responses+c.Chosen] - utilities[c.Query*b.Responses+c.Rejected])
		if logit > 0 {
			agree++
		}
		likely := sigmoid(math.Abs(logit))
		want += likely
		variance += likely * (1 - likely)
	}
	if math.Abs(agree-want) > 5*math.Sqrt(variance) {
		t.Errorf("%.0f of %d labels agree with the truth, want %.0f ± %.0f", agree, b.Pairs, want, 5*math.Sqrt(variance))
	}
	for k, count := range counts {
		checkShare(t, "samples of a response", count, float64(b.Pairs), distinctShare(w.Reference, k))
	}
}

// distinctShare is the probability that response k is one of the pair: the
// first sample, or the second given that it differs from the first.
func distinctShare(logp []float64, k int) float64 {
	p := math.Exp(logp[k])
	share := p
	for j := range logp {
		if q := math.Exp(logp[j]); j != k {
			share += q * p / (1 - q)
		}
	}
	return share
}

func TestBanditFeaturesAreInRangeAndVary(t *testing.T) {
	w := smallBandit.Draw(1)
	if want := (5 + 4) * 6 * 3; len(w.Features) != want {
		t.Fatalf("%d features, want %d", len(w.Features), want)
	}
	lowest, highest := w.Features[0], w.Features[0]
	for _, f := range w.Features {
		lowest, highest = min(lowest, f), max(highest, f)
	}
	if lowest < -1 || highest > 1 || highest-lowest < .5 {
		t.Errorf("features lie in [%g, %g]", lowest, highest)
	}
}
