"""Holds `discover confirm --top 1 --json` and what `show --json` keeps of it to what
the documents promise."""

import json
import sys

confirm, shown = (json.load(open(path)) for path in sys.argv[1:3])
failed = 0


def hold(what, ok):
    global failed
    failed += not ok
    print(("ok    " if ok else "WRONG ") + what)


[result] = confirm["results"]
metrics, kept = result["metrics"], shown["confirmed"]
tasks = [t["task"] for t in metrics["tasks"]]
held_out = metrics["tasks"][-1]
seeds = {c["seed"] for c in metrics["cells"]}
hold(f"{result['name']}: {metrics['fitness']:+.4f} {metrics['ci95']}, {result['verdict']}", result["verdict"] in ("better", "worse", "same", "undecided"))
hold(f"scored on {tasks}", tasks == ["reviews", "reviews-flip", "support"])
hold(f"six seeds of its own, from {confirm['first_seed']} on", seeds == set(range(confirm["first_seed"], confirm["first_seed"] + 6)) and confirm["first_seed"] >= 1_000_000)
hold(f"{held_out['task']} is {held_out['verdict']}", not (result["verdict"] == "better" and held_out["verdict"] == "worse"))
hold("better means the interval lies above 0 and p is at most .025", result["verdict"] != "better" or (metrics["ci95"][0] > 0 and result["p"] <= 0.025))
hold("show keeps the second score", (kept["fitness"], kept["verdict"], kept["first_seed"]) == (metrics["fitness"], result["verdict"], confirm["first_seed"]))
hold("and the tasks with their parameters", [d["name"] for d in kept["setting"]["tasks"]] == tasks and kept["setting"]["tier"] != "")
sys.exit(failed > 0)
