#!/usr/bin/env python3
"""Opens a model file with the Keras that is installed and compares its predictions with expected outputs.

    check_keras.py MODEL.h5 X.csv|X.npy EXPECTED.csv|EXPECTED.npy [--tolerance 1e-6]

X holds the features as the network takes them (already preprocessed), EXPECTED one row of outputs for each row of X,
the outputs of a network with several side by side. Tables are numbers, with or without a header row. The largest
difference may be the tolerance times the largest magnitude among the outputs. Exit code 0 if so, else 1.
"""

import argparse
import importlib.util
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "KERAS_BACKEND" not in os.environ and importlib.util.find_spec("jax") and not importlib.util.find_spec("tensorflow"):
    os.environ["KERAS_BACKEND"] = "jax"

import numpy as np


def read(path):
    if path.endswith(".npy"):
        table = np.load(path)
    else:
        with open(path) as file:
            first = file.readline().split(",")
        try:
            [float(field) for field in first]
            header = 0
        except ValueError:
            header = 1
        table = np.loadtxt(path, delimiter=",", skiprows=header, ndmin=2)
    return table.reshape(len(table), -1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("x")
    parser.add_argument("expected")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    options = parser.parse_args()

    warnings.filterwarnings("ignore")
    x, expected = read(options.x), read(options.expected)

    import keras

    version = f"Keras {keras.__version__} on {keras.backend.backend()}"
    try:
        model = keras.models.load_model(options.model)
        outputs = model.predict(x.astype(np.float32), verbose=0)
    except Exception as error:  # whatever Keras raises is the finding
        print(f"FAILED {options.model}: {version} does not open it: {type(error).__name__}: {error}")
        return 1
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    outputs = np.concatenate([np.asarray(output, np.float64).reshape(len(x), -1) for output in outputs], axis=1)
    if outputs.shape != expected.shape:
        print(f"FAILED {options.model}: {version} gives outputs of shape {outputs.shape}, expected {expected.shape}")
        return 1
    magnitude = np.abs(expected).max()
    difference = np.abs(outputs - expected).max()
    fine = difference <= options.tolerance * magnitude  # false for NaN
    verdict = "OK" if fine else "FAILED"
    print(
        f"{verdict} {options.model}: {version}, {model.count_params()} parameters, {len(x)} rows, "
        f"largest difference {difference:.2e} of {magnitude:.4g}"
    )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
