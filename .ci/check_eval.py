"""Holds `discover eval --json` on the reviews task to the figures of an
independent prototype: mean reward within .02 and mean KL per token within .05. Holds the
README's table to the figures too, unless the plain Go kernels measured them: these round
otherwise."""

import json
import statistics
import sys

BETAS = (0.05, 0.1, 0.25)
EXPECTED = {  # (reward, KL per token) at the three betas
    "dpo": ((0.937, 0.506), (0.932, 0.425), (0.917, 0.312)),
    "hinge": ((0.934, 0.480), (0.923, 0.372), (0.893, 0.253)),
    "lrml": ((0.939, 0.499), (0.936, 0.418), (0.922, 0.307)),
    "ipo": ((0.889, 0.250), (0.820, 0.139), (0.660, 0.037)),
    "kto": ((0.826, 0.240), (0.796, 0.177), (0.740, 0.109)),
}

measured = json.load(open(sys.argv[1]))
results = {r["objective"]: r for r in measured["results"]}
failed = 0


def mean(name, beta, figure):
    return statistics.mean(c[figure] for c in results[name]["cells"] if c["task"] == "reviews" and c["beta"] == beta)


def hold(what, ok):
    global failed
    failed += not ok
    print(("ok    " if ok else "WRONG ") + what)


for name, expected in EXPECTED.items():
    for beta, (reward, kl) in zip(BETAS, expected):
        r, k = mean(name, beta, "reward"), mean(name, beta, "kl")
        hold(f"{name} beta {beta}: reward {r:.3f} (want {reward}), KL {k:.3f} (want {kl})", abs(r - reward) <= 0.02 and abs(k - kl) <= 0.05)
for name in EXPECTED:
    kls = [mean(name, beta, "kl") for beta in BETAS]
    hold(f"{name}: KL falls as beta grows", kls == sorted(kls, reverse=True))
collapsed = mean("lrml", 0.01, "reward")
hold(f"lrml collapses at beta 0.01: reward {collapsed:.3f}", collapsed < 0.5)
rescaled = results[".ci/dpo_rescaled"]
hold(f"dpo at a quarter of beta is {rescaled['verdict']} as dpo ({rescaled['fitness']:+.5f})", rescaled["verdict"] == "same")
hold(f"kto is {results['kto']['verdict']} than dpo", results["kto"]["verdict"] == "worse")
table = [line.split() for line in open("README.md", encoding="utf-8") if line.startswith("    ")]
for name, r in results.items():
    row = [name.rpartition("/")[2]]
    fitness = row + f"{r['fitness']:+.4f} [{r['ci95'][0]:+.4f}, {r['ci95'][1]:+.4f}] {r['verdict']}".split()
    points = row + [f"{mean(name, beta, 'reward'):.3f}/{mean(name, beta, 'kl'):.3f}" for beta in BETAS]
    told = any(line[: len(fitness)] == fitness for line in table) and points in table
    hold(f"the README's table has {' '.join(fitness + points[1:])}", told or measured["tier"] == "go")
sys.exit(failed > 0)
