"""Checks exported JAX files, with numpy where JAX is missing: python3 check_jax.py DIR"""

import importlib.util
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")


def main(folder):
    worst, failures, files = 0.0, 0, sorted(pathlib.Path(folder).glob("*.py"))
    for path in files:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            error, count = module.self_test()
            assert count > 0 and error <= 1e-9, f"error {error:.1e}"
            worst = max(worst, error)
        except Exception as error:
            failures += 1
            print(f"{path.name}: {type(error).__name__}: {error}")
    print(f"{len(files)} files, {failures} failures, largest error {worst:.1e}")
    return failures > 0 or not files


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
