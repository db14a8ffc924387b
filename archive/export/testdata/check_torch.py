"""Checks exported PyTorch files: python3 check_torch.py DIR

Runs the self-test of every file in DIR in one process, and holds the nn.Module and
the TRL trainer of each to its function. TRL is not needed: a stand-in offers the
attributes of TRL 1.9.0's DPOTrainer that the trainer uses.
"""

import collections
import contextlib
import importlib.util
import pathlib
import sys
import types

import torch

torch.set_num_threads(1)
Outputs = collections.namedtuple("Outputs", "chosen_logps rejected_logps")


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def batch(pairs):
    torch.manual_seed(7)
    chosen_len, rejected_len = torch.randint(4, 40, (2, pairs))
    reference = -torch.rand(2, pairs, dtype=torch.float64) * 40 - 1
    policy = (reference + torch.randn(2, pairs, dtype=torch.float64)).requires_grad_()
    return policy, reference, chosen_len, rejected_len


def check_module(module):
    policy, reference, chosen_len, rejected_len = batch(4)
    preference = module.PreferenceLoss(beta=0.2)
    losses, chosen_rewards, rejected_rewards = preference(
        Outputs(*policy), Outputs(None, None) if preference.is_reference_free else Outputs(*reference),
        chosen_len=chosen_len, rejected_len=rejected_len, progress=0.5,
    )
    want = module.loss(*policy, *reference, 0.2, chosen_len, rejected_len, 0.5)
    assert torch.allclose(losses, want, rtol=0, atol=0, equal_nan=True), (losses, want)
    released = preference(*policy, *reference, chosen_len=chosen_len, rejected_len=rejected_len, progress=0.5)
    for got, same in zip(released, (losses, chosen_rewards, rejected_rewards)):
        assert torch.equal(got.nan_to_num(), same.nan_to_num()), "the two ways to call forward differ"
    listed = module.loss(*policy, *reference, 0.2, chosen_len.tolist(), rejected_len.tolist(), 0.5)
    assert torch.equal(listed.nan_to_num(), want.nan_to_num()), "lengths in lists are others"
    base = torch.zeros_like(reference) if preference.is_reference_free else reference
    assert torch.equal(chosen_rewards, 0.2 * (policy[0] - base[0])) and not chosen_rewards.requires_grad
    assert torch.equal(rejected_rewards, 0.2 * (policy[1] - base[1])) and not rejected_rewards.requires_grad


class Model(torch.nn.Module):
    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.table = torch.nn.Embedding(11, 11)

    def forward(self, input_ids, attention_mask, use_cache):
        return types.SimpleNamespace(logits=self.table(input_ids))


def completion_logps(model, inputs):
    """As TRL 1.9.0 sums them, token by token."""
    logits = model(inputs["input_ids"], inputs["attention_mask"], use_cache=False).logits
    logps = torch.log_softmax(logits[:, :-1], dim=-1).gather(2, inputs["input_ids"][:, 1:, None])[..., 0]
    logps = torch.where(inputs["completion_mask"][:, 1:] == 1, logps, torch.zeros_like(logps))
    return logps.sum(dim=1).chunk(2)


class DPOTrainer:
    """Trains a model, or, with a name, one whose adapter that name must switch away."""

    def __init__(self, adapter):
        self.model, self.ref_model, self.beta = Model(1), Model(2), 0.1
        if adapter:
            self.model.reference, self.ref_model = self.ref_model, None
            self.model.peft_config = {"default": {}} | ({"ref": {}} if adapter == "ref" else {})
        self.args = types.SimpleNamespace(use_liger_kernel=False)
        self.state = types.SimpleNamespace(global_step=30, max_steps=120)
        self.accelerator = types.SimpleNamespace(gather=lambda x: x, unwrap_model=lambda model: model)
        self._metrics = {"train": collections.defaultdict(list), "eval": collections.defaultdict(list)}


@contextlib.contextmanager
def use_adapter(model, name):
    """As TRL's: None switches adapters off."""
    assert name == ("ref" if "ref" in model.peft_config else None), name
    own, model.table = model.table, model.reference.table
    yield
    model.table = own


def check_trainer(module, precompute=False, adapter=None):
    trainer = module.dpo_trainer()(adapter)
    torch.manual_seed(3)
    mask = torch.tensor([[0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 1, 1]])
    inputs = {"input_ids": torch.randint(0, 11, (4, 6)), "attention_mask": torch.ones(4, 6), "completion_mask": mask}
    policy, reference = completion_logps(Model(1), inputs), completion_logps(Model(2), inputs)
    if precompute:
        trainer.ref_model = None
        inputs["ref_chosen_logps"], inputs["ref_rejected_logps"] = (x.detach() for x in reference)
    got, outputs = trainer.compute_loss(trainer.model, inputs, return_outputs=True)
    chosen_len, rejected_len = torch.tensor([4, 2]), torch.tensor([3, 4])
    want = module.loss(*policy, *(x.detach() for x in reference), 0.1, chosen_len, rejected_len, 0.25).mean()
    assert torch.allclose(got, want, rtol=1e-5, atol=1e-6, equal_nan=True), (got, want)
    assert outputs.logits.shape == (4, 6, 11)
    margins = trainer._metrics["train"]["rewards/margins"][0]
    chosen, rejected = (0.1 * (p - r) for p, r in zip(policy, reference))
    assert abs(margins - (chosen - rejected).mean().item()) < 1e-5
    trainer.args.use_liger_kernel = True
    try:
        trainer.compute_loss(trainer.model, inputs)
    except ValueError:
        return
    raise AssertionError("the trainer accepted Liger")


def main(folder):
    sys.modules["trl"] = types.SimpleNamespace(DPOTrainer=DPOTrainer)
    sys.modules["trl.trainer.utils"] = types.SimpleNamespace(use_adapter=use_adapter)
    worst, failures, untested, files = [0.0, 0.0], 0, 0, sorted(pathlib.Path(folder).glob("*.py"))
    for path in files:
        try:
            module = load(path)
            (double, count), (single, singles) = module.self_test()
            assert count > 0 and double <= 1e-9 and single <= 1e-5, f"errors {double:.1e} and {single:.1e}"
            untested += singles == 0
            worst = [max(worst[0], double), max(worst[1], single)]
            check_module(module)
            check_trainer(module)
            check_trainer(module, precompute=True)
            check_trainer(module, adapter="default")
            check_trainer(module, adapter="ref")
        except Exception as error:
            failures += 1
            print(f"{path.name}: {type(error).__name__}: {error}")
    print(
        f"{len(files)} files, {failures} failures, largest error {worst[0]:.1e} in float64, "
        f"{worst[1]:.1e} in float32, which {untested} have no batch for"
    )
    return failures > 0 or not files or untested > len(files) / 5


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
