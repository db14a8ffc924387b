"""Holds exported losses to TRL's own: python3 check_trl.py DIR

For every loss that TRL has too, the exported trainer and TRL's own method (in trl/, to
the letter) compute the loss of the same batches of a small language model, with and
without a precomputed reference: losses, gradients and the metrics that both record
must agree. Then both train with dpo, and must stay together while the loss falls.
"""

import collections
import copy
import importlib.util
import pathlib
import sys
import types

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
WORDS, LENGTH, PAIRS = 13, 12, 6

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
    """Stands in for the constructor: what the two methods read of the trainer."""
    trainer.model, trainer.ref_model, trainer.beta = model, reference, 0.1
    trainer.loss_types, trainer.loss_weights = [loss_type], [1.0]
    trainer.label_smoothing = 0.0 if "aot" in loss_type else 0.1  # as the catalog has them
    trainer.precompute_ref_logps, trainer.f_divergence_type = precompute, "reverse_kl"
    trainer.ld_alpha, trainer.use_weighting, trainer.aux_loss_enabled = None, False, False
    trainer.args = types.SimpleNamespace(gradient_checkpointing_kwargs=None, discopop_tau=0.05)
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


def compute(make, loss_type, precompute, inputs):
    model, reference = models()
    trainer = make()
    construct(trainer, model, reference, loss_type, precompute)
    if precompute:
        chosen, rejected = trainer.compute_ref_log_probs(reference, inputs)
        inputs = inputs | {"ref_chosen_logps": chosen, "ref_rejected_logps": rejected}
    loss = trainer._compute_loss(model, inputs, False)
    loss.backward()
    gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
    return loss.detach(), gradient, trainer._metrics["train"]


def compare(exported, trl, loss_type):
    worst = 0.0
    for seed in range(4):
        for precompute in (False, True):
            want, want_gradient, want_metrics = compute(trl, loss_type, precompute, batch(seed))
            got, gradient, metrics = compute(exported, loss_type, precompute, batch(seed))
            assert want_gradient.abs().max() > 1e-6, "the gradient vanishes"
            worst = max(worst, abs(got - want) / max(1, abs(want)), (gradient - want_gradient).abs().max() / want_gradient.abs().max())
            for name, values in metrics.items():
                assert abs(values[0] - want_metrics[name][0]) < 1e-9, f"metric {name}: {values} and {want_metrics[name]}"
    return float(worst)


def train(make, steps):
    model, reference = models()
    model.load_state_dict(reference.state_dict())
    trainer = make()
    construct(trainer, model, reference, "sigmoid", False)
    optimizer = torch.optim.Adam(model.requires_grad_().parameters(), lr=3e-2)
    losses = []
    for step in range(steps):
        trainer.state.global_step = step
        loss = trainer._compute_loss(model, batch(step % 5), False)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main(folder):
    trl = load(pathlib.Path(__file__).with_name("trl") / "dpo_trainer.py")
    sys.modules["trl"] = trl
    files = {path.stem.rpartition("_")[0]: path for path in pathlib.Path(folder).glob("*.py")}
    failures, worst = 0, 0.0
    for name, loss_type in TRL_NAMES.items():
        try:
            error = compare(load(files[name]).dpo_trainer(), trl.DPOTrainer, loss_type)
            worst = max(worst, error)
            assert error <= 1e-9, f"differs from TRL's {loss_type} by {error:.1e}"
        except Exception as error:
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}")
    want, got = train(trl.DPOTrainer, 50), train(load(files["dpo"]).dpo_trainer(), 50)
    apart = max(abs(a - b) for a, b in zip(want, got))
    print(f"{len(TRL_NAMES)} losses, {failures} failures, largest error {worst:.1e}")
    print(f"dpo: 50 steps from {got[0]:.4f} to {got[-1]:.4f}, at most {apart:.1e} away from TRL's own")
    return failures > 0 or apart > 1e-5 or not got[-1] < 0.8 * got[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
