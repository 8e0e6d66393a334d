"""Writes the fixture files beside this script: HDF5 tables as pandas, h5py and MATLAB store them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install h5py numpy pandas tables
    /tmp/venv/bin/python Tests/TabularTests/Fixtures/make_fixtures.py

MATLAB's own writer is not to be had here; its layout (version 7.3) is written as its files show it: a block of 512 bytes
with a header of text, every matrix transposed, and the attribute MATLAB_class. Expected values are in the tests, from
the formulas below.
"""

import pathlib
import warnings

import h5py
import numpy as np
import pandas as pd

FOLDER = pathlib.Path(__file__).parent
ROWS = 7
INDEX = np.arange(ROWS)


def create(name, **options):
    return h5py.File(FOLDER / name, "w", libver=("earliest", "v110"), **options)


def frame():
    return pd.DataFrame(
        {
            "depth": np.where(INDEX == 2, np.nan, INDEX * 0.5),
            "count": INDEX * 10,
            "open": INDEX % 2 == 0,
            "speed": (INDEX * 1.25).astype("f4"),
            "width": INDEX * 100.0,
            "größe": INDEX - 3,
        }
    )


def pandas_files():
    for name in ["pandas_fixed.h5", "pandas_table.h5", "pandas_two.h5"]:
        (FOLDER / name).unlink(missing_ok=True)
    warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
    fixed = frame()
    fixed["name"] = [f"n{i}" for i in INDEX]
    fixed.to_hdf(FOLDER / "pandas_fixed.h5", key="deep/frame", format="fixed", complib="zlib", complevel=9)
    table = frame()
    table["name"] = ["ab", "c", None, "ab", "", "äö", "c"]
    table["grade"] = pd.Categorical(["low", "high", None, "low", "mid", "mid", "high"], ["low", "mid", "high"])
    table["year"] = pd.Categorical([2001, 2002, 2001, None, 2002, 2002, 2001])
    options = {"format": "table", "complib": "zlib", "complevel": 1, "index": False}
    table.to_hdf(FOLDER / "pandas_table.h5", key="frame", data_columns=["count", "name"], **options)
    for key in ["train", "test"]:
        frame().to_hdf(FOLDER / "pandas_two.h5", key=key, **options)
    pd.DataFrame(np.arange(6.0).reshape(3, 2)).to_hdf(FOLDER / "pandas_two.h5", key="numbered", index=False)


def records():
    kind = np.dtype(
        [
            ("pt", "<f4"),
            ("charge", "i1"),
            ("cells", ">u2", (3,)),
            ("tag", "S4"),
            ("weight", "<f8"),
            ("label", h5py.string_dtype("utf-8")),
            ("inner", [("a", "<f4"), ("b", "<f4")]),
            ("flag", "?"),
        ]
    )
    data = np.zeros(ROWS, kind)
    data["pt"] = INDEX * 0.5
    data["charge"] = INDEX % 3 - 1
    data["cells"] = INDEX[:, None] * 256 + np.arange(3)
    data["tag"] = [b"ab", b"cdef", b"", b"ab", b"x", b"ab", b"x"]
    data["weight"] = INDEX + 0.25
    data["label"] = ["up", "down", "up", "", "down", "up", "up"]
    data["flag"] = INDEX % 2 == 1
    with create("records.h5") as file:
        file.create_dataset("events/particles", data=data, chunks=(3,), compression="gzip", shuffle=True)
        file["events/plain"] = data[["pt", "cells", "flag"]]
        file["events/y"] = (INDEX % 2).astype("u1")


def matlab(file, name, matrix, kind=None, **attributes):
    matrix = np.asarray(matrix)
    dataset = file.create_dataset(name, data=np.ascontiguousarray(matrix.T))
    names = {"float64": "double", "float32": "single", "bool": "logical"}
    dataset.attrs["MATLAB_class"] = np.bytes_(kind or names.get(str(matrix.dtype), str(matrix.dtype)))
    for key, value in attributes.items():
        dataset.attrs[key] = value
    return dataset


def matlab_files():
    with create("matlab.mat", userblock_size=512) as file:
        matlab(file, "X", INDEX[:, None] + np.arange(3) * 100.0)
        matlab(file, "y", (INDEX % 2 + 1.0)[:, None])
        matlab(file, "row", (INDEX % 2 + 1.0)[None, :])
        matlab(file, "images", (INDEX[:, None, None] * 100 + np.arange(2)[:, None] * 10 + np.arange(4)).astype("u1"))
        x = INDEX[:, None] + np.arange(5) * 10.0
        dataset = file.create_dataset("chunked", data=x.T, chunks=(2, 3), compression="gzip")
        dataset.attrs["MATLAB_class"] = np.bytes_("double")
        matlab(file, "table/a", (INDEX * 2.0)[:, None])
        matlab(file, "table/b", (INDEX * 3.0)[None, :])
        matlab(file, "flags", (INDEX % 2 == 0)[:, None].astype("u1"), kind="logical", MATLAB_int_decode=np.int32(1))
        matlab(file, "words", np.array([[1], [2]]), kind="cell")
        matlab(file, "text", np.array([[104, 105]], "u2"), kind="char", MATLAB_int_decode=np.int32(2))
        matlab(file, "nothing", np.array([[0, 0]], "u8"), kind="double", MATLAB_empty=np.uint8(1))
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 schema 1.00 ."
    with open(FOLDER / "matlab.mat", "r+b") as file:
        file.write(text.ljust(124) + b"\0\2IM")


def types():
    with create("types.h5") as file:
        values = np.array([0, 1, -1, 3, 100, -7, 2])
        for code in ["i1", "i2", "i4", "i8", "f2", "f4", "f8"]:
            for order in "<>":
                file[f"columns/{'le' if order == '<' else 'be'}_{code}"] = values.astype(order + code)
        for code in ["u1", "u2", "u4", "u8"]:
            for order in "<>":
                file[f"columns/{'le' if order == '<' else 'be'}_{code}"] = np.abs(values).astype(order + code)
        file["columns/extended"] = values.astype(np.longdouble)
        # Numbers whose nearest Float is not the one below: ties go to even, whatever the type.
        file["rounded/i4"] = np.array([16777217, 16777219, -16777217, 2147483647], "<i4")
        file["rounded/i8"] = np.array([2**62 + 1, -(2**63), 2**63 - 1, 9007199791611905], ">i8")
        file["rounded/u8"] = np.array([2**64 - 1, 2**63 + 2**39, 2**63 + 2**39 + 1, 1], "<u8")
        file["rounded/f8"] = np.array([1 + 2**-24, 1 + 3 * 2**-24, 1e-45, 3.4028235677973362e38], "<f8")
        file["rounded/f2"] = np.array([2**-24, -(2**-24), 65504, 1 / 3], "<f2")
        narrow = h5py.h5t.STD_I32LE.copy()
        narrow.set_precision(12)
        narrow.set_offset(4)
        dataset = h5py.h5d.create(file["rounded"].id, b"twelve", narrow, h5py.h5s.create_simple((4,)))
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([0, 2047, -2048, -1], "<i4"))
        file["missing/attribute"] = np.array([1, -999, 3, 4], "<i2")
        file["missing/attribute"].attrs["_FillValue"] = np.array([-999], "<i2")
        file["missing/single"] = np.array([0.1, 2, 0.1, 4], "<f4")
        file["missing/single"].attrs["missing_value"] = 0.1
        file["missing/large"] = np.array([2**63 - 1, 2**63 - 2, 3, 4], "<i8")
        file["missing/large"].attrs["_FillValue"] = np.int64(2**63 - 1)
        declared = file.create_dataset("missing/declared", shape=(4,), dtype="<i4", chunks=(2,), fillvalue=-1)
        declared[:2] = [5, 6]


for make in [pandas_files, records, matlab_files, types]:
    make()
