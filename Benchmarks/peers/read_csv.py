"""Reads a CSV of numbers into a float32 matrix with a peer, and prints the megabytes (10⁶ bytes) per second of the best try.

    python read_csv.py polars|pandas|duckdb|pyarrow FILE [--tries 3]

The peers are told that every column is float32, and finish with one matrix in NumPy, rows or columns together as they
like. The printed sum is of all elements, for a reader to see that they read the same.
"""

import argparse
import json
import os
import time

import numpy as np


def polars(path, names):
    import polars

    return lambda: polars.read_csv(path, schema={name: polars.Float32 for name in names}).to_numpy()


def pandas(path, names):
    import pandas

    return lambda: pandas.read_csv(path, engine="c", dtype=np.float32).to_numpy()


def duckdb(path, names):
    import duckdb

    rows = "read_csv(?, header = true, columns = {" + ", ".join(f"'{name}': 'FLOAT'" for name in names) + "})"
    return lambda: np.stack(list(duckdb.execute(f"FROM {rows}", [path]).fetchnumpy().values()))


def pyarrow(path, names):
    import pyarrow
    from pyarrow import csv

    convert = csv.ConvertOptions(column_types={name: pyarrow.float32() for name in names})
    return lambda: np.stack([column.to_numpy() for column in csv.read_csv(path, convert_options=convert).columns])


READERS = {reader.__name__: reader for reader in [polars, pandas, duckdb, pyarrow]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=READERS)
    parser.add_argument("file")
    parser.add_argument("--tries", type=int, default=3, metavar="N")
    options = parser.parse_args()
    with open(options.file) as file:
        names = file.readline().rstrip("\n").split(",")
    read = READERS[options.peer](options.file, names)
    seconds = []
    for _ in range(options.tries):
        start = time.perf_counter()
        matrix = read()
        seconds.append(time.perf_counter() - start)
        assert matrix.dtype == np.float32 and len(names) in matrix.shape
        total = matrix.sum(dtype=float)
        del matrix
    megabytes = os.path.getsize(options.file) / 1e6
    print(json.dumps({"megabytes_per_second": megabytes / min(seconds), "sum": total}))


if __name__ == "__main__":
    main()
