#!/usr/bin/env python3
"""Writes what Keras 3 computes with batch and layer normalization, for the tests of training:

    normalization.json   weights, moving averages, losses and predictions after 3 epochs

    python3 -m venv venv && venv/bin/pip install keras jax
    venv/bin/python make_normalization_fixtures.py          # writes beside this script

Numbers are float32 in their shortest decimals. 20 rows in batches of 8: the last batch is smaller.
"""

import json
import os
import re
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras
import numpy as np
from keras import layers

RANDOM = np.random.RandomState(7)
BATCH, EPOCHS, ROWS = 8, 3, 20


def floats(values):
    array = np.asarray(values, np.float32)
    return [floats(value) for value in array] if array.ndim else float(str(array[()]))


def network():
    # Nothing that a normalization takes away again: its gradient would be rounding errors alone, which Adam makes large.
    x = keras.Input((4,))
    a = layers.Dense(6, use_bias=False)(x)
    a = layers.BatchNormalization(momentum=0.9)(a)
    a = layers.ReLU()(a)
    b = layers.Dense(5)(a)
    b = layers.LayerNormalization()(b)
    b = layers.Activation("tanh")(b)
    c = layers.BatchNormalization(momentum=0.5, epsilon=0.01, center=False, scale=False)(x)
    c = layers.Dense(5, use_bias=False)(c)
    d = layers.BatchNormalization()(layers.Add()([b, c]))
    return keras.Model(x, layers.Dense(3)(d))


def main():
    x = RANDOM.normal(0.5, 2, (ROWS, 4)).round(3).astype(np.float32)
    classes = RANDOM.randint(0, 3, ROWS)
    start, cases = None, []
    for name, optimizer in [
        ("sgd", keras.optimizers.SGD(0.05)),
        ("momentum", keras.optimizers.SGD(0.05, momentum=0.9)),
        ("adam", keras.optimizers.Adam(0.01)),
        ("adamw", keras.optimizers.AdamW(0.01, weight_decay=0.05)),
        ("rmsprop", keras.optimizers.RMSprop(0.005)),
    ]:
        keras.utils.set_random_seed(5)
        model = network()
        if start is None:
            start = [RANDOM.normal(0, 0.6, part.shape).round(3).astype(np.float32) for part in model.get_weights()]
            for index, variable in enumerate(model.weights):
                if variable.name == "moving_variance":
                    start[index] = np.abs(start[index]) + 0.5
                if variable.name == "gamma":
                    start[index] = start[index] + 1
        model.set_weights(start)
        model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        history = model.fit(x, classes, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)

        cases.append(
            {
                "name": name,
                "epoch_losses": floats(history.history["loss"]),
                "final_weights": named(model),
                "outputs": floats(model.predict(x, verbose=0)),
            }
        )
    model = network()
    model.set_weights(start)
    value = {
        "made_with": f"keras {keras.__version__}, {keras.backend.backend()} backend, float32",
        "batch_size": BATCH, "epochs": EPOCHS, "x": floats(x), "classes": classes.tolist(),
        "initial_weights": named(model), "cases": cases,
    }  # fmt: skip
    text = json.dumps(value, indent=1, allow_nan=False)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]"), text)
    (Path(__file__).resolve().parent / "normalization.json").write_text(text + "\n", encoding="ascii")
    print(len(text))


def named(model):
    """Weights flattened, by the names the layers have here: `dense/kernel`, numbered in order of their making."""
    counts, result = {}, {}
    order = {"dense": [], "batch_normalization": [], "layer_normalization": []}
    for layer in model.layers:
        for kind in order:
            if layer.__class__ is {"dense": layers.Dense, "batch_normalization": layers.BatchNormalization,
                                   "layer_normalization": layers.LayerNormalization}[kind]:  # fmt: skip
                order[kind].append(layer)
    for kind, members in order.items():
        # Keras numbers names over the whole process: the number alone gives the order of making.
        members.sort(key=lambda layer: int((re.search(r"_(\d+)$", layer.name) or [0, 0])[1]))
        for index, layer in enumerate(members):
            for variable in layer.weights:
                path = f"{kind}{f'_{index}' if index else ''}/{variable.name}"
                result[path] = floats(np.asarray(variable).reshape(-1))
    return result


if __name__ == "__main__":
    main()
