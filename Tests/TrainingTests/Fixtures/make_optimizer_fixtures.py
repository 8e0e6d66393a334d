#!/usr/bin/env python3
"""Writes model files with the moments of an optimizer, by Keras itself, and what three more steps make of the weights.

    keras2_adam.h5, keras2_rmsprop.keras, keras2_legacy.h5   when the installed Keras is of generation 2
    keras3_adamw.keras, keras3_sgd.h5                        when it is of generation 3

and `optimizers_keras2.json` or `optimizers_keras3.json` with data and weights. Run it once with either generation, as
`make_keras_fixtures.py` says.
"""

import importlib.util
import json
import os
import re
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if not importlib.util.find_spec("tensorflow"):
    os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

FOLDER = Path(__file__).resolve().parent
GENERATION = int(keras.__version__.split(".")[0])
RANDOM = np.random.RandomState(7)
X = RANDOM.normal(0, 1, (12, 3)).round(3).astype(np.float32)
Y = RANDOM.normal(0, 1, (12, 2)).round(3).astype(np.float32)


def network():
    """Layers of equal shapes, listed in another order than Keras', one of them not trained."""
    x = keras.Input((3,), name="in")
    shallow = layers.Dense(2, name="shallow")(x)
    deep = layers.Dense(2, activation="tanh", name="deep")(layers.Dense(3, activation="tanh", name="first")(x))
    frozen = layers.Dense(2, name="frozen", trainable=False)(x)
    model = keras.Model(x, layers.Add(name="sum")([shallow, deep, frozen]))
    model.set_weights([RANDOM.normal(0, 0.6, part.shape).round(4).astype(np.float32) for part in model.get_weights()])
    return model


def fit(model):
    model.fit(X, Y, batch_size=4, epochs=1, shuffle=False, verbose=0)


def named(model):
    found = {}
    for layer in model.layers:
        for name, part in zip(["kernel", "bias"], layer.get_weights()):
            found[f"{layer.name}/{name}"] = [float(str(value)) for value in part.ravel()]
    return found


def main():
    adam = dict(learning_rate=0.05, beta_1=0.8, beta_2=0.9)
    if GENERATION == 2:
        optimizers = {
            "keras2_adam.h5": keras.optimizers.Adam(**adam),
            "keras2_rmsprop.keras": keras.optimizers.RMSprop(learning_rate=0.01, rho=0.7, momentum=0.5, centered=True),
            "keras2_legacy.h5": keras.optimizers.legacy.Adam(**adam),
        }
    else:
        optimizers = {
            "keras3_adamw.keras": keras.optimizers.AdamW(weight_decay=0.1, **adam),
            "keras3_sgd.h5": keras.optimizers.SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
        }
    value = {"made_with": f"keras {keras.__version__}", "x": X.ravel().tolist(), "y": Y.ravel().tolist(), "continued": {}}
    value["x"], value["y"] = ([float(str(np.float32(number))) for number in value[key]] for key in "xy")
    for name, optimizer in optimizers.items():
        model = network()
        model.compile(optimizer=optimizer, loss="mean_squared_error")
        fit(model)
        model.save(FOLDER / name)
        fit(model)
        value["continued"][name] = named(model)
        print(name, (FOLDER / name).stat().st_size)
    text = json.dumps(value, indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]"), text)
    (FOLDER / f"optimizers_keras{GENERATION}.json").write_text(text + "\n", encoding="ascii")


main()
