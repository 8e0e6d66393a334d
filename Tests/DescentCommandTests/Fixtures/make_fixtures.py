#!/usr/bin/env python3
"""Writes the fixture files beside this script: HDF5 that the Swift module cannot write itself.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install h5py numpy
    /tmp/venv/bin/python Tests/DescentCommandTests/Fixtures/make_fixtures.py

    lzf.h5       features packed by the filter LZF, which only h5py brings along
    external.h5  features in another file, which a table may not be made to read
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
