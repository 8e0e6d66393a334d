"""Runs Descent and its peers side by side and prints what each reaches, in Markdown, with the goals met and missed.

    python compare.py DESCENT FOLDER                      trains the workloads whose files workloads.py wrote into FOLDER
    python compare.py DESCENT --csv FILE...               reads tables that csv_files.py wrote

DESCENT is the command built with `swift build -c release`. Every round runs each program once, every other round in the
opposite order, so that a machine that drifts drifts for all. A run's first epoch is dropped; the median of the others,
over all rounds, counts. OPENBLAS_* variables are dropped, so that every library chooses its own kernel. Peers may live in
virtual environments of their own: --python torch=venv/bin/python. Use a machine that is otherwise idle.
"""

import argparse
import os
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

import report
from limits import MultiplyAdd, Sgemm, forget_blas_settings
from programs import READERS, TRAINERS, descent_reading, descent_training, peer_reading, peer_training
from report import Rates
from workloads import WORKLOADS


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("descent", type=Path)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--csv", type=Path, nargs="+", metavar="FILE", help="read these instead of training")
    parser.add_argument("--workloads", metavar="LIST", help=f"of {','.join(WORKLOADS)}; default all")
    parser.add_argument("--peers", metavar="LIST",
                        help=f"of {','.join(TRAINERS)}, default all but h2o; with --csv of {','.join(READERS)}")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="cores for all programs; default 2")
    parser.add_argument("--python", action="append", default=[], metavar="MODULE=PYTHON",
                        help="the Python that has a peer's module; default the one that runs this")  # fmt: skip
    options = parser.parse_args()

    if (options.folder is None) == (options.csv is None):
        parser.error("give either the folder of the workloads, to train, or --csv FILE..., to read")
    peers = READERS if options.csv else TRAINERS
    for given, known in [(options.workloads, WORKLOADS), (options.peers, peers)]:
        for name in given.split(",") if given else []:
            if name not in known:
                parser.error(f"'{name}' is none of {', '.join(known)}")
    options.workloads = options.workloads.split(",") if options.workloads else [*WORKLOADS]
    wanted = options.peers.split(",") if options.peers else [name for name in peers if name != "h2o"]
    options.peers = {name: peers[name] for name in wanted}
    for text in options.python:
        if "=" not in text:
            parser.error(f"--python {text} is not of the form MODULE=PYTHON")
    options.python = dict(text.split("=", 1) for text in options.python)
    options.descent = options.descent.absolute()
    files = options.csv or [options.folder / f"{name}.h5" for name in options.workloads]
    for file, maker in [(options.descent, "swift build -c release"), *((file, "workloads.py or csv_files.py") for file in files)]:
        if not file.exists():
            parser.error(f"{file} does not exist; {maker} makes it")
    return options


def installed(peers, pythons):
    """The Python and the versions of each peer that has one with all its modules."""
    found = {}
    for name, peer in peers.items():
        python = pythons.get(peer.modules[0], sys.executable)
        versions = peer.versions(python)
        if versions:
            found[name] = python, versions
    return found


def measure(rates, program, run):
    """Adds what a program reaches; where it fails, notes that and goes on."""
    try:
        measured = run()
        rates.add(program, measured)
        print(f"  {program}: {median(measured):,.0f}", file=sys.stderr, flush=True)
    except subprocess.CalledProcessError as error:
        rates.note(program, "failed")
        print(f"  {program}: {shlex.join(map(str, error.cmd))} failed with {error.returncode}", file=sys.stderr, flush=True)


def in_turn(items, number):
    """The items, in the opposite order in every other round."""
    return items if number % 2 == 0 else items[::-1]


def peer_runs(options, found, rates, run, wanted):
    """What to run of the wanted peers; notes why the others are not."""
    runs = []
    for name, peer in options.peers.items():
        if name not in found:
            rates.note(name, "not installed")
        elif name not in wanted:
            rates.note(name, "–")
        else:
            runs.append((name, partial(run, peer, found[name][0])))
    return runs


def train(options, found):
    loop, sgemm = MultiplyAdd(), Sgemm(options.workers)
    limits = Rates()
    results = {name: Rates() for name in options.workloads}
    for number in range(options.rounds):
        for threads in {1, options.workers}:
            limits.add(("multiply-add", threads), [loop.gflops(threads)])
            limits.add(("sgemm", threads), [sgemm.gflops(threads)])
        for name, rates in results.items():
            print(f"round {number + 1}, {name}", file=sys.stderr, flush=True)
            descent = partial(descent_training, options.descent, options.folder, name)
            training = partial(peer_training, folder=options.folder, name=name)
            able = [peer for peer in options.peers if name in options.peers[peer].workloads]
            runs = [
                ("sgemm", lambda: [sgemm.gflops(options.workers)]),
                ("descent", partial(descent, options.workers)),
                *peer_runs(options, found, rates, training, able),
                ("alone", partial(descent, 1)),
            ]
            for program, run in in_turn(runs, number):
                measure(rates, program, run)
    report.training_table(results, options.peers, options.workers)
    report.training_goals(results, options.peers, options.workers)
    report.limits_table(limits, options.workers, sgemm.kernel)


def read(options, found):
    results = {file: Rates() for file in options.csv}
    for number in range(options.rounds):
        for file, rates in results.items():
            print(f"round {number + 1}, {file.name}", file=sys.stderr, flush=True)
            reading = partial(peer_reading, file=file)
            runs = [
                ("descent", partial(descent_reading, options.descent, file)),
                *peer_runs(options, found, rates, reading, options.peers),
            ]
            for program, run in in_turn(runs, number):
                measure(rates, program, run)
    report.reading_table(results, options.peers)
    report.reading_goals(results, options.peers)


def main():
    options = arguments()
    forget_blas_settings()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.workers])
    load = os.getloadavg()[0]
    found = installed(options.peers, options.python)
    if options.csv:
        read(options, found)
    else:
        train(options, found)
    descent = subprocess.run([options.descent, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    versions = sorted({version for _, modules in found.values() for version in modules})
    print(f"- machine: {report.machine()}; load average at the start {load:.2f}")
    print(f"- versions: descent {descent}, {', '.join(versions)}")
    print(f"- command: `{shlex.join(['python', *sys.argv])}`")


if __name__ == "__main__":
    main()
