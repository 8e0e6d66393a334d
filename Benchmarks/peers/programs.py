"""The programs that are compared: how each is run, and how fast it says that it was."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from workloads import WORKLOADS

HERE = Path(__file__).parent


class Peer(NamedTuple):
    title: str
    modules: list[str]
    """What it imports. The first names the virtual environment it lives in, as `--python MODULE=PYTHON` does."""
    command: list[str]
    """Its script here, and arguments."""
    workloads: list[str] = [*WORKLOADS]

    def versions(self, python):
        """The versions of its modules, or None where `python` has not got them all."""
        code = f"import importlib\nfor m in {self.modules}: print(m, importlib.import_module(m).__version__)"
        probe = subprocess.run([python, "-c", code], capture_output=True, text=True)
        return None if probe.returncode else probe.stdout.splitlines()


TRAINERS = {
    "jax": Peer("JAX", ["jax", "h5py"], ["train_jax.py"]),
    "torch": Peer("PyTorch", ["torch", "h5py"], ["train_torch.py"]),
    "torch-compile": Peer("PyTorch, compiled", ["torch", "h5py"], ["train_torch.py", "--mode", "default"]),
    "keras": Peer("Keras, TensorFlow", ["keras", "tensorflow", "h5py"], ["train_keras.py"]),
    "sklearn": Peer("scikit-learn", ["sklearn", "h5py"], ["train_sklearn.py"]),
    "h2o": Peer("H2O", ["h2o", "h5py"], ["train_h2o.py", "--rows", "50000", "--epochs", "1"], ["higgs"]),
}
READERS = {
    module: Peer(module, [module, "numpy"], ["read_csv.py", module]) for module in ["polars", "pandas", "duckdb", "pyarrow"]
}


def peer_lines(peer, python, *arguments):
    """The lines of JSON that a peer's script prints."""
    script, *options = peer.command
    return json_lines([python, HERE / script, *options, *arguments])


def json_lines(command):
    """Runs a command; its standard error is shown only where it fails."""
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        sys.stderr.write(run.stderr)
        run.check_returncode()
    return [json.loads(line) for line in run.stdout.splitlines()]


def peer_training(peer, python, folder, name):
    """Samples per second of every epoch but the first."""
    return [line["samples_per_second"] for line in peer_lines(peer, python, folder, name)[1:]]


def peer_reading(peer, python, file):
    """Megabytes per second of the best try, as a list of one."""
    return [line["megabytes_per_second"] for line in peer_lines(peer, python, file)]


def descent_training(descent, folder, name, workers):
    """Samples per second of every epoch but the first; whole batches only, as the peers take them."""
    workload = WORKLOADS[name]
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "log.jsonl"
        subprocess.run(
            [descent, "train", folder / f"{name}.h5", "--task", "classification", "--validation-split", "0",
             "--optimizer", "sgd", "--scale", "none", "--no-shuffle", "--drop-last", "--batch-size", str(workload.batch),
             "--layers", ",".join(map(str, workload.layers[1:-1])), "--epochs", str(workload.epochs + 1),
             "--workers", str(workers), "--output", f"{work}/model.h5", "--log", log, "--quiet"],
            check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        lines = map(json.loads, log.read_text().splitlines())
        return [line["samples_per_second"] for line in lines if line["event"] == "epoch"][1:]


def descent_reading(descent, file):
    """Megabytes per second of reading a CSV into float32 rows, as a list; the one place that knows the command for it."""
    return [line["megabytes_per_second"] for line in json_lines([descent, "bench", "--read", "--json", file])]
