"""Tries snippets of docs/exports.md, each in a folder with the exported file.

    python3 check_snippet.py [pytorch|trl|torchtune|jax FILE]...

The PyTorch snippet is run. The TRL snippet is run with stand-ins for what it imports,
whose DPOConfig takes the arguments that are known of TRL 1.9.0; torchtune's is
instantiated as torchtune does, by path and arguments. The JAX snippet's function is run
with numpy.
"""

import importlib
import inspect
import os
import pathlib
import sys
import types

sys.path.insert(0, "")

# Of TRL 1.9.0's DPOConfig and DPOTrainer and of transformers' TrainingArguments, what a
# training script may want; only names count.
CONFIG = {"output_dir", "beta", "learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps", "max_steps"}
TRAINER = {"model", "ref_model", "args", "processing_class", "train_dataset", "eval_dataset"}


def pytorch(text):
    scope = {}
    exec(text, scope)
    assert scope["losses"].shape == scope["chosen"].shape, "one loss per pair"
    assert scope["chosen"].grad.abs().min() > 0, "no gradient"


def trl(text):
    made = []

    class DPOConfig:
        def __init__(self, **arguments):
            assert set(arguments) <= CONFIG, f"DPOConfig has no {set(arguments) - CONFIG}"

    class DPOTrainer:
        def __init__(self, **arguments):
            assert set(arguments) <= TRAINER, f"DPOTrainer has no {set(arguments) - TRAINER}"
            assert isinstance(arguments["args"], DPOConfig)

        def compute_loss(self):
            pass

        def train(self):
            made.append(type(self))

    loader = types.SimpleNamespace(from_pretrained=lambda name: name)
    sys.modules["trl"] = types.SimpleNamespace(DPOConfig=DPOConfig, DPOTrainer=DPOTrainer)
    sys.modules["datasets"] = types.SimpleNamespace(load_dataset=lambda name, split: name)
    sys.modules["transformers"] = types.SimpleNamespace(AutoModelForCausalLM=loader, AutoTokenizer=loader)
    exec(text, {})
    assert made and made[0] is not DPOTrainer and issubclass(made[0], DPOTrainer), "the exported trainer was not used"
    assert "compute_loss" in vars(made[0]), "it does not replace the loss"


def torchtune(text):
    section, *lines = text.splitlines()
    assert section == "loss:", section
    arguments = dict(line.strip().split(": ") for line in lines)
    module, _, name = arguments.pop("_component_").rpartition(".")
    preference = getattr(importlib.import_module(module), name)
    values = {key: float(value) for key, value in arguments.items()}
    inspect.signature(preference).bind(**values)
    assert preference(**values).beta == values["beta"]
    # A recipe calls it with four log-probabilities (0.6.1), or with two objects that have them.
    for inputs in (4, 2):
        inspect.signature(preference.forward).bind(None, *range(inputs))


def jax(text):
    def grad(function):
        return function

    stand_in = types.SimpleNamespace(grad=grad)
    text = text.replace("import jax\n", "")
    scope = {"jax": stand_in}
    exec(text, scope)
    import numpy

    value = scope["gradient"](*numpy.array([[-40.0, -31.0], [-42.0, -30.0], [-41.0, -31.0], [-41.0, -32.0]]))
    assert numpy.isfinite(value) and value > 0, value


def attempt(kind, path):
    """Says whether a snippet works in the folder it is in."""
    os.chdir(path.parent)
    for name in list(sys.modules):
        if name.startswith("dpo_"):
            del sys.modules[name]
    importlib.invalidate_caches()
    try:
        globals()[kind](path.read_text(encoding="utf-8"))
        return "works"
    except Exception as error:
        return f"{type(error).__name__}: {error}".replace("\n", " ")


if __name__ == "__main__":
    for kind, name in zip(sys.argv[1::2], sys.argv[2::2]):
        print(f"== {name}: {attempt(kind, pathlib.Path(name))}")
