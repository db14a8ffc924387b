"""The training run and the exact evaluation of the task reviews, in PyTorch.

    python3 reviews.py INSTANCE.json

INSTANCE.json is what the test TestPyTorchTrainsTheSame of package proxy writes:
the parameters of the reference, the pairs, their order, the recipe and the
language of one task and seed. Every line read from standard input is a beta; for
each, dpo is trained from the reference and scored, and a line of JSON is
written: reward, kl, and the processor seconds of training and of evaluation.
One thread, float32, as one would write it: the tokens of a batch flattened, no
padding, autograd, torch.optim.Adam. With the environment variable UNIQUE=1 the
distinct contexts of a batch are evaluated once, as discover does it.
"""

import json
import math
import os
import sys
import time

import torch

torch.set_num_threads(1)


class Policy(torch.nn.Module):
    """softmax(W tanh(E1[last] + E2[before] + G[genre]) + b)"""

    def __init__(self, shape, flat):
        super().__init__()
        words, hidden, genres = shape["vocab"], shape["hidden"], shape["genres"]
        parts = torch.tensor(flat).split([words * hidden, words * hidden, genres * hidden, hidden * words, words])
        self.last = torch.nn.Parameter(parts[0].view(words, hidden).clone())
        self.before = torch.nn.Parameter(parts[1].view(words, hidden).clone())
        self.genre = torch.nn.Parameter(parts[2].view(genres, hidden).clone())
        self.out = torch.nn.Parameter(parts[3].view(hidden, words).clone())
        self.bias = torch.nn.Parameter(parts[4].clone())

    def forward(self, contexts):
        """Log-probabilities of all tokens in contexts, a tensor of (last, before, genre)."""
        last, before, genre = contexts.unbind(-1)
        hidden = torch.tanh(self.last[last] + self.before[before] + self.genre[genre])
        return torch.log_softmax(hidden @ self.out + self.bias, -1)


class Batch:
    """The tokens of the chosen, then of the rejected completions of a step."""

    def __init__(self, sequences, words, unique):
        contexts = torch.tensor([c for s in sequences for c in s["contexts"]])
        self.tokens = torch.tensor([t for s in sequences for t in s["tokens"]])
        self.sequence = torch.tensor([i for i, s in enumerate(sequences) for _ in s["tokens"]])
        self.count = len(sequences)
        self.rows = torch.arange(len(contexts))
        if unique:
            contexts, self.rows = torch.unique(contexts, return_inverse=True)
        self.contexts = split(contexts, words)

    def log_probs(self, policy):
        logp = policy(self.contexts)[self.rows, self.tokens]
        return torch.zeros(self.count).index_add(0, self.sequence, logp)


def split(contexts, words):
    """A context is an index: genre, then last word, then the word before."""
    return torch.stack([contexts // words % words, contexts % words, contexts // words // words], -1)


def rate(step, recipe):
    if step < recipe["warm_up"]:
        return recipe["peak_rate"] * (step + 1) / recipe["warm_up"]
    done = (step - recipe["warm_up"]) / (recipe["steps"] - recipe["warm_up"])
    return recipe["peak_rate"] * 0.5 * (1 + math.cos(math.pi * done))


def train(instance, batches, references, beta):
    policy = Policy(instance["shape"], instance["reference"])
    adam = torch.optim.Adam(policy.parameters(), eps=1e-20)
    for step, (batch, reference) in enumerate(zip(batches, references)):
        for group in adam.param_groups:
            group["lr"] = rate(step, instance["recipe"])
        chosen, rejected = (batch.log_probs(policy) - reference).chunk(2)
        loss = -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean()
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), instance["recipe"]["clip_norm"])
        adam.step()
    return policy


class Exact:
    """Expected reward and KL per token by dynamic programming backwards in time."""

    def __init__(self, instance):
        language = instance["language"]
        self.genres, self.words = language["genres"], len(language["polarity"]) - 1
        self.steps, self.queries = instance["new_tokens"], instance["queries"]
        limit = self.limit = language["limit"]
        scores = 2 * limit + 1
        delta = torch.tensor(language["factor"])[:-1, None] * torch.tensor(language["polarity"])[None, :]
        moved = torch.arange(scores) + delta[..., None]
        # After the word before, token last moves score s to self.moved[before, last, s].
        self.moved = moved.clamp(0, scores - 1)
        self.terminal = torch.tensor(instance["rewards"])
        grid = torch.cartesian_prod(torch.arange(self.genres), torch.arange(self.words), torch.arange(self.words))
        self.contexts = grid[:, [1, 2, 0]]

    def table(self, policy):
        return policy(self.contexts).view(self.genres, self.words, self.words, -1)

    @torch.no_grad()
    def evaluate(self, policy, reference):
        logp = self.table(policy)
        prob = logp.exp()
        kl = (prob * (logp - reference)).sum(-1)
        # value[genre, before, last, score]: score before last was said; the end keeps its reward.
        value = self.terminal[self.moved].expand(self.genres, -1, -1, -1)
        ended = value[:, :, -1:]
        cost = torch.zeros(self.genres, self.words, self.words, 2)
        own = torch.stack([kl, torch.ones_like(kl)], -1)
        nothing = torch.zeros(self.genres, self.words, 1, 2)
        for step in range(self.steps):
            later = torch.cat([value, torch.cat([cost, nothing], 2)], -1)
            now = torch.matmul(prob, later)  # [genre, last, before, score]
            cost = (now[..., -2:] + own).transpose(1, 2)
            now = now[..., :-2].transpose(1, 2)
            if step + 1 < self.steps:
                said = now.gather(-1, self.moved[:, :-1].expand(self.genres, -1, -1, -1))
                value = torch.cat([said, ended], 2)
        reward = total = live = 0.0
        for q in self.queries:
            at = q["Genre"], q["Before"], q["Last"]
            reward += q["Weight"] * now[at][self.limit].item()
            total += q["Weight"] * cost[at][0].item()
            live += q["Weight"] * cost[at][1].item()
        return reward, total / live


def main():
    with open(sys.argv[1]) as f:
        instance = json.load(f)
    words = instance["shape"]["vocab"] - 1
    unique = os.environ.get("UNIQUE") == "1"
    batches = [
        Batch([instance["chosen"][i] for i in step] + [instance["rejected"][i] for i in step], words, unique)
        for step in instance["order"]
    ]
    start = Policy(instance["shape"], instance["reference"])
    exact = Exact(instance)
    with torch.no_grad():
        references = [b.log_probs(start) for b in batches]
        reference = exact.table(start)
    for line in sys.stdin:
        began = time.process_time()
        policy = train(instance, batches, references, float(line))
        trained = time.process_time()
        reward, kl = exact.evaluate(policy, reference)
        scored = time.process_time()
        result = {"reward": reward, "kl": kl, "train": trained - began, "evaluate": scored - trained}
        print(json.dumps(result), flush=True)


main()
