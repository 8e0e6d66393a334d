#!/usr/bin/env python3
"""Writes small model files with Keras itself, for the tests of reading, and what Keras predicts with them.

    keras2_mlp.h5, keras2_layers.h5, keras2_norms.h5   when the installed Keras is of generation 2
    keras3_mlp.h5, keras3_layers.h5, keras3_norms.h5, keras3_functional.h5   when it is of generation 3

and beside each a .json with inputs, outputs and model.to_json(). Run it once with either generation:

    python3 -m venv keras2 && keras2/bin/pip install 'tensorflow-cpu==2.15.*' && keras2/bin/python make_keras_fixtures.py
    python3 -m venv keras3 && keras3/bin/pip install keras jax h5py && keras3/bin/python make_keras_fixtures.py
"""

import importlib.util
import json
import os
import re
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if not importlib.util.find_spec("tensorflow"):
    os.environ["KERAS_BACKEND"] = "jax"
warnings.filterwarnings("ignore")

import keras
import numpy as np
from keras import layers, regularizers

FOLDER = Path(__file__).resolve().parent
GENERATION = int(keras.__version__.split(".")[0])
RANDOM = np.random.RandomState(23)


def shortest(values):
    array = np.asarray(values, np.float32)
    return [shortest(value) for value in array] if array.ndim else float(str(array[()]))


def set_weights(model):
    model.set_weights([RANDOM.normal(0, 0.6, part.shape).round(4).astype(np.float32) for part in model.get_weights()])


def write(name, model, features):
    x = RANDOM.normal(0, 1, (6, features)).round(3).astype(np.float32)
    outputs = model.predict(x, verbose=0)
    model.save(FOLDER / f"{name}.h5")
    reopened = keras.models.load_model(FOLDER / f"{name}.h5", compile=False)
    assert np.array_equal(reopened.predict(x, verbose=0), outputs)
    value = {
        "made_with": f"keras {keras.__version__}, {keras.backend.backend()} backend",
        "layers": [layer.name for layer in model.layers],
        "parameters": model.count_params(),
        "x": shortest(x),
        "outputs": shortest(outputs),
        "architecture": model.to_json(),
    }
    text = json.dumps(value, indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]"), text)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="ascii")
    print(f"{name}.h5: {(FOLDER / f'{name}.h5').stat().st_size} bytes, layers {value['layers']}")


def multilayer_perceptron():
    """Activations inside Dense and as layers, a kernel without bias, a regularizer, a training configuration."""
    slope = {"alpha": 0.2} if GENERATION == 2 else {"negative_slope": 0.2}
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6, activation="silu", kernel_regularizer=regularizers.L1L2(l1=1e-5, l2=1e-4), name="h1"),
            layers.Dropout(0.25, name="drop"),
            layers.Dense(5, use_bias=False, name="h2"),
            layers.LeakyReLU(name="leaky", **slope),
            layers.Dense(3, activation="softmax", name="out"),
        ],
        name="net",
    )
    set_weights(model)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def functional():
    """Branches of unequal depth with kernels of one shape: Keras lists "b" before "a", though "a" was made first."""
    x = keras.Input((4,), name="in")
    a = layers.Dense(4, activation="tanh", name="a")(x)
    b = layers.Dense(4, activation="gelu", name="b")(x)
    b = layers.LeakyReLU(negative_slope=0.1, name="leaky")(b)
    total = layers.Add(name="sum")([a, b, x])
    product = layers.Multiply(name="product")([total, a])
    model = keras.Model(x, layers.Dense(2, name="out")(product), name="graph")
    set_weights(model)
    return model


def several_layers():
    """Side by side, scaled by constants and by adapted statistics, frozen, and ending in a sigmoid layer of its own."""
    slope = {"alpha": 0.2} if GENERATION == 2 else {"negative_slope": 0.2}
    x = keras.Input((4,), name="in")
    adapted = layers.Normalization(name="adapted")
    adapted.adapt(np.array([[1, 2, 3, 4], [2, 2, -3, 8], [4, 1, 0, 9]], np.float32))
    a = layers.Dense(5, name="a", trainable=False)(adapted(x))
    a = layers.ELU(alpha=0.5, name="elu")(a)
    b = layers.Rescaling([0.5, 2.0, -1.0, 0.25], offset=[0.0, 1.0, 2.0, -0.5], name="each")(x)
    b = layers.Normalization(mean=[0.5, 1.0, -2.0, 0.0], variance=[1.0, 4.0, 0.25, 2.0], name="fixed")(b)
    b = layers.Dense(3, activation=layers.LeakyReLU(**slope), name="b")(b)
    c = layers.Rescaling(1 / 255, name="all")(x)
    c = layers.Normalization(axis=None, mean=0.25, variance=0.0625, name="one")(c)
    together = layers.Concatenate(name="together")([a, b, c, x])
    together = layers.Activation("tanh", name="tanh")(together)
    y = layers.Activation("sigmoid", name="sigmoid")(layers.Dense(2, name="out")(together))
    model = keras.Model(x, y, name="several")
    for name in ["a", "b", "out"]:
        layer = model.get_layer(name)
        layer.set_weights([RANDOM.normal(0, 0.6, part.shape).round(4) for part in layer.get_weights()])
    return model


def normalizations():
    """Batch and layer normalization with all their weights, with some, with none, and frozen."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.BatchNormalization(name="first"),
            layers.Dense(6, name="h1"),
            layers.BatchNormalization(momentum=0.9, epsilon=0.01, scale=False, name="centred"),
            layers.Activation("relu", name="relu"),
            layers.Dense(5, name="h2"),
            layers.LayerNormalization(name="rows"),
            layers.BatchNormalization(center=False, scale=False, name="bare"),
            layers.LayerNormalization(epsilon=0.02, center=False, name="scaled"),
            layers.Dense(4, activation="tanh", name="h3"),
            layers.BatchNormalization(center=False, trainable=False, name="frozen"),
            layers.LayerNormalization(center=False, scale=False, name="plain"),
            layers.Dense(2, name="out"),
        ],
        name="norms",
    )
    for layer in model.layers:
        parts = layer.get_weights()
        for index, part in enumerate(parts):
            drawn = RANDOM.normal(0, 0.6, part.shape).round(4)
            # The last weight of a batch normalization is a variance.
            isVariance = isinstance(layer, layers.BatchNormalization) and index == len(parts) - 1
            parts[index] = (np.abs(drawn) + 0.25 if isVariance else drawn).astype(np.float32)
        layer.set_weights(parts)
    return model


if __name__ == "__main__":
    write(f"keras{GENERATION}_mlp", multilayer_perceptron(), 4)
    if GENERATION == 3:
        write("keras3_functional", functional(), 4)
    write(f"keras{GENERATION}_layers", several_layers(), 4)
    write(f"keras{GENERATION}_norms", normalizations(), 4)
