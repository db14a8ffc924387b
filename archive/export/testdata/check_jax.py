"""Checks exported JAX files, with numpy where JAX is missing: python3 check_jax.py DIR"""

import importlib.util
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")


def main(folder):
    worst, failures, rough, files = [0.0, 0.0], 0, 0, sorted(pathlib.Path(folder).glob("*.py"))
    for path in files:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            value, count, slope, slopes = module.self_test()
            assert count > 0 and value <= 1e-9, f"error {value:.1e}"
            assert slope <= (1e-4 if module.jax is None else 1e-9), f"error {slope:.1e} of the gradients"
            rough += slopes < count / 2
            worst = [max(worst[0], value), max(worst[1], slope)]
        except Exception as error:
            failures += 1
            print(f"{path.name}: {type(error).__name__}: {error}")
    print(
        f"{len(files)} files, {failures} failures, largest error {worst[0]:.1e}, {worst[1]:.1e} of the gradients; "
        f"{rough} have gradients for less than half of the batches"
    )
    return failures > 0 or not files or rough > len(files) / 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
