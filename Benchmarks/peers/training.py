"""What the training scripts of all peers share: the arguments, the rows in memory, the loop over timed epochs.

A script gives `run` a function that makes ready to train, and gets back a function that trains one epoch. All train the
same network: dense layers with ReLU between them, softmax cross-entropy, plain gradient descent, rows in the file's order,
whole batches only. The first epoch compiles and warms up; readers of the output drop it.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from workloads import WORKLOADS

LEARNING_RATE = 0.01


class Problem(NamedTuple):
    x: np.ndarray
    """Features, float32: steps × batch × inputs."""
    y: np.ndarray
    """Labels, int32: steps × batch."""
    layers: list[int]
    """Widths from the inputs to the classes."""

    @property
    def rows(self):
        return self.y.size

    def parameters(self):
        """Kernel (inputs × outputs, Glorot uniform) and bias (zeros) of every layer."""
        random = np.random.default_rng(1)
        for inputs, outputs in zip(self.layers, self.layers[1:]):
            limit = (6 / (inputs + outputs)) ** 0.5
            yield random.uniform(-limit, limit, (inputs, outputs)).astype("f4"), np.zeros(outputs, "f4")


def cores():
    """The cores this process may use: as many threads as a peer should start."""
    return len(os.sched_getaffinity(0))


def arguments(description):
    """The arguments of every script, for it to add its own."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where workloads.py wrote its files")
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--rows", type=int, metavar="N", help="take the first N rows; default all")
    parser.add_argument("--epochs", type=int, metavar="N", help="epochs after the first; default by workload")
    parser.add_argument("--seconds", type=float, default=10, metavar="S",
                        help="start no other epoch when those after the first took so long; default 10")  # fmt: skip
    return parser


def load(folder, name, rows):
    """The rows in whole batches, of the first `rows` rows or of all."""
    _, layers, batch, _ = WORKLOADS[name]
    with h5py.File(folder / f"{name}.h5") as file:
        steps = (rows or len(file["y"])) // batch
        x = file["x"][: steps * batch].reshape(steps, batch, -1)
        y = file["y"][: steps * batch].reshape(steps, batch)
    return Problem(x, y, layers)


def run(options, prepare):
    """Trains epoch by epoch and prints a line of JSON for each, with the samples per second of the training pass.

    `prepare(problem)` returns a function that trains one epoch, waits until it is done, and returns the mean loss over it.
    """
    problem = load(options.folder, options.workload, options.rows)
    epoch = prepare(problem)
    timed = 0
    for number in range(1 + (options.epochs or WORKLOADS[options.workload].epochs)):
        start = time.perf_counter()
        loss = epoch()
        seconds = time.perf_counter() - start
        print(json.dumps({"epoch": number + 1, "loss": float(loss), "samples_per_second": problem.rows / seconds}), flush=True)
        timed += seconds if number else 0
        if timed > options.seconds:
            break
