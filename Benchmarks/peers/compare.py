"""Times Descent and JAX on the reference workloads, A B A B, and prints medians and ratios.

    python compare.py DESCENT FOLDER [NAME...]

DESCENT is the command built with `swift build -c release`; FOLDER holds the files that workloads.py wrote. Every library
chooses its own BLAS kernel. Run it on a machine that is otherwise idle.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from workloads import WORKLOADS, flop_per_sample

HERE = Path(__file__).parent
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
ROUNDS = 3


def descent(command, folder, name, *extra):
    _, layers, batch, epochs = WORKLOADS[name]
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(
            [command, "train", Path(folder) / f"{name}.h5", "--task", "classification", "--validation-split", "0",
             "--optimizer", "sgd", "--scale", "none", "--no-shuffle", "--drop-last", "--batch-size", str(batch),
             "--layers", ",".join(map(str, layers[1:-1])), "--epochs", str(epochs + 1), "--quiet",
             "--output", f"{work}/model.h5", "--log", f"{work}/log.jsonl", *extra],
            check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)  # fmt: skip
        lines = [json.loads(line) for line in Path(f"{work}/log.jsonl").read_text().splitlines()]
    return [line["samples_per_second"] for line in lines if line["event"] == "epoch"][1:]


def jax(folder, name):
    run = subprocess.run(
        [sys.executable, HERE / "train_jax.py", folder, name], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    return [float(line) for line in run.stdout.split()]


def main(command, folder, *names):
    print(f"{'workload':10}{'Descent':>12}{'1 worker':>12}{'JAX':>12}{'ratio':>8}{'scaling':>9}{'GFLOPS':>8}")
    for name in names or WORKLOADS:
        ours, alone, theirs = [], [], []
        for _ in range(ROUNDS):
            ours += descent(command, folder, name)
            theirs += jax(folder, name)
            alone += descent(command, folder, name, "--workers", "1")
        a, b, c = median(ours), median(theirs), median(alone)
        gflops = a * flop_per_sample(WORKLOADS[name][1]) / 1e9
        print(f"{name:10}{a:12.0f}{c:12.0f}{b:12.0f}{a / b:8.2f}{a / c:9.2f}{gflops:8.0f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
