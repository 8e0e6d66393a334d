#!/usr/bin/env python3
"""Writes the CSV files of this folder from the copies that scikit-learn carries.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python datasets/make_datasets.py          # writes beside this script
    venv/bin/python datasets/make_datasets.py FOLDER   # or elsewhere

No network is used once scikit-learn is installed, and the bytes do not depend on its release (1.3 and 1.9 agree).
"""

import sys
from pathlib import Path

import numpy as np
from sklearn import datasets


def column_text(values):
    """Shortest decimals, at most 12 digits; a column of whole numbers has no decimal point."""
    values = np.asarray(values)
    if values.dtype.kind in "OUS":
        return [str(value) for value in values]
    if np.all(values == np.round(values)):
        return [str(int(value)) for value in values]
    # Twelve digits: some releases carry 4.803999999999999 where the source says 4.804.
    return [repr(float(f"{value:.12g}")) for value in values]


def write(folder, name, columns):
    """Writes `columns`, pairs of (name, values), as NAME.csv with a header row and LF line endings."""
    texts = [column_text(values) for _, values in columns]
    lines = [",".join(title for title, _ in columns)]
    lines += [",".join(row) for row in zip(*texts, strict=True)]
    path = folder / f"{name}.csv"
    path.write_bytes(("\n".join(lines) + "\n").encode("ascii"))
    print(f"{path}: {len(lines) - 1} rows, {len(columns)} columns, {path.stat().st_size} bytes")


def features(bunch, names=None):
    return list(zip(names or bunch.feature_names, bunch.data.T, strict=True))


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent

    digits = datasets.load_digits()
    pixels = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    write(folder, "digits", features(digits, pixels) + [("label", digits.target)])

    iris = datasets.load_iris()
    measures = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    write(folder, "iris", features(iris, measures) + [("species", iris.target_names[iris.target])])

    wine = datasets.load_wine()
    chemistry = [name.replace("/", "_") for name in wine.feature_names]
    write(folder, "wine", features(wine, chemistry) + [("cultivar", wine.target)])

    cancer = datasets.load_breast_cancer()
    nuclei = [str(name).replace(" ", "_") for name in cancer.feature_names]
    write(folder, "breast_cancer", features(cancer, nuclei) + [("diagnosis", cancer.target_names[cancer.target])])

    diabetes = datasets.load_diabetes(scaled=False)
    write(folder, "diabetes", features(diabetes) + [("progression", diabetes.target)])


if __name__ == "__main__":
    main()
