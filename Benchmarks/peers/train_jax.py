"""Trains one reference workload in JAX, the whole epoch as one jitted scan: the fastest peer on a CPU.

    python train_jax.py FOLDER NAME      prints the samples per second of each epoch after the first (compilation)
"""

import sys
import time
from functools import partial
from pathlib import Path

import h5py
import jax
import jax.numpy as jnp
import numpy as np

from workloads import WORKLOADS


def main(folder, name):
    rows, sizes, batch, epochs = WORKLOADS[name]
    with h5py.File(Path(folder) / f"{name}.h5") as file:
        steps = rows // batch
        x = jnp.asarray(file["x"][: steps * batch]).reshape(steps, batch, -1)
        y = jnp.asarray(file["y"][: steps * batch]).reshape(steps, batch)
    random = np.random.default_rng(1)
    parameters = []
    for a, b in zip(sizes, sizes[1:]):
        limit = (6 / (a + b)) ** 0.5
        parameters.append((jnp.asarray(random.uniform(-limit, limit, (a, b)), "f4"), jnp.zeros(b, "f4")))

    def loss(parameters, x, y):
        for kernel, bias in parameters[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        kernel, bias = parameters[-1]
        logits = x @ kernel + bias
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))

    def step(parameters, data):
        value, gradients = jax.value_and_grad(loss)(parameters, *data)
        return jax.tree.map(lambda p, g: p - 0.01 * g, parameters, gradients), value

    @partial(jax.jit, donate_argnums=0)
    def epoch(parameters, x, y):
        return jax.lax.scan(step, parameters, (x, y))

    for number in range(epochs + 1):
        start = time.perf_counter()
        parameters, losses = epoch(parameters, x, y)
        losses.block_until_ready()
        if number:
            print(f"{steps * batch / (time.perf_counter() - start):.0f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
