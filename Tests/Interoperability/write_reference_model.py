#!/usr/bin/env python3
"""Writes model files that Keras 2 and Keras 3 both open, with h5py alone, and what they must predict.

    write_reference_model.py FOLDER

For each model FOLDER/NAME.h5 and FOLDER/NAME-expected.csv, and FOLDER/x.csv for all of them. The expected outputs are
computed here with numpy in double precision from the definitions; no Keras is involved.

This file is the reference for any writer of the format: what it writes is what both generations need, in the dialect of
Keras 2, which Keras 3 reads (the opposite does not hold). The tree:

    /                                     attributes keras_version, backend, model_config, [training_config]: strings
    /model_weights                        attributes layer_names: strings; keras_version, backend: strings
    /model_weights/LAYER                  attribute weight_names: strings "LAYER/kernel:0", "LAYER/bias:0";
                                          of layers without weights: float64, shape (0)
    /model_weights/LAYER/LAYER/kernel:0   float32 (inputs, outputs), contiguous
    /model_weights/LAYER/LAYER/bias:0     float32 (outputs)
    /model_weights/top_level_model_weights   attribute weight_names: float64, shape (0)
    /optimizer_weights                    with training_config only: attribute weight_names, one data set for each

Strings have variable length. A list of names is one-dimensional; if its array of pointers or bytes would exceed 64512
bytes it is split over attributes layer_names0, layer_names1, ...

Weights are matched to layers by position, names ignored: the layers of a graph must be listed in the order in which
Keras puts them (`keras_order` below), or weights of equal shape are exchanged without a word.
"""

import csv
import json
import sys
from math import erf
from pathlib import Path

import h5py
import numpy as np

STRING = h5py.string_dtype()  # variable length, UTF-8


# The file


def write_names(group, attribute, names):
    if names:
        group.attrs.create(attribute, np.array(names, dtype=object), dtype=STRING)
    else:
        group.attrs.create(attribute, np.zeros(0, np.float64))


def write_string(group, attribute, text):
    group.attrs.create(attribute, text, dtype=STRING)


def layers_of(model):
    return [layer for layer in model["config"]["layers"] if layer["class_name"] != "InputLayer"]


def write_model(path, model, weights, training=None, optimizer_weights=()):
    """`weights` maps a layer's name to its (kernel, bias) or (kernel,)."""
    with h5py.File(path, "w", libver="earliest") as file:
        write_string(file, "keras_version", "2.15.0")
        write_string(file, "backend", "tensorflow")
        write_string(file, "model_config", json.dumps(model))

        root = file.create_group("model_weights")
        write_string(root, "keras_version", "2.15.0")
        write_string(root, "backend", "tensorflow")
        # Keras 2 lists the input layers of a graph, not that of a Sequential; either is read.
        order = keras_order(model) if model["class_name"] == "Functional" else [l["config"]["name"] for l in layers_of(model)]
        write_names(root, "layer_names", order)
        for layer in order:
            group = root.create_group(layer)
            parts = weights.get(layer, ())
            names = [f"{layer}/kernel:0", f"{layer}/bias:0"][: len(parts)]
            write_names(group, "weight_names", names)
            for name, part in zip(names, parts):
                group.create_dataset(name, data=np.asarray(part, "<f4"))
        write_names(root.create_group("top_level_model_weights"), "weight_names", [])

        if training:
            write_string(file, "training_config", json.dumps(training))
            group = file.create_group("optimizer_weights")
            write_names(group, "weight_names", [name for name, _ in optimizer_weights])
            for name, value in optimizer_weights:
                group.create_dataset(name, data=value)


def inbound(layer):
    """Names of the layers that a layer of a Functional model takes its inputs from."""
    return [name for node in layer["inbound_nodes"] for name, _, _, _ in node]


def keras_order(model):
    """Layer names as both generations order `model.layers`.

    By depth, the deepest first, where depth is the longest path to an output; layers of equal depth by the first visit of
    a depth-first walk from the outputs that marks a layer before its inputs and takes inputs in order.
    """
    layers = {layer["name"]: layer for layer in model["config"]["layers"]}
    visits, finished = {}, []

    def visit(name):
        if name not in visits:
            visits[name] = len(visits)
            for source in inbound(layers[name]):
                visit(source)
            finished.append(name)

    for name, _, _ in model["config"]["output_layers"]:
        visit(name)
    depth = dict.fromkeys(finished, 0)
    for name in reversed(finished):
        for source in inbound(layers[name]):
            depth[source] = max(depth[source], depth[name] + 1)
    return sorted(finished, key=lambda name: (-depth[name], visits[name]))


# The configuration


def layer(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, "trainable": True, "dtype": "float32"} | config}


def dense(name, units, activation="linear", use_bias=True, l1=0.0, l2=0.0):
    regularizer = {"class_name": "L1L2", "config": {"l1": l1, "l2": l2}} if l1 or l2 else None
    return layer(
        "Dense", name, units=units, activation=activation, use_bias=use_bias,
        kernel_initializer={"class_name": "GlorotUniform", "config": {"seed": None}},
        bias_initializer={"class_name": "Zeros", "config": {}},
        kernel_regularizer=regularizer, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None,
    )  # fmt: skip


def dropout(name, rate):
    return layer("Dropout", name, rate=rate, noise_shape=None, seed=None)


def input_layer(name, features):
    config = {"batch_input_shape": [None, features], "dtype": "float32", "sparse": False, "ragged": False, "name": name}
    return {"class_name": "InputLayer", "config": config}


def sequential(name, features, layers):
    return {"class_name": "Sequential", "config": {"name": name, "layers": [input_layer("input_1", features), *layers]}}


def functional(name, nodes, outputs):
    """`nodes` are pairs of a layer and the names of its inputs, in any order."""
    layers = {}
    for node, sources in nodes:
        links = [[[source, 0, 0, {}] for source in sources]] if sources else []
        layers[node["config"]["name"]] = node | {"name": node["config"]["name"], "inbound_nodes": links}
    config = {
        "name": name,
        "trainable": True,
        "layers": list(layers.values()),
        "input_layers": [[key, 0, 0] for key, value in layers.items() if value["class_name"] == "InputLayer"],
        "output_layers": [[key, 0, 0] for key in outputs],
    }
    model = {"class_name": "Functional", "config": config}
    config["layers"] = [layers[key] for key in keras_order(model)]
    return model


# Every activation, as a layer of its own and as the activation of a Dense layer

ACTIVATION_LAYERS = {
    "relu": layer("ReLU", "act", max_value=None, negative_slope=0.0, threshold=0.0),
    "leaky-relu": layer("LeakyReLU", "act", alpha=0.01),  # Keras 3 says negative_slope and reads alpha
    "elu": layer("ELU", "act", alpha=1.0),
    "softmax": layer("Softmax", "act", axis=-1),
    "activation-relu": layer("Activation", "act", activation="relu"),
    "activation-sigmoid": layer("Activation", "act", activation="sigmoid"),
    "activation-tanh": layer("Activation", "act", activation="tanh"),
    "activation-gelu": layer("Activation", "act", activation="gelu"),  # the exact one, in both
    "activation-silu": layer("Activation", "act", activation="swish"),  # Keras 2 writes swish, Keras 3 silu
    "activation-selu": layer("Activation", "act", activation="selu"),
    "activation-elu": layer("Activation", "act", activation="elu"),
    "activation-softplus": layer("Activation", "act", activation="softplus"),
    "activation-softmax": layer("Activation", "act", activation="softmax"),
    "activation-linear": layer("Activation", "act", activation="linear"),
    "activation-exponential": layer("Activation", "act", activation="exponential"),
}

DENSE_ACTIVATIONS = [
    "linear", "relu", "sigmoid", "tanh", "gelu", "swish", "silu", "selu", "elu", "softplus", "softmax", "exponential",
]  # fmt: skip


# What the models must predict


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def activate(name, x):
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    functions = {
        "linear": lambda: x,
        "relu": lambda: np.maximum(x, 0),
        "sigmoid": lambda: 1 / (1 + np.exp(-x)),
        "tanh": lambda: np.tanh(x),
        "gelu": lambda: x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2))),
        "swish": lambda: x / (1 + np.exp(-x)),
        "silu": lambda: x / (1 + np.exp(-x)),
        "selu": lambda: scale * np.where(x > 0, x, alpha * np.expm1(x)),
        "elu": lambda: np.where(x > 0, x, np.expm1(x)),
        "softplus": lambda: np.log1p(np.exp(x)),
        "softmax": lambda: softmax(x),
        "exponential": lambda: np.exp(x),
    }
    return functions[name]()


def apply(node, inputs, weights):
    config, x = node["config"], inputs[0]
    match node["class_name"]:
        case "Dense":
            parts = [np.asarray(part, np.float64) for part in weights[config["name"]]]
            return activate(config["activation"], x @ parts[0] + (parts[1] if config["use_bias"] else 0))
        case "Activation":
            return activate(config["activation"], x)
        case "ReLU" | "Softmax" | "ELU":
            return activate(node["class_name"].lower(), x)
        case "LeakyReLU":
            return np.where(x > 0, x, config["alpha"] * x)
        case "Dropout":
            return x
        case "Add":
            return sum(inputs)
        case "Multiply":
            return np.prod(inputs, axis=0)
    raise ValueError(node["class_name"])


def predict(model, weights, x):
    if model["class_name"] == "Sequential":
        for node in layers_of(model):
            x = apply(node, [x], weights)
        return x
    layers = {node["name"]: node for node in model["config"]["layers"]}

    def value(name):
        node = layers[name]
        return x if node["class_name"] == "InputLayer" else apply(node, [value(key) for key in inbound(node)], weights)

    return np.concatenate([value(name) for name, _, _ in model["config"]["output_layers"]], axis=1)


def random_weights(model, features, random):
    """Weights for every Dense layer, float32, in the order of the configuration."""
    widths, weights = {}, {}

    def width(name, sources, node):
        return node["config"]["units"] if node["class_name"] == "Dense" else widths[sources[0]] if sources else features

    previous = None
    for node in model["config"]["layers"]:
        name = node["config"]["name"]
        sources = inbound(node) if "inbound_nodes" in node else [previous] if previous else []
        if node["class_name"] == "Dense":
            shape = (widths[sources[0]], node["config"]["units"])
            parts = [random.normal(0, 0.7, shape), random.normal(0, 0.3, shape[1])]
            weights[name] = [part.astype(np.float32) for part in parts[: 1 + node["config"]["use_bias"]]]
        widths[name] = width(name, sources, node)
        previous = name
    return weights


# The models


def models():
    yield "sequential", sequential(
        "net", 4, [dense("h1", 8, "relu"), dropout("drop", 0.2), dense("out", 3, "softmax")]
    )
    yield "regularized", sequential(
        "net", 4, [dense("h1", 8, "relu", l1=1e-5, l2=1e-4), dense("h2", 5, "tanh", use_bias=False), dense("out", 1)]
    )
    # Branches of unequal depth, a value with three consumers, Dense layers of equal shape: listed naively ("a" first) the
    # weights of "a" and "b1" would be exchanged.
    yield "graph", functional(
        "graph",
        [
            (input_layer("in", 4), []),
            (dense("a", 4, "tanh"), ["in"]),
            (dense("b1", 4, "relu"), ["in"]),
            (dense("b2", 4), ["b1"]),
            (layer("LeakyReLU", "b3", alpha=0.1), ["b2"]),
            (layer("Add", "sum"), ["a", "b3"]),
            (layer("Multiply", "product"), ["sum", "in"]),
            (dropout("drop", 0.5), ["product"]),
            (dense("out", 3, "softmax"), ["drop"]),
        ],
        ["out"],
    )
    # A value multiplied by itself, three summands, a Sequential chain written as a graph with two outputs.
    yield "graph-two-outputs", functional(
        "graph",
        [
            (input_layer("in", 4), []),
            (dense("h", 6, "sigmoid"), ["in"]),
            (layer("Multiply", "square"), ["h", "h"]),
            (dense("g", 6), ["in"]),
            (layer("Add", "sum"), ["square", "g", "h"]),
            (dense("first", 2), ["sum"]),
            (dense("second", 1), ["g"]),
        ],
        ["first", "second"],
    )
    for name, activation in ACTIVATION_LAYERS.items():
        yield f"layer-{name}", sequential("net", 4, [dense("h", 6), activation, dense("out", 3)])
    for name in DENSE_ACTIVATIONS:
        yield f"dense-{name}", sequential("net", 4, [dense("h", 6, name), dense("out", 3)])


TRAINING = {
    # Long names: "mse" and the like do not open in Keras 3. Custom>Adam with this "name" is Adam in both; a plain "Adam"
    # is the legacy optimizer to Keras 2, which orders its state otherwise.
    "loss": "sparse_categorical_crossentropy",
    "metrics": ["accuracy"],
    "weighted_metrics": None,
    "loss_weights": None,
    "optimizer_config": {
        "class_name": "Custom>Adam",
        "config": {
            "name": "Adam", "weight_decay": None, "clipnorm": None, "global_clipnorm": None, "clipvalue": None,
            "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None, "jit_compile": False,
            "is_legacy_optimizer": False, "learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07,
            "amsgrad": False,
        },
    },
}  # fmt: skip


def adam_state(model, weights, random):
    """The step count and, weight after weight, both moments: Keras 2 restores them, Keras 3 the count."""
    state = [("iteration:0", np.int64(7))]
    for node in layers_of(model):
        name = node["config"]["name"]
        for part, value in zip(["kernel:0", "bias:0"], weights.get(name, ())):
            state.append((f"Adam/m/{name}/{part}", random.normal(0, 0.1, value.shape).astype("<f4")))
            state.append((f"Adam/v/{name}/{part}", random.uniform(0, 0.1, value.shape).astype("<f4")))
    return state


def write_table(path, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([[repr(float(value)) for value in row] for row in rows])


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(22)
    x = random.normal(0, 1, (20, 4)).astype(np.float32)
    write_table(folder / "x.csv", x)
    for name, model in models():
        weights = random_weights(model, 4, random)
        write_table(folder / f"{name}-expected.csv", predict(model, weights, x.astype(np.float64)))
        write_model(folder / f"{name}.h5", model, weights)
        if name == "sequential":
            write_model(folder / "compiled.h5", model, weights, TRAINING, adam_state(model, weights, random))
            write_table(folder / "compiled-expected.csv", predict(model, weights, x.astype(np.float64)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
