"""Measures what the machine can do at most: multiply-adds in registers, and sgemm of several single-threaded callers.

    python limits.py [--workers 2]

Multiply-adds are those of multiply_add.c, compiled here by `cc -O3 -march=native` for AVX2 and for AVX-512; the faster
counts. sgemm multiplies matrices of 1024 × 1024 by OpenBLAS, one BLAS thread per call, as many callers at a time as Descent
has workers. OpenBLAS chooses its kernel itself: OPENBLAS_* variables are dropped.
"""

import argparse
import array
import ctypes
import os
import random
import subprocess
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

SIZE = 1024
"""Of the matrices, both ways."""
TURNS = 5_000_000
"""Of the loop of multiply-adds, per call: as many milliseconds as a product of matrices takes."""
CALLS = 6
ATTEMPTS = 5
ROW_MAJOR, NO_TRANSPOSE = 101, 111


def forget_blas_settings():
    """Drops OPENBLAS_* from the environment of this process and its children; before OpenBLAS is loaded."""
    for name in [name for name in os.environ if name.startswith("OPENBLAS_")]:
        del os.environ[name]


def gflops(flop, works):
    """What the works, each called repeatedly by a thread of its own, reach together; the best of some attempts.

    ctypes releases Python's lock while a C function runs, so the threads run at the same time.
    """
    return max(attempt(flop, works) for _ in range(ATTEMPTS))


def attempt(flop, works):
    start_line = threading.Barrier(len(works))
    spans = []

    def run(work):
        start_line.wait()
        start = time.perf_counter()
        for _ in range(CALLS):
            work()
        spans.append((start, time.perf_counter()))

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    starts, ends = zip(*spans)
    return len(works) * CALLS * flop / (max(ends) - min(starts)) / 1e9


class MultiplyAdd:
    """The loop of multiply_add.c, compiled for AVX2 and for AVX-512."""

    def __init__(self):
        source = Path(__file__).with_name("multiply_add.c")
        with tempfile.TemporaryDirectory() as folder:
            self.libraries = [self.compile(source, f"{folder}/multiply_add_{width}.so", width) for width in (8, 16)]

    def compile(self, source, path, width):
        subprocess.run(["cc", "-O3", "-march=native", f"-DWIDTH={width}", "-shared", "-fPIC", "-o", path, source], check=True)
        library = ctypes.CDLL(path)
        library.multiply_add.argtypes = [ctypes.c_long, ctypes.c_float]
        return library

    def gflops(self, threads):
        """The rate of the faster of the two."""
        rates = []
        for library in self.libraries:
            flop = TURNS * ctypes.c_long.in_dll(library, "flop_per_turn").value
            rates.append(gflops(flop, [partial(library.multiply_add, TURNS, 1)] * threads))
        return max(rates)


class Sgemm:
    """OpenBLAS as Descent links it, with matrices for some callers."""

    def __init__(self, workers):
        self.library = ctypes.CDLL("libopenblas.so.0")
        self.library.openblas_set_num_threads(1)
        self.library.cblas_sgemm.argtypes = (
            [ctypes.c_int] * 6 + [ctypes.c_float, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
            + [ctypes.c_float, ctypes.c_void_p, ctypes.c_int])  # fmt: skip
        values = array.array("f", (random.uniform(-1, 1) for _ in range(SIZE * SIZE)))
        self.matrices = [[values[:] for _ in "abc"] for _ in range(workers)]

    @property
    def kernel(self):
        self.library.openblas_get_corename.restype = ctypes.c_char_p
        return self.library.openblas_get_corename().decode()

    def gflops(self, callers):
        return gflops(2 * SIZE**3, [partial(self.multiply, *matrices) for matrices in self.matrices[:callers]])

    def multiply(self, a, b, c):
        a, b, c = (matrix.buffer_info()[0] for matrix in (a, b, c))
        self.library.cblas_sgemm(
            ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0, c, SIZE)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    workers = parser.parse_args().workers
    forget_blas_settings()
    loop, sgemm = MultiplyAdd(), Sgemm(workers)
    print(f"| GFLOPS | 1 thread | {workers} threads |\n|---|---:|---:|")
    print(f"| multiply-adds in registers | {loop.gflops(1):.0f} | {loop.gflops(workers):.0f} |")
    print(f"| sgemm {SIZE}³, OpenBLAS {sgemm.kernel} | {sgemm.gflops(1):.0f} | {sgemm.gflops(workers):.0f} |")


if __name__ == "__main__":
    main()
