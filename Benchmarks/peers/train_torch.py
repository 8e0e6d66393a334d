"""Trains a reference workload in PyTorch, eagerly or compiled.

    python train_torch.py FOLDER WORKLOAD [--mode default]

Compiled, loss and gradients are one compiled function; the update is PyTorch's fused one either way.
"""

import torch
from torch import nn

from training import LEARNING_RATE, arguments, cores, run

MODES = ["eager", "default", "reduce-overhead", "max-autotune"]


def network(problem):
    layers = []
    for kernel, bias in problem.parameters():
        dense = nn.Linear(*kernel.shape)
        with torch.no_grad():
            dense.weight.copy_(torch.from_numpy(kernel.T))
            dense.bias.copy_(torch.from_numpy(bias))
        layers += [dense, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def prepare(problem, mode):
    torch.set_num_threads(cores())
    batches = list(zip(torch.from_numpy(problem.x), torch.from_numpy(problem.y).long()))
    model = network(problem)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, fused=True)

    def loss(x, y):
        return nn.functional.cross_entropy(model(x), y)

    if mode != "eager":
        loss = torch.compile(loss, mode=mode)

    def epoch():
        total = 0.0
        for x, y in batches:
            optimizer.zero_grad()
            value = loss(x, y)
            value.backward()
            optimizer.step()
            total += value.detach()
        return total / len(batches)

    return epoch


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--mode", choices=MODES, default="eager", help="eager, or a mode of torch.compile")
    options = parser.parse_args()
    run(options, lambda problem: prepare(problem, options.mode))
