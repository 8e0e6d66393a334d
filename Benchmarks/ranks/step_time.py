#!/usr/bin/env python3
"""Predicts the time of a training step on several ranks.

    step_time.py                                     predicted efficiency of the reference workloads, 1 to 1024 ranks
    step_time.py --network 64-512-512-10 --batch 256 --shards 4 --seconds 0.02 --ranks 2 --bandwidth 125e6 --latency 1e-4
                                                     one prediction, for a step that takes 0.02 s on one worker

A step of R ranks with W workers each takes, where S shards of the batch take c seconds each on one worker:

    compute    c * ceil(largest number of shards on a rank / W)
    gradients  latency + 4 P * max(sent, received) / bandwidth        each rank sends the sums of its subtrees
    update     u * P / R / W                                          and updates its share
    parameters latency + 4 P * (R - 1) / R / bandwidth                which it sends to all

Gradients leave in buckets of whole layers, each as soon as it is complete: of the time that they take, what counts is
what is left when the first layer's are. The first and the third come from one measurement on one machine: a step on one worker takes S c + u P seconds.
"""

import argparse
import math


def subtrees(shards, first, last):
    """The largest subtrees of the sum over `shards` that lie in [first, last): as ShardShares has them."""

    def visit(low, high):
        if first <= low and high <= last:
            return [(low, high)]
        if high <= first or last <= low:
            return []
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        return visit(low, middle) + visit(middle, high)

    return visit(0, shards) if first < last else []


def parameters(network):
    return sum(a * b + b for a, b in zip(network, network[1:]))


def operations(network, rows):
    layers = [2 * a * b for a, b in zip(network, network[1:])]
    return rows * (2 * layers[0] + 3 * sum(layers[1:]))


def buckets(network, ranks):
    """The parameters of the buckets, and their part of the computation of a shard, in the order of the backward pass.

    The first part includes the forward pass. As in ReductionChunks: whole layers from the last on."""
    layers = list(zip(network, network[1:]))
    least = max(1 << 18, ranks << 14)
    total = operations(network, 1)
    count, part = 0, sum(2 * a * b for a, b in layers) / total
    found = []
    for index in reversed(range(len(layers))):
        a, b = layers[index]
        count += a * b + b
        part += (4 if index else 2) * a * b / total
        if count >= least or index == 0:
            found.append((count, part))
            count, part = 0, 0.0
    return found


def step(network, shards, seconds, ranks, workers, bandwidth, latency, hosts_share=1, overlaps=True):
    """Seconds of a step, by its parts. `hosts_share`: ranks that share a host's link."""
    count = parameters(network)
    update = UPDATE * count
    per_shard = max(0.0, seconds - update) / shards
    shares = [(r * shards // ranks, (r + 1) * shards // ranks) for r in range(ranks)]
    compute = per_shard * math.ceil(max(b - a for a, b in shares) / workers)
    if ranks == 1:
        return {"compute": compute, "gradients": 0.0, "update": update / workers, "parameters": 0.0}
    sums = [len(subtrees(shards, a, b)) for a, b in shares]
    sent = max(s * (ranks - 1) / ranks for s in sums)
    received = max((sum(sums) - s) / ranks for s in sums)
    link = bandwidth / hosts_share
    ready = done = 0.0
    for size, part in buckets(network, ranks) if overlaps else [(count, 1.0)]:
        ready += compute * part
        done = max(done, ready) + latency + ranks * MESSAGE + 4 * size * max(sent, received) / link
    return {
        "compute": compute,
        "gradients": done - compute,
        "update": update / ranks / workers,
        "parameters": latency + ranks * MESSAGE + 4 * count * (ranks - 1) / ranks / link,
    }


# Seconds per parameter of summing and updating on one core, and per message.
UPDATE = 1.0e-9
MESSAGE = 1.0e-6

WORKLOADS = {
    "mnist": ([784, 256, 128, 10], 128),
    "higgs": ([28, 300, 300, 300, 300, 300, 2], 1024),
    "small": ([16, 64, 64, 2], 32),
    "wide": ([1024, 4096, 4096, 1000], 512),
}


def table(rate, bandwidth, latency, workers):
    ranks = [1, 2, 4, 8, 16, 64, 256, 1024]
    print(f"{rate / 1e9:.0f} GFLOP/s a worker, {workers} workers a rank, {bandwidth / 1e9:.3g} GB/s, {latency * 1e6:.3g} us")
    for title, scaled in [("the batch stays, a shard is never less than 64 rows", False),
                          ("every rank has a batch of the workload", True)]:
        print(f"\nEfficiency where {title}:\n")
        print("| workload | " + " | ".join(f"{r}" for r in ranks) + " |")
        print("|---|" + "---:|" * len(ranks))
        for name, (network, batch) in WORKLOADS.items():
            cells = []
            for r in ranks:
                rows = batch * r if scaled else batch
                shards = max(1, min(rows // 64, r * workers)) if not scaled else r * max(1, min(workers, batch // 64))
                count = parameters(network)
                seconds = operations(network, rows) / rate + UPDATE * count
                total = sum(step(network, shards, seconds, r, workers, bandwidth, latency).values())
                cells.append(f"{100 * seconds / total / (r * workers):.0f} %")
            print(f"| {name} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="of a step on one worker")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--ranks-per-host", type=int, default=1)
    parser.add_argument("--bandwidth", type=float, default=12.5e9, help="bytes a second, each way")
    parser.add_argument("--latency", type=float, default=2e-6, help="seconds")
    parser.add_argument("--no-overlap", action="store_true", help="all gradients leave at the end of the backward pass")
    parser.add_argument("--rate", type=float, default=100e9, help="operations a second of one worker")
    arguments = parser.parse_args()
    if not arguments.network:
        table(arguments.rate, arguments.bandwidth, arguments.latency, arguments.workers)
        return
    network = [int(width) for width in arguments.network.split("-")]
    parts = step(network, arguments.shards, arguments.seconds, arguments.ranks, arguments.workers,
                 arguments.bandwidth, arguments.latency, arguments.ranks_per_host, not arguments.no_overlap)
    for name, seconds in parts.items():
        print(f"{name:<11}{1e3 * seconds:9.3f} ms")
    print(f"{'step':<11}{1e3 * sum(parts.values()):9.3f} ms")


if __name__ == "__main__":
    main()
