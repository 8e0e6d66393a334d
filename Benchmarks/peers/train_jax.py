"""Trains a reference workload in JAX, the whole epoch as one jitted scan.

    python train_jax.py FOLDER WORKLOAD
"""

from functools import partial

import jax
import jax.numpy as jnp

from training import LEARNING_RATE, arguments, run


def loss(parameters, x, y):
    *hidden, (kernel, bias) = parameters
    for inner_kernel, inner_bias in hidden:
        x = jax.nn.relu(x @ inner_kernel + inner_bias)
    logits = x @ kernel + bias
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


def step(parameters, batch):
    value, gradients = jax.value_and_grad(loss)(parameters, *batch)
    return jax.tree.map(lambda p, g: p - LEARNING_RATE * g, parameters, gradients), value


@partial(jax.jit, donate_argnums=0)
def train(parameters, x, y):
    return jax.lax.scan(step, parameters, (x, y))


def prepare(problem):
    x, y = jnp.asarray(problem.x), jnp.asarray(problem.y)
    parameters = [(jnp.asarray(kernel), jnp.asarray(bias)) for kernel, bias in problem.parameters()]

    def epoch():
        nonlocal parameters
        parameters, losses = train(parameters, x, y)
        return losses.mean().block_until_ready()

    return epoch


if __name__ == "__main__":
    run(arguments(__doc__).parse_args(), prepare)
