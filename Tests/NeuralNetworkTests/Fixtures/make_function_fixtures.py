#!/usr/bin/env python3
"""Writes functions.json: activations and their derivatives in 200 digits, rounded to Double.

    python3 -m venv venv && venv/bin/pip install mpmath numpy keras jax
    venv/bin/python make_function_fixtures.py          # writes beside this script

Values come from the definitions, derivatives from central differences of them with a step of 1e-20 or less: nothing here shares
a formula with the code under test. Afterwards the activations of Keras 3 and their gradients are held against the table.
Every x is a float32 value, written so that it reads alike as Float and as Double.
"""

import json
import os
from pathlib import Path

import mpmath
import numpy as np
from mpmath import mpf

mpmath.mp.dps = 200
FOLDER = Path(__file__).resolve().parent

SELU_ALPHA = mpf("1.6732632423543772848170429916717")
SELU_SCALE = mpf("1.0507009873554804934193349852946")


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def positive(x):
    return x


# Each function as its branch for x > 0 and its branch for x <= 0, so that the derivative at 0 is the left one.
FUNCTIONS = {
    "sigmoid": (sigmoid, sigmoid),
    "tanh": (mpmath.tanh, mpmath.tanh),
    "relu": (positive, lambda x: mpf(0)),
    "leaky_relu": (positive, lambda x: x / 100),
    "elu": (positive, mpmath.expm1),
    "selu": (lambda x: SELU_SCALE * x, lambda x: SELU_SCALE * SELU_ALPHA * mpmath.expm1(x)),
    "gelu": (lambda x: x * mpmath.ncdf(x),) * 2,
    "silu": (lambda x: x * sigmoid(x),) * 2,
    "softplus": (lambda x: mpmath.log1p(mpmath.exp(x)),) * 2,
    "exp": (mpmath.exp,) * 2,
}

NOTES = {
    "leaky_relu": "slope 0.01",
    "elu": "alpha 1",
    "selu": f"scale {mpmath.nstr(SELU_SCALE, 17)}, alpha {mpmath.nstr(SELU_ALPHA, 17)}",
    "gelu": "exact: x times the normal distribution function, not the tanh approximation",
}


def derivative(function, x):
    # 200 digits, because derivatives reach 1e-87 where the function is near 1.
    step = mpf(10) ** (-20 if abs(x) > 1e-10 else -60)
    return (function(x + step) - function(x - step)) / (2 * step)


def grid():
    points = [step * 3 / 16 for step in range(-106, 107)]
    for extreme in (1e-30, 1e-8, 2**-20, 2**-10, 20, 50, 88, 100):
        points += [-extreme, extreme]
    return sorted(float(np.float32(point)) for point in points)


def make():
    x = grid()
    functions = []
    for name, (above, below) in FUNCTIONS.items():
        branches = [above if point > 0 else below for point in x]
        functions.append(
            {
                "name": name,
                "note": NOTES.get(name, ""),
                "values": [float(branch(mpf(point))) for branch, point in zip(branches, x)],
                "derivatives": [float(derivative(branch, mpf(point))) for branch, point in zip(branches, x)],
            }
        )
    lines = [
        "{",
        ' "made_with": ' + json.dumps(f"mpmath {mpmath.__version__}, 200 digits, rounded to Double") + ",",
        ' "at_zero": "derivatives at 0 are those of the branch x <= 0",',
        f' "x": {json.dumps(x)},',
        ' "functions": [',
        ",\n".join("  " + json.dumps(function).replace(', "', ',\n   "') for function in functions),
        " ]",
        "}",
    ]
    text = "\n".join(lines) + "\n"
    json.loads(text)
    (FOLDER / "functions.json").write_text(text, encoding="ascii")
    print(f"functions.json: {len(functions)} functions at {len(x)} points, {len(text)} bytes")
    return np.array(x), functions


def check(x, functions):
    """Holds Keras 3 in float32 against the table."""
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import keras

    of_keras = {
        "leaky_relu": lambda x: keras.activations.leaky_relu(x, negative_slope=0.01),
        "gelu": lambda x: keras.activations.gelu(x, approximate=False),
        "exp": keras.activations.exponential,
    }
    print(f"keras {keras.__version__}; largest errors, absolute over max(1, |expected|):")
    for function in functions:
        name = function["name"]
        of_keras.setdefault(name, getattr(keras.activations, name, None))
        results = {
            "values": np.asarray(of_keras[name](np.float32(x)), np.float64),
            "derivatives": np.asarray(jax.vmap(jax.grad(of_keras[name]))(np.float32(x)), np.float64),
        }
        errors = []
        for key, found in results.items():
            expected = np.array(function[key])
            finite = np.abs(expected) < np.finfo(np.float32).max
            if key == "derivatives":
                finite &= x != 0  # libraries differ at the kink
            error = np.abs(found - expected)[finite] / np.maximum(1, np.abs(expected[finite]))
            errors.append(error.max())
        print(f"  {name:12s} value {errors[0]:.1e} derivative {errors[1]:.1e}")
        assert max(errors) < 2e-6, name


if __name__ == "__main__":
    check(*make())
