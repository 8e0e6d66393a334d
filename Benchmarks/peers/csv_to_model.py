"""Times the whole way from a CSV to a trained model file: Descent, and polars with PyTorch, in turn.

    python csv_to_model.py DESCENT FOLDER/scientific.csv [--rounds 3]

Both read the table (a label and 28 features), scale the features to mean 0 and deviation 1, train 28-300×5-2 for one epoch
with Adam at 0.001 on shuffled batches of 1024 rows, and write the model. The clock runs around the whole process: start-up,
imports and reading included. PyTorch does what its fastest careful user would: one matrix, rows gathered by a random
permutation, no DataLoader, the fused optimizer. OPENBLAS_* variables are dropped. `--peer FILE` runs PyTorch's side alone.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

WIDTHS = [300] * 5
BATCH = 1024


def peer(path, output):
    import polars
    import torch
    from torch import nn

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    with open(path) as file:
        names = file.readline().rstrip("\n").split(",")
    table = polars.read_csv(path, schema={name: polars.Float32 for name in names})
    y = torch.from_numpy(table["label"].to_numpy()).long()
    x = torch.from_numpy(table.drop("label").to_numpy(writable=True))
    x.sub_(x.mean(0)).div_(x.std(0))
    layers, inputs = [], x.shape[1]
    for width in WIDTHS:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    model = nn.Sequential(*layers, nn.Linear(inputs, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
    order = torch.randperm(len(x))
    total = 0.0
    for start in range(0, len(x), BATCH):
        rows = order[start : start + BATCH]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(rows)
    torch.save(model.state_dict(), output)
    print(f"loss {float(total) / len(x):.4f}", file=sys.stderr)


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("descent", nargs="?", type=Path)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", nargs=2, metavar=("FILE", "OUTPUT"))
    options = parser.parse_args()
    if options.peer:
        return peer(*options.peer)
    for name in [name for name in os.environ if name.startswith("OPENBLAS_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as work:
        runs = {
            "descent": [options.descent, "train", options.file, "--target", "label", "--layers", ",".join(map(str, WIDTHS)),
                        "--batch-size", str(BATCH), "--epochs", "1", "--validation-split", "0", "--quiet",
                        "--output", f"{work}/model.h5"],
            "polars + PyTorch": [sys.executable, __file__, "--peer", options.file, f"{work}/model.pt"],
        }  # fmt: skip
        taken = {name: [] for name in runs}
        for number in range(options.rounds):
            for name in list(runs)[:: 1 if number % 2 == 0 else -1]:
                taken[name].append(seconds(runs[name]))
                print(f"{name}: {taken[name][-1]:.2f} s", flush=True)
    ours, theirs = (median(taken[name]) for name in runs)
    print(f"medians: descent {ours:.2f} s, polars + PyTorch {theirs:.2f} s, ratio {ours / theirs:.3f}")


if __name__ == "__main__":
    main()
