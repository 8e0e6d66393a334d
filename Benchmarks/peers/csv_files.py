"""Writes the two tables on which reading CSV is measured: a million rows of a 0/1 label and 28 random features.

    python csv_files.py FOLDER [--rows 1000000]

FOLDER/scientific.csv (739 MB) has fields like 8.692932128906250000e-01, FOLDER/plain.csv (258 MB) like -0.12573; both hold
the same float32 numbers, of a fixed seed, the second to six digits.
"""

import argparse
from pathlib import Path

import numpy as np

FEATURES = 28
ROWS_AT_ONCE = 10_000
# name: (format of the label, format of a feature)
FORMATS = {"scientific": ("%.18e", "%.18e"), "plain": ("%d", "%.6g")}


def blocks(rows):
    """Rows of the table, some at a time: a column of labels and one per feature."""
    random = np.random.default_rng(1)
    for start in range(0, rows, ROWS_AT_ONCE):
        count = min(ROWS_AT_ONCE, rows - start)
        label = random.integers(0, 2, (count, 1))
        yield np.hstack([label, random.standard_normal((count, FEATURES), dtype="f4")])


def write(path, rows, label, feature):
    line = ",".join([label] + [feature] * FEATURES) + "\n"
    with open(path, "w", newline="\n") as file:
        file.write(",".join(["label", *(f"x{number}" for number in range(1, FEATURES + 1))]) + "\n")
        for block in blocks(rows):
            file.writelines(line % tuple(row) for row in block.tolist())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, formats in FORMATS.items():
        path = options.folder / f"{name}.csv"
        write(path, options.rows, *formats)
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
