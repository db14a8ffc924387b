"""Runs scripts one after the other and says how each exits: python3 run_scripts.py FILE..."""

import runpy
import sys

for path in sys.argv[1:]:
    print("==", path)
    try:
        runpy.run_path(path, run_name="__main__")
        print("exit 0")
    except SystemExit as end:
        print("exit", int(end.code or 0))
