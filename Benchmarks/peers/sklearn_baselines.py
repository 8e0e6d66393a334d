#!/usr/bin/env python3
"""What scikit-learn's dense networks reach on the small datasets, and the same splits for other programs.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python sklearn_baselines.py                       # the table, over five splits
    venv/bin/python sklearn_baselines.py --write-splits DIR    # DIR/NAME-train.csv and DIR/NAME-test.csv of split 0

A split holds out a fifth of the rows, stratified for classification, by random_state 0...4. Features are standardised
with the training rows' statistics, for diabetes the target too; the network is MLPClassifier or MLPRegressor with layers
of 256 and 128, ReLU, Adam at 1e-3, batches of 128 (of all rows where there are fewer) and scikit-learn's default L2 of
1e-4, trained for exactly the epochs said. Scores are of the held-out rows: accuracy, or R² for diabetes. The written
splits are the raw rows of the dataset, byte for byte.
"""

import argparse
import csv
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
REGRESSION = {"diabetes"}
NAMES = ["digits", "iris", "wine", "breast_cancer", "diabetes"]


def read(name):
    """Header line, row lines, features and targets; the target is the last column."""
    header, *lines = (DATASETS / f"{name}.csv").read_text().splitlines()
    rows = list(csv.reader(lines))
    x = np.array([row[:-1] for row in rows], dtype=float)
    y = np.array([row[-1] for row in rows], dtype=float if name in REGRESSION else str)
    return header, lines, x, y


def split(name, y, seed):
    """Row indices for training and testing."""
    return train_test_split(
        np.arange(len(y)), test_size=0.2, random_state=seed, stratify=None if name in REGRESSION else y
    )


def score(name, x, y, seed, epochs):
    train, test = split(name, y, seed)
    scaler = StandardScaler().fit(x[train])
    inputs, held_out = scaler.transform(x[train]), scaler.transform(x[test])
    targets, answers = y[train], y[test]
    network = MLPRegressor if name in REGRESSION else MLPClassifier
    if name in REGRESSION:
        answers = (answers - targets.mean()) / targets.std()
        targets = (targets - targets.mean()) / targets.std()
    model = network(
        hidden_layer_sizes=(256, 128),
        learning_rate_init=1e-3,
        batch_size=min(128, len(train)),
        max_iter=epochs,
        early_stopping=False,
        tol=0,
        n_iter_no_change=epochs + 1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(inputs, targets)
    assert model.n_iter_ == epochs
    return model.score(held_out, answers)


def write_splits(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        header, lines, _, y = read(name)
        for part, rows in zip(["train", "test"], split(name, y, 0)):
            text = "\n".join([header, *(lines[row] for row in rows)]) + "\n"
            (folder / f"{name}-{part}.csv").write_text(text, newline="\n")
            print(f"{folder / f'{name}-{part}.csv'}: {len(rows)} rows")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME", help=f"datasets; default {' '.join(NAMES)}")
    parser.add_argument("--write-splits", type=Path, metavar="DIR")
    parser.add_argument("--epochs", type=int, nargs="+", default=[30, 100, 200])
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    if options.write_splits:
        write_splits(options.write_splits, options.names)
        return

    titles = [f"{epochs} epochs" for epochs in options.epochs]
    print("| dataset | score |", " | ".join(titles), "| split 0 | seconds |")
    print("|---|---|" + "---:|" * (len(titles) + 2), flush=True)
    for name in options.names:
        _, _, x, y = read(name)
        start = time.perf_counter()
        table = np.array(
            [[score(name, x, y, seed, epochs) for seed in range(options.splits)] for epochs in options.epochs]
        )
        cells = [f"{row.mean():.4f} ± {row.std(ddof=1):.4f}" for row in table]
        first = " ".join(f"{row[0]:.4f}" for row in table)
        metric = "R²" if name in REGRESSION else "accuracy"
        print(f"| {name} | {metric} |", " | ".join(cells), f"| {first} | {time.perf_counter() - start:.1f} |", flush=True)


if __name__ == "__main__":
    main()
