package proxy

import (
	"context"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
)

// benchText is a text task, a policy in training and an objective.
func benchText(b *testing.B, task string) (*textInstance, *textLearner, *graph.Plan) {
	p := instances(b, task, 1)[0].(*textInstance)
	return p, p.learner(), planOf(b, "dpo")
}

func BenchmarkReviewsTrain(b *testing.B) {
	p, learner, plan := benchText(b, "reviews")
	b.ReportAllocs()
	for b.Loop() {
		learner.model.Reset(p.params)
		if _, err := learner.loop.Run(context.Background(), p.lesson.bind(learner.model), plan.NewRunner(), .1, p.lesson.data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReviewsEvaluate(b *testing.B) {
	_, learner, _ := benchText(b, "reviews")
	b.ReportAllocs()
	for b.Loop() {
		learner.score()
	}
}

func BenchmarkReviewsTable(b *testing.B) {
	p, learner, _ := benchText(b, "reviews")
	b.ReportAllocs()
	for b.Loop() {
		learner.model.Table(learner.table.Probabilities(), p.reference.Probabilities(), learner.kl)
	}
}

func BenchmarkReviewsPrepare(b *testing.B) {
	d, err := Lookup("reviews")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		setup, err := drawSetup(context.Background(), d, 1)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := newTextInstance(d, 1, setup); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReviewsPrepareCached(b *testing.B) {
	d, err := Lookup("reviews")
	if err != nil {
		b.Fatal(err)
	}
	setup, err := drawSetup(context.Background(), d, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := newTextInstance(d, 1, setup); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReviewsFlipCell(b *testing.B)  { benchCell(b, "reviews-flip") }
func BenchmarkBanditCell(b *testing.B)       { benchCell(b, "bandit") }
func BenchmarkBanditStressCell(b *testing.B) { benchCell(b, "bandit-stress") }

// benchCell trains and scores dpo.
func benchCell(b *testing.B, task string) {
	p, plan := instances(b, task, 1)[0], planOf(b, "dpo")
	b.ReportAllocs()
	for b.Loop() {
		mustTrain(b, p, plan, .1)
	}
}
