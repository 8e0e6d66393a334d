#!/usr/bin/env python3
"""Writes the fixture files beside this script: HDF5 that the Swift module cannot write itself.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install h5py numpy
    /tmp/venv/bin/python Tests/DescentCommandTests/Fixtures/make_fixtures.py

    lzf.h5       features packed by the filter LZF, which only h5py brings along
    external.h5  features in another file, which a table may not be made to read
    texts.h5     columns, texts of any length among them
    latest.h5    the same in the formats of HDF5 1.10
    cycles.h5    a table among groups that hold one another, and links that lead in a circle
"""

import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parent
FEATURES = np.arange(80, dtype="<f4").reshape(40, 2)
LABELS = np.arange(40, dtype="<i4") % 3


def create(name):
    return h5py.File(FOLDER / name, "w", libver=("earliest", "v110"))


with create("lzf.h5") as file:
    file.create_dataset("x", data=FEATURES, compression="lzf")
    file["y"] = LABELS

with create("external.h5") as file:
    file["x"] = h5py.ExternalLink("/etc/hostname", "/x")
    file["y"] = LABELS

KINDS = ["low", "high", "", "mid"]


def columns(group):
    group["number"] = np.arange(40, dtype="<f8")
    group.create_dataset("packed", data=np.arange(40, dtype="<i2"), chunks=(7,), maxshape=(None,), compression="gzip")
    texts = h5py.string_dtype("utf-8")
    group.create_dataset("kind", data=[KINDS[i % 4] for i in range(40)], dtype=texts)
    group.create_dataset("word", data=[f"w{i % 3}" for i in range(40)], dtype=texts, chunks=(9,), compression="gzip")
    group["grade"] = np.array([i % 3 for i in range(40)], h5py.enum_dtype({"a": 0, "b": 1, "c": 2}, basetype="u1"))
    group.attrs["note"] = "texts of any length"
    group["number"].attrs["_FillValue"] = -1.0


with create("texts.h5") as file:
    columns(file)

with h5py.File(FOLDER / "latest.h5", "w", libver=("v110", "v110"), track_order=True) as file:
    columns(file)
    for index in range(12):
        file.attrs[f"attribute {index}"] = list(range(index))

with create("cycles.h5") as file:
    file["x"] = FEATURES
    file["y"] = LABELS
    for name in ["a", "a/b", "c"]:
        file.create_group(name)
    file["a/b/up"] = file["a"]
    file["a/top"] = file["/"]
    file["c/again"] = file["x"]
    file["c/self"] = file["c"]
    file["soft"] = h5py.SoftLink("/other")
    file["other"] = h5py.SoftLink("/soft")
    file["through"] = h5py.SoftLink("/a/b/up/b/up/top/x")
