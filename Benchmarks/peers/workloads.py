"""The reference workloads: shapes, batch sizes, and the HDF5 files that every side reads.

    python workloads.py FOLDER      writes FOLDER/mnist.h5, higgs.h5, small.h5, wide.h5 (random numbers, fixed seed)
"""

import argparse
from pathlib import Path
from typing import NamedTuple


class Workload(NamedTuple):
    rows: int
    layers: list[int]
    """Widths from the inputs to the classes."""
    batch: int
    epochs: int
    """Epochs to time, so that a run trains for some seconds; one more, dropped, comes before them."""

    @property
    def flop_per_sample(self):
        """Multiplications and additions of a training step per row: no gradient of the inputs in the first layer."""
        products = [2 * a * b for a, b in zip(self.layers, self.layers[1:])]
        return 3 * sum(products) - products[0]


WORKLOADS = {
    "mnist": Workload(60_000, [784, 256, 128, 10], 128, 10),
    "higgs": Workload(200_000, [28, 300, 300, 300, 300, 300, 2], 1024, 3),
    "small": Workload(200_000, [16, 64, 64, 2], 32, 25),
    "wide": Workload(4_096, [1024, 4096, 4096, 1000], 512, 2),
}


def write(folder):
    import h5py
    import numpy as np

    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    for name, workload in WORKLOADS.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["x"] = random.standard_normal((workload.rows, workload.layers[0]), dtype="f4")
            file["y"] = random.integers(0, workload.layers[-1], workload.rows).astype("i4")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
