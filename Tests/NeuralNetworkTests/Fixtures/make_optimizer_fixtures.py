#!/usr/bin/env python3
"""Writes what Keras 3 computes, for the tests of optimizers, schedules and training:

    optimizers.json   12 parameters after 1, 2, 10 and 50 steps of each optimizer, from one start and one list of gradients
    schedules.json    learning rates at steps 0...60
    training.json     weights and losses of small networks after 3 epochs

    python3 -m venv venv && venv/bin/pip install keras jax
    venv/bin/python make_optimizer_fixtures.py          # writes beside this script

Numbers are float32 in their shortest decimals, so that reading them as Float gives the bits that Keras had.
"""

import inspect
import json
import math
import os
import re
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras
import numpy as np
from keras import optimizers
from keras.optimizers import schedules

FOLDER = Path(__file__).resolve().parent
MADE_WITH = f"keras {keras.__version__}, {keras.backend.backend()} backend, float32"


def floats(values):
    """Nested lists of numbers that print as the shortest decimals of their float32 values."""
    array = np.asarray(values, dtype=np.float32)
    if array.ndim:
        return [floats(value) for value in array]
    number = float(str(array[()]))
    assert np.float32(number) == array and math.isfinite(number)
    return number


def write(name, value):
    """JSON with one line for each list of numbers."""
    text = json.dumps(value, indent=1, allow_nan=False)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]"), text)
    (FOLDER / name).write_text(text + "\n", encoding="ascii")
    print(f"{name}: {len(text) + 1} bytes")


# Optimizers

STEPS = [1, 2, 10, 50]

OPTIMIZERS = [
    ("sgd", "SGD", {"learning_rate": 0.01}),
    ("sgd momentum", "SGD", {"learning_rate": 0.01, "momentum": 0.9}),
    ("sgd nesterov", "SGD", {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}),
    ("sgd weight decay", "SGD", {"learning_rate": 0.01, "weight_decay": 0.01}),
    ("adam", "Adam", {}),
    ("adam with options", "Adam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-5}),
    ("adam weight decay", "Adam", {"learning_rate": 0.01, "weight_decay": 0.05}),
    ("adamw", "AdamW", {}),
    ("adamw with options", "AdamW", {"learning_rate": 0.01, "weight_decay": 0.1}),
    ("rmsprop", "RMSprop", {}),
    ("rmsprop rho", "RMSprop", {"rho": 0.8}),
    ("rmsprop momentum", "RMSprop", {"momentum": 0.9}),
    ("rmsprop centered", "RMSprop", {"centered": True}),
    ("rmsprop centered momentum", "RMSprop", {"centered": True, "momentum": 0.9}),
    ("adagrad", "Adagrad", {}),
    ("adagrad with options", "Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.01}),
    ("sgd clip value", "SGD", {"learning_rate": 0.01, "clipvalue": 0.5}),
    ("sgd clip norm", "SGD", {"learning_rate": 0.01, "global_clipnorm": 1.0}),
    ("adam clip norm", "Adam", {"global_clipnorm": 0.5}),
    ("adam clip value", "Adam", {"clipvalue": 0.3}),
]

NOT_MATHEMATICS = {
    "self", "kwargs", "name", "amsgrad", "clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency",
    "loss_scale_factor", "gradient_accumulation_steps",
}  # fmt: skip


def optimizer(class_name, given):
    """A Keras optimizer, and every option that it has, defaults included."""
    made = getattr(optimizers, class_name)
    options = {
        name: parameter.default
        for name, parameter in inspect.signature(made.__init__).parameters.items()
        if name not in NOT_MATHEMATICS
    }
    return made(**given), options | given


def make_optimizers():
    random = np.random.RandomState(20)
    start = random.normal(0, 0.5, 12).astype(np.float32)
    # Norms from 0.2 to 7, so that clipping acts in some steps only. Parameter 4 never has a gradient (only weight decay
    # moves it); that of parameter 7 is so small that the place of epsilon in the formula shows.
    scales = np.array([0.1, 0.3, 0.6, 1, 2])[random.randint(5, size=50)]
    gradients = random.normal(0, 1, (50, 12)) * scales[:, None]
    gradients[:, 4] = 0
    gradients[:, 7] *= 1e-6
    gradients = gradients.astype(np.float32)

    cases = []
    for name, class_name, given in OPTIMIZERS:
        algorithm, options = optimizer(class_name, given)
        kernel = keras.Variable(start[:9].reshape(3, 3), dtype="float32", name="kernel")
        bias = keras.Variable(start[9:], dtype="float32", name="bias")
        weights = []
        for step, gradient in enumerate(gradients, 1):
            parts = [keras.ops.convert_to_tensor(gradient[:9].reshape(3, 3)), keras.ops.convert_to_tensor(gradient[9:])]
            algorithm.apply(parts, [kernel, bias])
            if step in STEPS:
                weights.append(floats(np.concatenate([np.ravel(kernel), np.ravel(bias)])))
        cases.append({"name": name, "class_name": class_name, "options": options, "weights": weights})
    write(
        "optimizers.json",
        {
            "made_with": MADE_WITH,
            "parameters": "kernel (3, 3) row by row, then bias (3)",
            "start": floats(start),
            "gradients": floats(gradients),
            "steps": STEPS,
            "cases": cases,
        },
    )


# Schedules


def one_cycle(step, max_lr, total_steps, pct_start, div_factor, final_div_factor):
    """PyTorch's OneCycleLR with cosine annealing in two phases."""
    initial = max_lr / div_factor
    peak, last = pct_start * total_steps - 1, total_steps - 1
    if step <= peak:
        start, end, fraction = initial, max_lr, step / peak
    else:
        start, end, fraction = max_lr, initial / final_div_factor, (step - peak) / (last - peak)
    return end + (start - end) / 2 * (math.cos(math.pi * fraction) + 1)


def make_schedules():
    cases = []

    def add(name, class_name, options, rate, steps=range(61)):
        cases.append(
            {"name": name, "class_name": class_name, "options": options, "rates": floats([rate(step) for step in steps])}
        )

    def of_keras(name, class_name, **options):
        made = getattr(schedules, class_name)(**options)
        add(name, class_name, options, lambda step: np.asarray(made(step)))

    of_keras("exponential", "ExponentialDecay", initial_learning_rate=0.1, decay_steps=20, decay_rate=0.5, staircase=False)
    of_keras("staircase", "ExponentialDecay", initial_learning_rate=0.1, decay_steps=20, decay_rate=0.5, staircase=True)
    of_keras("cosine", "CosineDecay", initial_learning_rate=0.1, decay_steps=50, alpha=0.0)
    of_keras("cosine to a floor", "CosineDecay", initial_learning_rate=0.1, decay_steps=50, alpha=0.1)
    of_keras(
        "cosine after warm-up", "CosineDecay",
        initial_learning_rate=0.0, decay_steps=40, alpha=0.0, warmup_target=0.1, warmup_steps=10,
    )  # fmt: skip
    of_keras(
        "cosine after warm-up from a rate", "CosineDecay",
        initial_learning_rate=0.02, decay_steps=30, alpha=0.05, warmup_target=0.1, warmup_steps=15,
    )  # fmt: skip
    of_keras("piecewise", "PiecewiseConstantDecay", boundaries=[10, 30], values=[0.1, 0.05, 0.01])
    for name, pct_start in [("one cycle", 0.3), ("one cycle, late peak", 0.45)]:
        options = {
            "max_lr": 0.1, "total_steps": 61, "pct_start": pct_start, "div_factor": 25.0, "final_div_factor": 1e4,
        }  # fmt: skip
        add(name, "OneCycleLR", options, lambda step, options=options: one_cycle(step, **options))
    write("schedules.json", {"made_with": MADE_WITH, "steps": "0...60", "cases": cases})


# Training

CLASSIFICATION = "sparse_categorical_crossentropy"
SGD = ("SGD", {"learning_rate": 0.1})
ADAM = ("Adam", {"learning_rate": 0.01})

TRAINING = [
    # name, loss, optimizer, other options
    ("sgd", CLASSIFICATION, SGD, {}),
    ("sgd l2", CLASSIFICATION, SGD, {"l2": 0.01}),
    ("sgd l1", CLASSIFICATION, SGD, {"l1": 0.01}),
    ("adam", CLASSIFICATION, ADAM, {}),
    ("adam l2", CLASSIFICATION, ADAM, {"l2": 0.01}),
    ("adam l1", CLASSIFICATION, ADAM, {"l1": 0.01}),
    ("adam l1 l2", CLASSIFICATION, ADAM, {"l1": 0.003, "l2": 0.01}),
    ("sgd sample weights", CLASSIFICATION, SGD, {"sample_weights": True}),
    ("adam sample weights", CLASSIFICATION, ADAM, {"sample_weights": True}),
    ("sgd label smoothing", "categorical_crossentropy", SGD, {"label_smoothing": 0.1}),
    ("mean squared error, sgd", "mean_squared_error", SGD, {}),
    ("mean squared error, adam", "mean_squared_error", ADAM, {}),
    ("mean squared error, sample weights", "mean_squared_error", SGD, {"sample_weights": True}),
    ("mean absolute error, sgd", "mean_absolute_error", SGD, {}),
    ("mean absolute error, adam", "mean_absolute_error", ADAM, {}),
    ("huber, sgd", "huber", SGD, {}),
    ("huber, adam", "huber", ADAM, {}),
]

LOSSES = {
    "sparse_categorical_crossentropy": lambda _: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "categorical_crossentropy": lambda smoothing: keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing
    ),
    "mean_squared_error": lambda _: keras.losses.MeanSquaredError(),
    "mean_absolute_error": lambda _: keras.losses.MeanAbsoluteError(),
    "huber": lambda _: keras.losses.Huber(delta=1.0),
}


def make_training():
    random = np.random.RandomState(21)
    x = random.normal(0, 1, (20, 4)).round(3).astype(np.float32)
    classes = (np.arange(20) * 7 // 3 + random.randint(3, size=20)) % 3
    targets = (x @ random.normal(0, 1, (4, 2)) + random.normal(0, 0.5, (20, 2))).round(3).astype(np.float32)
    sample_weights = random.choice(np.float32([0, 0.25, 0.5, 1, 2]), 20)

    def initial(outputs):
        kernels = [random.normal(0, 0.5, (4, 5)), random.normal(0, 0.5, (5, outputs))]
        biases = [random.normal(0, 0.1, 5), random.normal(0, 0.1, outputs)]
        parts = [kernels[0], biases[0], kernels[1], biases[1]]
        return [part.round(4).astype(np.float32) for part in parts]

    initial_weights = {"classification": initial(3), "regression": initial(2)}
    cases = []
    for name, loss, (class_name, given), other in TRAINING:
        case = {"label_smoothing": 0.0, "l1": 0.0, "l2": 0.0, "sample_weights": False} | other
        task = "classification" if "crossentropy" in loss else "regression"
        start = initial_weights[task]
        algorithm, options = optimizer(class_name, given)

        def regularizer(case=case):
            return keras.regularizers.L1L2(case["l1"], case["l2"]) if case["l1"] or case["l2"] else None

        hidden = "relu" if task == "classification" else "tanh"
        model = keras.Sequential(
            [
                keras.Input((4,)),
                keras.layers.Dense(5, activation=hidden, kernel_regularizer=regularizer()),
                keras.layers.Dense(len(start[3]), kernel_regularizer=regularizer()),
            ]
        )
        model.set_weights(start)
        model.compile(optimizer=algorithm, loss=LOSSES[loss](case["label_smoothing"]))
        y = {"sparse_categorical_crossentropy": classes, "categorical_crossentropy": np.eye(3, dtype=np.float32)[classes]}
        history = model.fit(
            x, y.get(loss, targets), batch_size=8, epochs=3, shuffle=False, verbose=0,
            sample_weight=sample_weights if case["sample_weights"] else None,
        )  # fmt: skip
        cases.append(
            {"name": name, "task": task, "activation": hidden, "loss": loss}
            | case
            | {
                "optimizer": {"class_name": class_name, "options": options},
                "epoch_losses": floats(history.history["loss"]),
                "final_weights": [floats(np.ravel(part)) for part in model.get_weights()],
            }
        )
    write(
        "training.json",
        {
            "made_with": MADE_WITH,
            "network": "Dense(4, 5), activation, Dense(5, 3 classes as logits) or Dense(5, 2 outputs)",
            "weights": "kernel, bias, kernel, bias; kernels (inputs, outputs) row by row",
            "batch_size": 8,
            "epochs": 3,
            "x": floats(x),
            "classes": classes.tolist(),
            "targets": floats(targets),
            "sample_weights": floats(sample_weights),
            "initial_weights": {task: [floats(np.ravel(part)) for part in parts] for task, parts in initial_weights.items()},
            "cases": cases,
        },
    )


if __name__ == "__main__":
    make_optimizers()
    make_schedules()
    make_training()
