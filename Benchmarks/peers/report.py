"""The tables that compare.py prints, in Markdown, and the goals they are held against."""

import os
import platform
from pathlib import Path
from statistics import median

from workloads import WORKLOADS

# By workload: how many times the fastest peer, and how many times PyTorch run eagerly.
OVER_FASTEST_PEER = {"mnist": 1.25, "higgs": 1.25, "small": 2, "wide": 1.08}
OVER_TORCH = {"mnist": 2.5, "higgs": 2.5, "small": 20, "wide": 2}
# By workload: share of the rate of as many single-threaded callers of sgemm as Descent has workers.
SHARE_OF_SGEMM = {"mnist": 0.85, "higgs": 0.90, "wide": 0.95}
# By workload: how many times one worker, on two.
OVER_ONE_WORKER = {"mnist": 1.9, "higgs": 1.9, "wide": 1.9}
OVER_POLARS = 2


class Rates:
    """What was measured of one workload or file: every rate, by the program, or why there is none."""

    def __init__(self):
        self.measured = {}
        self.notes = {}

    def add(self, program, rates):
        self.measured.setdefault(program, []).extend(rates)

    def note(self, program, reason):
        self.notes[program] = reason

    def __getitem__(self, program):
        """The median, or None."""
        return median(self.measured[program]) if program in self.measured else None

    def ratio(self, program, other):
        """How many times as fast a program is as another, or None."""
        mine, others = self[program], self[other]
        return mine / others if mine and others else None

    def cell(self, program):
        """A program's rate, or why there is none."""
        return self.notes[program] if self[program] is None else f"{self[program]:,.0f}"

    def peer_cell(self, peer):
        """A peer's rate and how many times as fast Descent is."""
        ratio = self.ratio("descent", peer)
        return self.cell(peer) + (f" ({ratio:.2f}×)" if ratio else "")

    def fastest(self, programs):
        return max((program for program in programs if self[program]), key=self.__getitem__, default=None)


def row(*cells):
    print("|", " | ".join(map(str, cells)), "|")


def head(texts, numbers):
    """A header of columns of text and of columns of numbers, which align to the right."""
    row(*texts, *numbers)
    print("|" + "---|" * len(texts) + "---:|" * len(numbers))


def gflops(name, rates):
    """What Descent computes of a workload, or None."""
    return rates["descent"] and rates["descent"] * WORKLOADS[name].flop_per_sample / 1e9


def share(name, rates):
    """Of the rate of sgemm, or None."""
    return gflops(name, rates) and gflops(name, rates) / rates["sgemm"]


def number(value, form):
    return "–" if value is None else format(value, form)


def training_table(results, peers, workers):
    head(
        ["workload", "layers", "batch"],
        ["Descent, samples/s", "GFLOPS", f"of sgemm, {workers} callers", f"{workers} workers over 1"]
        + [peer.title for peer in peers.values()],
    )
    for name, rates in results.items():
        row(
            name, "-".join(map(str, WORKLOADS[name].layers)), WORKLOADS[name].batch, rates.cell("descent"),
            number(gflops(name, rates), ".0f"), f"{number(share(name, rates), '.0%')} of {rates['sgemm']:.0f}",
            number(rates.ratio("descent", "alone"), ".2f"), *map(rates.peer_cell, peers),
        )  # fmt: skip
    print("\nIn brackets: how many times as fast Descent is.\n")


def training_goals(results, peers, workers):
    head(["workload", "what"], ["goal", "measured", "verdict"])
    for name, rates in results.items():
        if fastest := rates.fastest(peers):
            goal(name, f"over {peers[fastest].title}, the fastest peer", OVER_FASTEST_PEER, rates.ratio("descent", fastest))
        if "torch" in peers:
            goal(name, f"over {peers['torch'].title}", OVER_TORCH, rates.ratio("descent", "torch"))
        goal(name, f"of sgemm, {workers} callers", SHARE_OF_SGEMM, share(name, rates))
        if workers == 2:
            goal(name, "2 workers over 1", OVER_ONE_WORKER, rates.ratio("descent", "alone"))
    print()


def reading_table(results, peers):
    head(["file", "MB"], ["Descent, MB/s", *(peer.title for peer in peers.values())])
    for file, rates in results.items():
        row(file.name, f"{file.stat().st_size / 1e6:.0f}", rates.cell("descent"), *map(rates.peer_cell, peers))
    print("\nIn brackets: how many times as fast Descent is.\n")


def reading_goals(results, peers):
    head(["file", "what"], ["goal", "measured", "verdict"])
    for file, rates in results.items():
        if "polars" in peers:
            goal(file.name, "over polars", {file.name: OVER_POLARS}, rates.ratio("descent", "polars"))
    print()


def goal(subject, what, goals, measured):
    """The row of a subject's goal, if it has one."""
    if subject in goals:
        verdict = "not measured" if measured is None else "met" if measured >= goals[subject] else "missed"
        row(subject, what, f"{goals[subject]:.2f}", number(measured, ".2f"), verdict)


def limits_table(limits, workers, kernel):
    head(["GFLOPS"], ["1 thread", f"{workers} threads"])
    for what, key in [("multiply-adds in registers", "multiply-add"), (f"sgemm 1024³, OpenBLAS {kernel}", "sgemm")]:
        row(what, f"{limits[key, 1]:.0f}", f"{limits[key, workers]:.0f}")
    print()


def machine():
    """The processor, the cores in use, and the system."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())
    cores = f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} cores"
    return f"{model}, {cores}, {platform.system()} {platform.release()}, Python {platform.python_version()}"
