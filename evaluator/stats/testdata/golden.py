#!/usr/bin/env python3
"""Writes golden.json beside it: the figures that package stats must reproduce.

Needs Debian's python3-scipy. Run it without arguments.
"""
import json
import pathlib

import numpy as np
from scipy import interpolate, stats

rng = np.random.default_rng(20240612)


def pchip():
    cases = []
    for n in (2, 3, 4, 7, 15):
        x = np.sqrt(np.sort(rng.uniform(0.01, 2, n)))
        for kind in ("increasing", "mixed"):
            y = rng.normal(size=n)
            if kind == "increasing":
                y = np.sort(y)
            at = np.linspace(x[0], x[-1], 23)
            values = interpolate.PchipInterpolator(x, y)(at)
            cases.append({"x": list(x), "y": list(y), "at": list(at), "values": list(values)})
    return cases


def samples():
    cases = []
    for n in (2, 3, 4, 5, 6, 8, 12, 30):
        x = rng.normal(0.3, 1, n) if n % 4 else rng.gamma(1.0, 2.0, n) - 1
        lo95, hi95 = stats.t.interval(0.95, n - 1, loc=x.mean(), scale=stats.sem(x))
        lo99, hi99 = stats.t.interval(0.99, n - 1, loc=x.mean(), scale=stats.sem(x))
        boot = stats.bootstrap(
            (x,), np.mean, confidence_level=0.95, method="percentile",
            n_resamples=200_000, batch=10_000, random_state=1).confidence_interval
        cases.append({
            "x": list(x), "t95": [lo95, hi95], "t99": [lo99, hi99],
            "p_greater": stats.ttest_1samp(x, 0, alternative="greater").pvalue,
            "bootstrap95": [boot.low, boot.high]})
    return cases


def spearman():
    cases = []
    for n in (2, 5, 20, 100):
        x = rng.normal(size=n)
        y = x + rng.normal(size=n)
        if n == 20:
            x, y = np.round(x), np.round(y)  # ties
        cases.append({"x": list(x), "y": list(y), "rho": stats.spearmanr(x, y).statistic})
    return cases


out = {
    "pchip": pchip(),
    "samples": samples(),
    "spearman": spearman(),
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(out, indent=1) + "\n")
