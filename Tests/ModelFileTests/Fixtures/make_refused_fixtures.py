#!/usr/bin/env python3
"""Writes how Keras describes networks that are not dense ones, for the tests of their refusal.

    refused_keras2.json, refused_keras3.json     by the generation of the installed Keras

For each kind of layer: the class that must be named, and the description in a whole model (`model_config`) and in an archive
(`config.json`). Besides, by h5py:

    outside_link.h5, outside_storage.h5, outside_virtual.h5, outside.keras
        models with their kernel in another file: a link, external storage, a virtual dataset, a link in an archive

Run it once with either generation, as `make_keras_fixtures.py` says.
"""

import importlib.util
import json
import os
import tempfile
import warnings
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if not importlib.util.find_spec("tensorflow"):
    os.environ["KERAS_BACKEND"] = "jax"
warnings.filterwarnings("ignore")

import h5py
import keras
import numpy as np
from keras import layers

FOLDER = Path(__file__).resolve().parent
GENERATION = int(keras.__version__.split(".")[0])
register = keras.saving.register_keras_serializable


class Doubled(layers.Layer):
    def call(self, x):
        return x * 2


@register(package="own")
class Tripled(layers.Layer):
    def call(self, x):
        return x * 3


@register(package="own")
def bent(x):
    return x * x


@register(package="own")
class Decayed(keras.regularizers.Regularizer):
    def __call__(self, x):
        return 0.0 * keras.backend.sum(x) if GENERATION == 2 else 0.0 * keras.ops.sum(x)

    def get_config(self):
        return {}


# The code of a Lambda goes into the file, and the name of its own file with it.
doubled = eval(compile("lambda x: x * 2", "network.py", "eval"))


def networks():
    """By name: what the refusal must name, and the model."""

    def sequential(shape, *stack):
        return keras.Sequential([keras.Input(shape), *stack], name="net")

    rows = (4,)
    yield "lambda", "Lambda", sequential(rows, layers.Lambda(doubled), layers.Dense(1))
    yield "convolution", "Conv2D", sequential(
        rows, layers.Reshape((2, 2, 1)), layers.Conv2D(1, 2), layers.Flatten(), layers.Dense(1))  # fmt: skip
    yield "embedding", "Embedding", sequential(rows, layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1))
    yield "recurrent", "LSTM", sequential(rows, layers.Reshape((4, 1)), layers.LSTM(2), layers.Dense(1))
    yield "attention", "MultiHeadAttention", attention()
    yield "custom", "Doubled", sequential(rows, Doubled(), layers.Dense(1))
    yield "registered", "Tripled", sequential(rows, Tripled(), layers.Dense(1))
    yield "function", "bent", sequential(rows, layers.Dense(2, activation=bent), layers.Dense(1))
    yield "regularizer", "regularizer", sequential(rows, layers.Dense(1, kernel_regularizer=Decayed()))
    yield "constraint", "kernel_constraint", sequential(rows, layers.Dense(1, kernel_constraint="non_neg"))
    yield "nested", "Sequential", sequential(rows, keras.Sequential([keras.Input(rows), layers.Dense(2)]), layers.Dense(1))


def attention():
    x = keras.Input((4, 2))
    return keras.Model(x, layers.MultiHeadAttention(1, 2)(x, x), name="net")


def describe():
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, named, model in networks():
            whole, archive = f"{folder}/{name}.h5", f"{folder}/{name}.keras"
            model.save(whole)
            model.save(archive)
            with h5py.File(whole) as file:
                configuration = file.attrs["model_config"]
            with zipfile.ZipFile(archive) as file:
                found[name] = {"names": named, "whole": configuration, "archive": file.read("config.json").decode()}
    (FOLDER / f"refused_keras{GENERATION}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="ascii")


def outside():
    layer = {"class_name": "Dense", "config": {"name": "a", "units": 3, "activation": "relu", "use_bias": False}}
    entrance = {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 2]}}
    configuration = json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": [entrance, layer]}})
    kernel = np.arange(6, dtype="<f4").reshape(2, 3)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with h5py.File("other.h5", "w") as file:
            file["kernel"] = kernel
        kernel.tofile("kernel.bin")
        layout = h5py.VirtualLayout((2, 3), "<f4")
        layout[:] = h5py.VirtualSource("other.h5", "kernel", (2, 3))
        makers = {
            "link": lambda group, name: group.__setitem__(name, h5py.ExternalLink("other.h5", "/kernel")),
            "storage": lambda group, name: group.create_dataset(name, (2, 3), "<f4", external=[("kernel.bin", 0, 24)]),
            "virtual": lambda group, name: group.create_virtual_dataset(name, layout),
        }
        for how, maker in makers.items():
            with h5py.File(FOLDER / f"outside_{how}.h5", "w") as file:
                file.attrs["model_config"] = configuration
                weights = file.create_group("model_weights")
                weights.attrs["layer_names"] = ["a"]
                group = weights.create_group("a")
                group.attrs["weight_names"] = ["a/kernel:0"]
                maker(group.create_group("a"), "kernel:0")
        with h5py.File("model.weights.h5", "w") as file:
            makers["link"](file.create_group("layers/dense/vars"), "0")
        with zipfile.ZipFile(FOLDER / "outside.keras", "w") as archive:
            for name, content in [("metadata.json", "{}"), ("config.json", configuration)]:
                archive.writestr(zipfile.ZipInfo(name), content)
            archive.writestr(zipfile.ZipInfo("model.weights.h5"), Path("model.weights.h5").read_bytes())


describe()
if GENERATION == 3:
    outside()
