#!/usr/bin/env python3
"""Takes 40 networks of varied layers from Keras 2 and Keras 3 to Descent and back, in every format, and compares.

    round_trips.py DESCENT KERAS2_PYTHON KERAS3_PYTHON FOLDER

Each generation makes the networks with random weights, saves them as whole model (.h5), archive (.keras) and weights
(.weights.h5, with model.to_json()), and writes what it predicts with the same weights in double precision. Descent
predicts with each file, and exports each archive to the three formats, which both generations then open where they can:
Keras 2 does not read archives of Keras 3.

The largest difference may be 1e-6 of the largest magnitude among a network's outputs. Exit code 0 if so, else 1.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
COUNT, ROWS, TOLERANCE = 40, 16, 1e-6


# In either Keras


def load_keras():
    os.environ["JAX_ENABLE_X64"] = "1"
    if "KERAS_BACKEND" not in os.environ and not importlib.util.find_spec("tensorflow"):
        os.environ["KERAS_BACKEND"] = "jax"
    import logging
    import warnings

    warnings.filterwarnings("ignore")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)
    import keras

    return keras


ACTIVATIONS = ["relu", "sigmoid", "tanh", "gelu", "silu", "elu", "selu", "softplus", "linear", "leaky_relu", "softmax"]


def network(keras, number):
    """Network number `number`, the same in both generations but for what only one can say."""
    import numpy as np

    layers, random = keras.layers, np.random.RandomState(number)
    is3 = keras.__version__.startswith("3")
    slope = (lambda s: {"negative_slope": s}) if is3 else (lambda s: {"alpha": s})

    names = []

    def choice(items):
        return items[random.randint(len(items))]

    def activation_layer():
        return choice(
            [
                lambda: layers.ReLU(), lambda: layers.LeakyReLU(**slope(0.1)), lambda: layers.LeakyReLU(),
                lambda: layers.ELU(alpha=0.7), lambda: layers.Softmax(),
                lambda: layers.Activation(choice(ACTIVATIONS[:9])), lambda: layers.ReLU(negative_slope=0.05),
            ]
        )()  # fmt: skip

    def scaling(size):
        adapted = layers.Normalization()
        adapted.adapt(random.normal(1, 3, (20, size)).astype(np.float32))
        return choice(
            [
                lambda: layers.Rescaling(1 / 3, offset=-0.5),
                lambda: layers.Rescaling(random.uniform(0.5, 2, size).tolist(), offset=random.normal(0, 1, size).tolist()),
                lambda: layers.Normalization(mean=random.normal(0, 1, size).tolist(), variance=random.uniform(0.5, 2, size).tolist()),
                lambda: layers.Normalization(axis=None, mean=0.5, variance=2.0),
                lambda: adapted,
            ]
        )()  # fmt: skip

    def norm():
        scale, center = bool(random.randint(2)), bool(random.randint(2))
        return choice(
            [
                lambda: layers.BatchNormalization(momentum=0.9, epsilon=0.01, scale=scale, center=center),
                lambda: layers.BatchNormalization(),
                lambda: layers.BatchNormalization(trainable=False),
                lambda: layers.LayerNormalization(epsilon=1e-2, scale=scale, center=center),
                lambda: layers.LayerNormalization(),
            ]
        )()  # fmt: skip

    def dense(units):
        activation = choice(ACTIVATIONS)
        if activation == "leaky_relu" and not is3:
            activation = layers.LeakyReLU(alpha=0.2)
        regularizer = choice([None, keras.regularizers.L1L2(l1=1e-4, l2=1e-3)])
        names.append(choice([None, f"dense-{len(names)}.a", f"Layer_{len(names)}", f"{len(names)}th"]))
        return layers.Dense(
            units, activation=activation, use_bias=random.randint(4) > 0, kernel_regularizer=regularizer, name=names[-1]
        )

    ending = choice([None, "softmax", "sigmoid", "one sigmoid"])
    outputs = 1 if ending == "one sigmoid" else random.randint(2, 6)
    last = layers.Dense(outputs, activation=(ending or "linear").split()[-1])
    if number % 2 == 0:
        size = random.randint(1, 9)
        stack = [keras.Input((size,))]
        if random.randint(2):
            stack.append(scaling(size))
        for _ in range(random.randint(1, 5)):
            units = choice([1, 2, 3, 4, 5, 6, 8, 11, 17])
            stack.append(choice([lambda: dense(units), lambda: layers.Dense(units)])())
            # A layer normalization over one or two numbers turns rounding errors into signs.
            if units > 2 and random.randint(2):
                stack.append(norm())
            if random.randint(2):
                stack.append(activation_layer())
            if random.randint(3) == 0:
                stack.append(layers.Dropout(0.3))
        return keras.Sequential([*stack, last], name=f"net{number}")
    inputs = [keras.Input((random.randint(3, 8),), name=f"in{i}") for i in range(choice([1, 1, 2, 3]))]
    values = list(inputs)
    for _ in range(random.randint(4, 12)):
        value = values[-1] if random.randint(2) else choice(values)
        size = int(value.shape[-1])
        alike = [other for other in values if int(other.shape[-1]) == size]
        kind = random.randint(9)
        if kind < 3:
            values.append(dense(random.randint(3, 10))(value))
        elif kind == 3:
            values.append(activation_layer()(value))
        elif kind == 4:
            values.append(scaling(size)(value))
        elif kind == 5:
            values.append(norm()(value))
        elif kind == 6 and len(alike) > 1:
            values.append(choice([layers.Add, layers.Multiply])()([value, choice(alike)]))
        elif kind == 7:
            values.append(layers.Concatenate()([value, choice(values), choice(values)]))
        else:
            values.append(layers.Dropout(0.2)(value))
    # Every input is used, so that no generation drops one.
    joined = layers.Concatenate()([values[-1], *inputs])
    return keras.Model(inputs, last(joined), name=f"net{number}")


def randomize(keras, model, random):
    import numpy as np

    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            continue
        parts = layer.get_weights()
        for index, part in enumerate(parts):
            drawn = random.normal(0, 0.7, part.shape)
            variance = isinstance(layer, keras.layers.BatchNormalization) and index == len(parts) - 1
            parts[index] = (np.abs(drawn) + 0.2 if variance else drawn).astype(np.float32)
        if parts:
            layer.set_weights(parts)


def split(model, x):
    parts, start = [], 0
    for value in model.inputs:
        size = int(value.shape[-1])
        parts.append(x[:, start : start + size])
        start += size
    return parts if len(parts) > 1 else parts[0]


def set_precision(keras, name):
    keras.backend.set_floatx(name)
    if keras.__version__.startswith("3"):
        keras.config.set_dtype_policy(name)


def outputs(model, x):
    """What the model predicts, without the graph that `predict` would compile."""
    import numpy as np

    return np.asarray(model(split(model, x), training=False))


def make(folder):
    import h5py
    import numpy as np

    keras = load_keras()
    folder.mkdir(parents=True, exist_ok=True)
    worst = 0.0
    for number in range(COUNT):
        keras.utils.set_random_seed(number)
        random = np.random.RandomState(1000 + number)
        model = network(keras, number)
        randomize(keras, model, random)
        size = sum(int(value.shape[-1]) for value in model.inputs)
        x = random.normal(0, 2, (ROWS, size)).astype(np.float32)
        set_precision(keras, "float64")
        keras.utils.set_random_seed(number)
        exact = network(keras, number)
        exact.set_weights(model.get_weights())
        expected = outputs(exact, x.astype(np.float64))
        assert expected.dtype == np.float64
        set_precision(keras, "float32")
        own = np.abs(outputs(model, x).astype(np.float64) - expected).max()
        worst = max(worst, own / np.abs(expected).max())
        stem = folder / f"{number:02}"
        with h5py.File(f"{stem}-x.h5", "w") as file:
            file["x"] = x
        np.save(f"{stem}-expected.npy", expected)
        Path(f"{stem}.json").write_text(model.to_json())
        model.save(f"{stem}.h5")
        model.save(f"{stem}.keras")
        model.save_weights(f"{stem}.weights.h5")
    print(f"RESULT {worst}")


def verify(folder, pattern):
    """Opens what Descent exported and prints the largest difference of each, relative, as JSON."""
    import h5py
    import numpy as np

    keras = load_keras()
    result = {}
    for path in sorted(folder.glob(pattern)):
        stem = str(path)[: -len(".weights.h5" if path.name.endswith(".weights.h5") else path.suffix)]
        original = stem.replace("-exported", "")
        expected = np.load(original + "-expected.npy")
        with h5py.File(original + "-x.h5") as file:
            x = file["x"][()]
        try:
            if path.name.endswith(".weights.h5"):
                model = keras.models.model_from_json(Path(original + ".json").read_text())
                model.load_weights(path)
            else:
                model = keras.models.load_model(path, compile=False)
            found = outputs(model, x).astype(np.float64)
            result[path.name] = float(np.abs(found - expected).max() / np.abs(expected).max())
        except Exception as error:  # whatever Keras raises is the finding
            result[path.name] = f"{type(error).__name__}: {error}"[:300]
    print("RESULT " + json.dumps(result))


# Here


def descent_difference(descent, flags, stem, work):
    import h5py
    import numpy as np

    output = work / "answers.h5"
    run = subprocess.run(
        [descent, "predict", *flags, f"{stem}-x.h5", "--output", str(output), "--quiet"], capture_output=True, text=True
    )
    if run.returncode:
        return run.stderr.strip()[:300]
    expected = np.load(f"{stem}-expected.npy")
    with h5py.File(output) as file:
        found = np.asarray(file["probability" if "probability" in file else "prediction"], np.float64)
    found = found.reshape(len(expected), -1)
    if found.shape[1] == 2 and expected.shape[1] == 1:
        found = found[:, 1:]
    if found.shape != expected.shape:
        return f"shape {found.shape} instead of {expected.shape}"
    return float(np.abs(found - expected).max() / np.abs(expected).max())


class Tally:
    def __init__(self):
        self.failed = False

    def report(self, what, differences):
        numbers = [d for d in differences.values() if isinstance(d, float)]
        wrong = {name: d for name, d in differences.items() if not (isinstance(d, float) and d <= TOLERANCE)}
        self.failed = self.failed or bool(wrong) or not differences
        worst = f"{max(numbers):.1e}" if numbers else "none"
        print(f"{what}: {len(differences) - len(wrong)} of {len(differences)} agree, largest difference {worst}")
        for name, difference in wrong.items():
            print(f"    {name}: {difference}")


def main(descent, pythons, folder):
    tally = Tally()
    for generation, python in pythons.items():
        made = folder / generation
        run = subprocess.run([python, __file__, "make", made], check=True, capture_output=True, text=True)
        own = [line[7:] for line in run.stdout.splitlines() if line.startswith("RESULT ")][0]
        print(f"{generation}: its own largest difference from double precision {float(own):.1e}")
        stems = [made / f"{number:02}" for number in range(COUNT)]
        for suffix in [".h5", ".keras", ".weights.h5"]:
            differences = {}
            for stem in stems:
                flags = [f"{stem}{suffix}"] + (["--architecture", f"{stem}.json"] if "weights" in suffix else [])
                probability = descent_difference(descent, [*flags, "--proba"], stem, folder)
                if isinstance(probability, str) and "--proba needs a classifier" in probability:
                    probability = descent_difference(descent, flags, stem, folder)
                differences[stem.name] = probability
            tally.report(f"{generation} {suffix} in Descent", differences)
        errors = {}
        for stem in stems:
            for suffix in [".h5", ".weights.h5", ".keras"]:
                run = subprocess.run(
                    [descent, "export", f"{stem}.keras", f"{stem}-exported{suffix}", "--quiet"],
                    capture_output=True, text=True,
                )  # fmt: skip
                if run.returncode:
                    errors[stem.name + suffix] = run.stderr.strip()
        if errors:
            tally.report(f"{generation}: exports", errors)
        # Names of layers in model.to_json() are one generation's dialect, so weights go where they came from.
        for reader, suffix in [
            ("keras2", ".h5"), ("keras3", ".h5"), ("keras3", ".keras"), (generation, ".weights.h5"),
        ]:  # fmt: skip
            pattern = f"??-exported{suffix}"
            run = subprocess.run([pythons[reader], __file__, "verify", made, pattern], capture_output=True, text=True)
            lines = [line for line in run.stdout.splitlines() if line.startswith("RESULT ")]
            differences = json.loads(lines[0][7:]) if lines else {"all": run.stderr[-300:]}
            tally.report(f"{generation} -> Descent -> {reader} {suffix}", differences)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    elif sys.argv[1] == "verify":
        verify(Path(sys.argv[2]), sys.argv[3])
    else:
        descent, python2, python3, folder = sys.argv[1:]
        sys.exit(main(descent, {"keras2": python2, "keras3": python3}, Path(folder).resolve()))
