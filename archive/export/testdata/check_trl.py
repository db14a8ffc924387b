"""Holds exported losses to TRL's own.

    python3 check_trl.py DIR                  compares exports with trl.json
    python3 check_trl.py --record CHECKOUT    writes trl.json from a checkout of TRL 1.9.0

For every loss that TRL has too, TRL's own compute_loss was run on batches of a small
language model, with and without a precomputed reference, and then to train with dpo;
trl.json holds what came out: losses, projections of the gradients on fixed directions,
recorded metrics. The exported trainer must come to the same figures.
"""

import ast

import collections
import contextlib
import copy
import importlib.util
import json
import pathlib
import sys
import types

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
WORDS, LENGTH, PAIRS = 13, 12, 6
GOLDEN = pathlib.Path(__file__).with_name("trl.json")

# What TRL calls the losses of the catalog.
TRL_NAMES = {
    "dpo": "sigmoid", "hinge": "hinge", "exo_pair": "exo_pair", "nca_pair": "nca_pair", "robust": "robust",
    "bco_pair_nodelta": "bco_pair", "sppo_hard": "sppo_hard", "aot": "aot", "aot_unpaired": "aot_unpaired",
    "apo_zero": "apo_zero", "apo_down": "apo_down", "lrml": "discopop", "sigmoid_norm": "sigmoid_norm", "ipo_norm": "ipo",
}


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Model(torch.nn.Module):
    """A language model that sees the token and where it stands."""

    def __init__(self):
        super().__init__()
        self.token = torch.nn.Embedding(WORDS, 16)
        self.place = torch.nn.Embedding(LENGTH, 16)
        self.head = torch.nn.Linear(16, WORDS)

    def forward(self, input_ids, attention_mask, use_cache):
        hidden = self.token(input_ids) + self.place(torch.arange(input_ids.shape[1]))
        return types.SimpleNamespace(logits=self.head(torch.tanh(hidden)))


def construct(trainer, model, reference, loss_type, precompute):
    """Stands in for the constructor: what the methods read of the trainer."""
    trainer.model, trainer.ref_model, trainer.beta = model, reference, 0.1
    trainer.loss_types, trainer.loss_weights = [loss_type], [1.0]
    trainer.label_smoothing = 0.0 if "aot" in loss_type else 0.1  # as the catalog has them
    trainer.precompute_ref_logps, trainer.f_divergence_type = precompute, "reverse_kl"
    trainer.ld_alpha, trainer.use_weighting, trainer.aux_loss_enabled = None, False, False
    trainer.use_liger_kernel = False
    trainer.args = types.SimpleNamespace(gradient_checkpointing_kwargs=None, discopop_tau=0.05, use_liger_kernel=False)
    trainer.state = types.SimpleNamespace(global_step=0, max_steps=100)
    trainer.accelerator = types.SimpleNamespace(device="cpu", gather=lambda x: x, gather_for_metrics=lambda x: x)
    trainer._metrics = {"train": collections.defaultdict(list), "eval": collections.defaultdict(list)}
    trainer._total_train_tokens = 0


def batch(seed):
    """Chosen completions, then rejected ones, padded to one length after a prompt of two."""
    torch.manual_seed(seed)
    lengths = torch.randint(1, LENGTH - 2, (2 * PAIRS, 1))
    place = torch.arange(LENGTH)
    mask = ((place >= 2) & (place < 2 + lengths)).long()
    return {
        "input_ids": torch.randint(0, WORDS, (2 * PAIRS, LENGTH)),
        "attention_mask": (place < 2 + lengths).long(),
        "completion_mask": mask,
    }


def models():
    torch.manual_seed(1)
    reference = Model()
    model = copy.deepcopy(reference)
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return model, reference.requires_grad_(False)


class StandIn:
    """What the exported trainer has of TRL's DPOTrainer: it stores the reference's figures."""

    def compute_ref_log_probs(self, model, inputs):
        with torch.no_grad():
            logits = model(inputs["input_ids"], inputs["attention_mask"], use_cache=False).logits
        tokens = logits[:, :-1].log_softmax(-1).gather(-1, inputs["input_ids"][:, 1:, None]).squeeze(-1)
        return (tokens * inputs["completion_mask"][:, 1:]).sum(1).chunk(2)


def trl_trainer(checkout):
    """A class with TRL's own methods, read from a checkout without importing it."""
    trainer = pathlib.Path(checkout, "trl", "trainer", "dpo_trainer.py")
    scope = {
        "torch": torch, "F": torch.nn.functional,
        "is_peft_model": lambda model: False,
        "disable_gradient_checkpointing": lambda model, kwargs: contextlib.nullcontext(),
    }
    define(scope, trainer.with_name("utils.py"), None, {"selective_log_softmax", "entropy_from_logits"})
    names = {"compute_ref_log_probs", "compute_loss", "_compute_loss"}
    define(scope, trainer, "DPOTrainer", names)
    return type("DPOTrainer", (), {name: scope[name] for name in names})


def define(scope, path, owner, names):
    """Defines the named functions of a file, or of a class in it, in scope."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    if owner:
        body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == owner)
    chosen = [node for node in body if isinstance(node, ast.FunctionDef) and node.name in names]
    assert {node.name for node in chosen} == names, f"{path} lacks some of {names}"
    exec(compile(ast.Module(chosen, []), str(path), "exec"), scope)


def figures(make, loss_type, seed, precompute):
    """The loss of a batch, the gradient's projections, and the metrics."""
    model, reference = models()
    trainer, inputs = make(), batch(seed)
    construct(trainer, model, reference, loss_type, precompute)
    if precompute:
        chosen, rejected = trainer.compute_ref_log_probs(reference, inputs)
        inputs = inputs | {"ref_chosen_logps": chosen, "ref_rejected_logps": rejected}
    loss = trainer.compute_loss(model, inputs)
    loss.backward()
    gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
    torch.manual_seed(99)
    directions = torch.randn(5, len(gradient)) / len(gradient) ** 0.5
    return {
        "loss": loss.item(), "norm": gradient.norm().item(), "gradient": (directions @ gradient).tolist(),
        "metrics": {name: values[0] for name, values in trainer._metrics["train"].items() if name.startswith("rewards/")},
    }


def all_figures(make, loss_type):
    return [figures(make, loss_type, seed, precompute) for seed in range(4) for precompute in (False, True)]


def train(make, steps):
    model, reference = models()
    model.load_state_dict(reference.state_dict())
    trainer = make()
    construct(trainer, model, reference, "sigmoid", False)
    optimizer = torch.optim.Adam(model.requires_grad_().parameters(), lr=3e-2)
    losses = []
    for step in range(steps):
        trainer.state.global_step = step
        loss = trainer.compute_loss(model, batch(step % 5))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def record(checkout):
    trainer = trl_trainer(checkout)
    recorded = {name: all_figures(trainer, loss_type) for name, loss_type in TRL_NAMES.items()}
    GOLDEN.write_text(json.dumps({"figures": recorded, "training": train(trainer, 50)}, indent=1) + "\n")


def distance(got, want):
    """The largest difference of figures, each relative to its scale."""
    assert want["norm"] > 1e-6, "the gradient vanishes"
    assert set(got["metrics"]) == set(want["metrics"]), f"metrics {sorted(got['metrics'])}"
    return max(
        abs(got["loss"] - want["loss"]) / max(1, abs(want["loss"])),
        abs(got["norm"] - want["norm"]) / want["norm"],
        max(abs(x - y) for x, y in zip(got["gradient"], want["gradient"])) / want["norm"],
        max(abs(got["metrics"][name] - value) for name, value in want["metrics"].items()),
    )


def compare(folder):
    golden = json.loads(GOLDEN.read_text())
    sys.modules["trl"] = types.SimpleNamespace(DPOTrainer=StandIn)
    files = {path.stem.rpartition("_")[0]: path for path in pathlib.Path(folder).glob("*.py")}
    failures, worst = 0, 0.0
    for name, loss_type in TRL_NAMES.items():
        try:
            got = all_figures(load(files[name]).dpo_trainer(), loss_type)
            error = max(map(distance, got, golden["figures"][name]))
            worst = max(worst, error)
            assert error <= 1e-9, f"differs from TRL's {loss_type} by {error:.1e}"
        except Exception as error:
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}")
    want, got = golden["training"], train(load(files["dpo"]).dpo_trainer(), 50)
    apart = max(abs(a - b) for a, b in zip(want, got))
    print(f"{len(TRL_NAMES)} losses, {failures} failures, largest error {worst:.1e}")
    print(f"dpo: 50 steps from {got[0]:.4f} to {got[-1]:.4f}, at most {apart:.1e} away from TRL's own")
    return failures > 0 or apart > 1e-5 or not got[-1] < 0.8 * got[0]


def main(arguments):
    if arguments[0] == "--record":
        return record(arguments[1])
    return compare(arguments[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
