#!/usr/bin/env bash
# Trains and scores cells of the task reviews with discover and with PyTorch, in
# turns on one thread, and prints the processor seconds of a cell and their ratio.
# Needs Go and a Python that has torch ($PYTHON, or python3).
set -euo pipefail
cd "$(dirname "$0")/../.."
go test -tags torch -run TestPyTorchTrainsTheSame -count 1 -v ./evaluator/proxy
