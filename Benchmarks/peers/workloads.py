"""The reference workloads: shapes, batch sizes, and the HDF5 files that every side reads.

    python workloads.py FOLDER      writes FOLDER/mnist.h5, higgs.h5, small.h5, wide.h5 (random numbers, fixed seed)
"""

import sys
from pathlib import Path

# name: (rows, layers from inputs to classes, batch size, epochs that fill some seconds)
WORKLOADS = {
    "mnist": (60_000, [784, 256, 128, 10], 128, 6),
    "higgs": (200_000, [28, 300, 300, 300, 300, 300, 2], 1024, 4),
    "small": (200_000, [16, 64, 64, 2], 32, 8),
    "wide": (4_096, [1024, 4096, 4096, 1000], 512, 3),
}


def flop_per_sample(layers):
    """Multiplications and additions of a training step per row: no gradient of the inputs in the first layer."""
    products = [2 * a * b for a, b in zip(layers, layers[1:])]
    return 3 * sum(products) - products[0]


def write(folder):
    import h5py
    import numpy as np

    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (rows, layers, _, _) in WORKLOADS.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["x"] = random.standard_normal((rows, layers[0]), dtype="f4")
            file["y"] = random.integers(0, layers[-1], rows).astype("i4")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
