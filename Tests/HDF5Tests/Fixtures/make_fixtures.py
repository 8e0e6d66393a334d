"""Writes the fixture files beside this script: HDF5 as others write it, which the Swift module cannot write itself.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install h5py numpy
    /tmp/venv/bin/python Tests/HDF5Tests/Fixtures/make_fixtures.py
"""

import pathlib
import zlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parent


def create(name):
    return h5py.File(FOLDER / name, "w", libver=("earliest", "v110"))


def numbers():
    with create("numbers.h5") as file:
        for code in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
            values = np.array([[0, 1, 2], [100, 50, 7]])
            for order, name in [("<", "little"), (">", "big")]:
                file.create_dataset(f"{name}/{code}", data=values.astype(order + code))
        file["limits/i8"] = np.array([-(2**63), 2**63 - 1], dtype=">i8")
        file["limits/u8"] = np.array([0, 2**64 - 1], dtype=">u8")
        file["limits/f2"] = np.array([65504, -0.5, np.nan, np.inf], dtype=">f2")
        file["boolean"] = np.array([True, False, True])
        file["color"] = np.array([2, 0, 1, 2], dtype=h5py.enum_dtype({"red": 0, "green": 1, "blue": 2}, basetype=">i4"))
        file["compound"] = np.zeros(1, dtype=[("a", "<i4"), ("b", "<f8"), ("c", "<f4", (3,))])
        file["scalar"] = np.float32(2.5)
        file["reference"] = np.array([file["scalar"].ref], dtype=h5py.ref_dtype)
        file.create_dataset("null", data=h5py.Empty("f4"))
        table = np.arange(210, dtype="<i4").reshape(30, 7)
        file.create_dataset("filtered", data=table, chunks=(8, 3), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("unfilled", shape=(3,), dtype="<f4", chunks=(2,), fill_time="never")
        file.create_dataset("cube", data=np.arange(24, dtype="<u2").reshape(2, 3, 4))


def string_type(length, padding, encoding):
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(length)
    kind.set_strpad(padding)
    kind.set_cset(encoding)
    return kind


def strings():
    ascii_set, utf8_set = h5py.h5t.CSET_ASCII, h5py.h5t.CSET_UTF8
    fixed = {
        "null_terminated": (string_type(6, h5py.h5t.STR_NULLTERM, ascii_set), b"ab\0xyzcdefg\0" + b"\0" * 6),
        "null_padded": (string_type(6, h5py.h5t.STR_NULLPAD, utf8_set), "grün\0".encode() + b"abcdef" + b"\0" * 6),
        "space_padded": (string_type(6, h5py.h5t.STR_SPACEPAD, ascii_set), b"ab    a b   " + b" " * 6),
        "not_text": (string_type(3, h5py.h5t.STR_NULLPAD, ascii_set), b"abc\xff\xfe\0xyz"),
    }
    with create("strings.h5") as file:
        for name, (kind, data) in fixed.items():
            space = h5py.h5s.create_simple((3,))
            dataset = h5py.h5d.create(file.id, name.encode(), kind, space)
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.frombuffer(data, dtype=f"V{kind.get_size()}"), mtype=kind)
        file.create_dataset("variable_utf8", data=["grün", "", "日本"], dtype=h5py.string_dtype("utf-8"))
        file.create_dataset("variable_ascii", data=["a", "bc", "def"], dtype=h5py.string_dtype("ascii"))
        file.create_dataset("unwritten", shape=(2,), dtype=h5py.string_dtype("utf-8"))
        attributes = file.attrs
        attributes["variable"] = "grün"
        attributes["fixed"] = np.bytes_(b"fixed")
        attributes["list"] = ["a", "bc"]
        attributes["fixed_list"] = np.array([b"a", b"bc"])
        attributes["null_string"] = h5py.Empty(h5py.string_dtype("ascii", 1))
        attributes["null_number"] = h5py.Empty("f8")
        attributes["empty_list"] = np.zeros((0,), "f8")
        attributes["number"] = np.array(7, ">i2")
        attributes["numbers"] = np.array([1.5, 2.5], ">f4")
        attributes["truth"] = np.bool_(True)


def links():
    with create("links.h5") as file:
        file["data/x"] = np.arange(3, dtype="<f4")
        file["soft"] = h5py.SoftLink("/data/x")
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["outside"] = h5py.ExternalLink("numbers.h5", "/scalar")
        file["around"] = h5py.SoftLink("/outside")
        file["type"] = np.dtype("<f4")


def refused():
    with create("refused.h5") as file:
        file.create_dataset("lzf", data=np.zeros((40, 40), "<f4"), compression="lzf")
        file.create_dataset("external", shape=(4,), dtype="<f4", external=[("raw.bin", 0, 16)])
        layout = h5py.VirtualLayout(shape=(3,), dtype="<f4")
        layout[:] = h5py.VirtualSource("links.h5", "data/x", shape=(3,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("huge", shape=(1 << 40, 784), dtype="<f4", chunks=(1, 784))
        file.create_dataset("beyond", shape=(1 << 62, 1 << 62), dtype="<f4", chunks=(1, 784))


def chunks():
    values = np.arange(1, 13 * 7 + 1, dtype="<f4").reshape(13, 7)
    with create("chunks.h5") as file:
        file.create_dataset("stored", data=values, chunks=(5, 7), compression="gzip", shuffle=True, maxshape=(None, 7))
        file.create_dataset("checked", data=values, chunks=(6, 4), fletcher32=True)
        file.create_dataset("scaled", data=values.astype("<i4"), chunks=(6, 4), scaleoffset=0, shuffle=False)
        kind = h5py.h5t.STD_I16LE.copy()
        kind.set_precision(10)
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((4, 7))
        creation.set_filter(h5py.h5z.FILTER_NBIT)
        nbit = h5py.h5d.create(file.id, b"nbit", kind, h5py.h5s.create_simple((13, 7)), creation)
        nbit.write(h5py.h5s.ALL, h5py.h5s.ALL, values.astype("<i2"))
        # Checksums before and after the compression.
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((5, 3))
        creation.set_fletcher32()
        creation.set_deflate(6)
        creation.set_fletcher32()
        twice = h5py.h5d.create(file.id, b"twice", h5py.h5t.IEEE_F32BE, h5py.h5s.create_simple((13, 7)), creation)
        twice.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
        # Chunks that say that the filters were left out for them.
        skipped = file.create_dataset("skipped", shape=(13, 7), dtype="<f4", chunks=(13, 7), compression="gzip", shuffle=True)
        skipped.id.write_direct_chunk((0, 0), values.tobytes(), filter_mask=3)
        never = file.create_dataset("never", shape=(13, 7), dtype=">i2", chunks=(4, 7), fillvalue=-5)
        partial = file.create_dataset("partial", shape=(13, 7), dtype="<f8", chunks=(4, 3), fillvalue=0.5, compression="gzip")
        partial[5:7, 2:5] = 9
        file.create_dataset("late", shape=(13, 7), dtype="<f4", fillvalue=3)


def hostile():
    values = np.arange(100, dtype="<f4").reshape(20, 5)
    with create("hostile.h5") as file:
        packed = zlib.compress(values.tobytes())
        contents = {
            "bomb": zlib.compress(bytes(1 << 20), 9),
            "short": zlib.compress(values.tobytes()[:-1]),
            "garbage": b"\xff" * 40,
            "cut": packed[:-20],
            "empty": b"",
            "oversized": bytes(9000),
        }
        for name, content in contents.items():
            dataset = file.create_dataset(name, shape=(20, 5), dtype="<f4", chunks=(20, 5), compression="gzip")
            if content:
                dataset.id.write_direct_chunk((0, 0), content)
        checked = file.create_dataset("checksum", shape=(20, 5), dtype="<f4", chunks=(20, 5), fletcher32=True)
        checked.id.write_direct_chunk((0, 0), values.tobytes() + b"\1\2\3\4")
        tiny = file.create_dataset("tiny", shape=(20, 5), dtype="<f4", chunks=(20, 5), fletcher32=True)
        tiny.id.write_direct_chunk((0, 0), b"abc")
        file.create_dataset("many", shape=(1 << 60,), dtype="u1")
        file.create_dataset("wide", shape=(4, 1 << 31), dtype="u1", chunks=(1, 1 << 31), maxshape=(None, 1 << 31))
        # One chunk of 3 GiB around four numbers, which takes a few bytes of the file.
        vast = file.create_dataset("vast", shape=(4,), dtype="u1", chunks=(3 << 30,), maxshape=(None,), compression="gzip")
        vast.id.write_direct_chunk((0,), zlib.compress(bytes(1 << 20)))


def names():
    with create("names.h5") as file:
        for name in [b"plain", "größe".encode(), "größe".encode("latin-1"), b"tab\tand\nline", b"\x1b[31mred", b"a.b c"]:
            h5py.h5d.create(file.id, name, h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2,)))
            scalar = h5py.h5s.create(h5py.h5s.SCALAR)
            h5py.h5a.create(file.id, name, h5py.h5t.STD_I8LE, scalar).write(np.array(5, "i1"))


for make in [numbers, strings, links, refused, chunks, hostile, names]:
    make()
