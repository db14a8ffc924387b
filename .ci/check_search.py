"""Holds the result of a quick search to what the README promises."""

import json
import math
import sys

board = json.load(open(sys.argv[1]))["candidates"]
run = json.load(open(sys.argv[2]))["runs"][0]
failed = 0


def hold(what, ok):
    global failed
    failed += not ok
    print(("ok    " if ok else "WRONG ") + what)


applied = sum(run["candidates"].values())
known = sum(c["origin"] == "catalog" for c in board)
found = [c for c in board if c["origin"] == "evolve"]
fitness = [c["fitness"] for c in board]
hold(f"run {run['run']} is {run['status']}", run["status"] == "finished")
hold(f"{applied} candidates in all, {known} known objectives on the leaderboard", applied >= 29 + 30 and known >= 20)
hold(f"{len(found)} proposals were scored", len(found) >= 15)
hold("the leaderboard is sorted", fitness == sorted(fitness, reverse=True))
hold("every fitness lies in its interval", all(c["ci95"][0] <= c["fitness"] <= c["ci95"][1] and math.isfinite(c["fitness"]) for c in board))
hold("dpo has fitness 0", all(abs(c["fitness"]) < 1e-9 for c in board if c["name"] == "dpo" and c["origin"] == "catalog"))
hold("every candidate has code, name and fingerprint", all(c["code"] and c["name"] and c["fingerprint"] for c in board))
hold("every proposal has a thought", all(c["thought"] for c in found))
sys.exit(failed > 0)
