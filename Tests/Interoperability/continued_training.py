#!/usr/bin/env python3
"""Continues training from one file in Keras and in Descent, and compares the weights.

    continued_training.py DESCENT KERAS2_PYTHON KERAS3_PYTHON FOLDER

For each of two networks and SGD with momentum, Adam, AdamW and RMSprop, and for variants of them with one: some steps in
one system, a file, then 20 steps from that file in each, over the same batches. From Keras with the moments of the optimizer (.h5, .keras) and with new ones
(.weights.h5); from Descent by `descent export` to Keras 2 (.h5) and Keras 3 (.keras), with the moments.

The largest difference may be 1e-5 of the largest magnitude among a network's weights. Exit code 0 if so, else 1.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from round_trips import load_keras

ROWS, BATCH, FEATURES, TOLERANCE = 80, 16, 6, 1e-5
#: Steps before the file, and from it: epochs of ROWS / BATCH = 5 steps.
FIRST, SECOND = 1, 4

#: By name: the class in Keras with its arguments, and the flags of Descent.
OPTIMIZERS = {
    "sgd": ("SGD", dict(learning_rate=0.05, momentum=0.9), "--optimizer sgd --momentum 0.9"),
    "adam": (
        "Adam", dict(learning_rate=0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-5),
        "--optimizer adam --beta1 0.8 --beta2 0.95 --epsilon 1e-5",
    ),
    "adamw": ("AdamW", dict(learning_rate=0.01, weight_decay=0.02), "--optimizer adamw --weight-decay 0.02"),
    "rmsprop": ("RMSprop", dict(learning_rate=0.005, rho=0.8, epsilon=1e-5), "--optimizer rmsprop --rho 0.8 --epsilon 1e-5"),
}  # fmt: skip
VARIANTS = {
    "plain": ("SGD", dict(learning_rate=0.05), "--optimizer sgd"),
    "nesterov": ("SGD", dict(learning_rate=0.05, momentum=0.8, nesterov=True), "--optimizer sgd --momentum 0.8 --nesterov"),
    "moving": ("RMSprop", dict(learning_rate=0.002, momentum=0.5), "--optimizer rmsprop --momentum 0.5"),
    "clipped": ("Adam", dict(learning_rate=0.01, global_clipnorm=0.1), "--optimizer adam --clip-norm 0.1"),
    "adagrad": ("Adagrad", dict(learning_rate=0.05), "--optimizer adagrad"),
}
NETWORKS = ["classes", "numbers"]
CASES = [f"{network}-{optimizer}" for network in NETWORKS for optimizer in OPTIMIZERS]
CASES += [f"numbers-{optimizer}" for optimizer in VARIANTS]
OPTIMIZERS.update(VARIANTS)


def flags_of(case):
    network, optimizer = case.split("-")
    _, arguments, own = OPTIMIZERS[optimizer]
    flags = [*own.split(), "--learning-rate", str(arguments["learning_rate"])]
    return flags + (["--target-scale", "none"] if network == "numbers" else [])


# In either Keras


def network(keras, name):
    """A network without chance in it. What stands before a batch normalization has no bias: its gradient would be nothing
    but rounding errors, which Adam makes as large as any other."""
    layers = keras.layers
    regularizer = keras.regularizers.L2(1e-3)
    if name == "classes":
        return keras.Sequential(
            [
                keras.Input((FEATURES,)), layers.Dense(8, use_bias=False), layers.BatchNormalization(momentum=0.9),
                layers.Activation("tanh"), layers.Dense(7, activation="gelu", kernel_regularizer=regularizer),
                layers.LayerNormalization(), layers.Dense(3, activation="softmax"),
            ]
        )  # fmt: skip
    x = keras.Input((FEATURES,))
    a = layers.Dense(5, activation="tanh")(x)
    b = layers.Dense(5, activation="silu", kernel_regularizer=regularizer)(x)
    frozen = layers.Dense(4, activation="sigmoid", trainable=False)(x)
    joined = layers.Concatenate()([layers.Add()([a, b]), layers.Multiply()([a, b]), frozen])
    return keras.Model(x, layers.Dense(2)(layers.Dense(6, activation="softplus")(joined)))


def make(folder):
    """Some steps, the files, and what 20 more steps make of each."""
    import numpy as np

    keras = load_keras()
    is3 = keras.__version__.startswith("3")
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        name, optimizer = case.split("-")
        x, y = data(folder.parent, name)
        class_name, arguments, _ = OPTIMIZERS[optimizer]
        loss = "sparse_categorical_crossentropy" if name == "classes" else "mean_squared_error"

        def compile(model):
            model.compile(optimizer=getattr(keras.optimizers, class_name)(**arguments), loss=loss, jit_compile=False)

        def fit(model, epochs):
            model.fit(x, y, batch_size=BATCH, epochs=epochs, shuffle=False, verbose=0)

        keras.utils.set_random_seed(len(case))
        model = network(keras, name)
        compile(model)
        fit(model, FIRST)
        stem = folder / case
        # Keras 3 takes the optimizer out of later files once it has written .h5.
        model.save(f"{stem}.keras")
        model.save(f"{stem}.h5")
        model.save_weights(f"{stem}.weights.h5")
        Path(f"{stem}.json").write_text(model.to_json())
        new = network(keras, name)
        new.set_weights(model.get_weights())
        compile(new)
        fit(new, SECOND)
        save(f"{stem}.weights.npz", new)
        # What Keras 3 reads from its own .h5 cannot go on; the model that wrote it can.
        for suffix in [".h5", ".keras"]:
            again = model if is3 and suffix == ".h5" else keras.models.load_model(f"{stem}{suffix}")
            fit(again, SECOND)
            save(f"{stem}{suffix}.npz", again)
        print("made", case, file=sys.stderr)


def go_on(folder, suffix):
    """20 steps from each file of Descent's."""
    keras = load_keras()
    for case in CASES:
        x, y = data(folder.parent, case.split("-")[0])
        model = keras.models.load_model(folder / f"{case}-exported{suffix}")
        steps = int(model.optimizer.iterations.numpy() if hasattr(model.optimizer.iterations, "numpy") else model.optimizer.iterations)
        assert steps == FIRST * ROWS // BATCH, f"{case}: goes on after {steps} steps"
        model.fit(x, y, batch_size=BATCH, epochs=SECOND, shuffle=False, verbose=0)
        save(folder / f"{case}-exported{suffix}.npz", model)


def data(folder, name):
    import h5py

    with h5py.File(folder / f"{name}.h5") as file:
        return file["x"][()], file["y"][()]


def save(path, model):
    import numpy as np

    np.savez(path, *model.get_weights())


# Here


def write_data(folder):
    import h5py
    import numpy as np

    random = np.random.RandomState(1)
    x = random.normal(0, 1, (ROWS, FEATURES)).astype(np.float32)
    hidden = np.tanh(x @ random.normal(0, 1, (FEATURES, 3)))
    for name, y in [("classes", hidden.argmax(1)), ("numbers", hidden[:, :2].astype(np.float32))]:
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["x"], file["y"] = x, y


def weights(path):
    """The weights of a model file, or of numpy's, in order of layers, trainable ones of all layers first or not."""
    import h5py
    import numpy as np

    if str(path).endswith(".npz"):
        return list(np.load(path).values())
    with h5py.File(path) as file:
        group, found = file["model_weights"], []
        for layer in group.attrs["layer_names"]:
            names = [name for name in group[layer].attrs["weight_names"] if isinstance(name, (str, bytes))]
            found += [group[layer][name][()] for name in names]
        return found


def difference(path, expected):
    import numpy as np

    ours, theirs = weights(path), weights(expected)
    if [part.shape for part in ours] != [part.shape for part in theirs]:
        return f"weights of shapes {[part.shape for part in ours]} and {[part.shape for part in theirs]}"
    largest = max(np.abs(part).max() for part in theirs)
    return float(max(np.abs(a.astype(np.float64) - b).max() for a, b in zip(ours, theirs)) / largest)


def train(descent, folder, case, start, epochs, output):
    name = case.split("-")[0]
    run = subprocess.run(
        [
            descent, "train", str(folder / f"{name}.h5"), "--x", "x", "--y", "y", *start, *flags_of(case), "--epochs", str(epochs),
            "--batch-size", str(BATCH), "--no-shuffle", "--validation-split", "0", "--scale", "none", "--output", str(output), "--quiet",
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    return run.stderr.strip() if run.returncode else None


class Tally:
    def __init__(self):
        self.failed = False

    def report(self, what, found):
        wrong = {case: d for case, d in found.items() if not (isinstance(d, float) and d <= TOLERANCE)}
        numbers = [d for d in found.values() if isinstance(d, float)]
        self.failed = self.failed or bool(wrong) or not found
        worst = f"{max(numbers):.1e}" if numbers else "none"
        print(f"{what}: {len(found) - len(wrong)} of {len(found)} agree, largest difference {worst}", flush=True)
        for case, problem in wrong.items():
            print(f"    {case}: {problem}")


def main(descent, pythons, folder):
    folder.mkdir(parents=True, exist_ok=True)
    write_data(folder)
    tally = Tally()
    for generation, python in pythons.items():
        made = folder / generation
        subprocess.run([python, __file__, "make", made], check=True, stdout=subprocess.DEVNULL)
        for suffix in [".h5", ".keras", ".weights.h5"]:
            found = {}
            for case in CASES:
                stem, output = made / case, made / f"{case}-continued.h5"
                start = ["--init-from", f"{stem}{suffix}"]
                start += ["--architecture", f"{stem}.json"] if "weights" in suffix else ["--init-optimizer"]
                problem = train(descent, folder, case, start, SECOND, output)
                found[case] = problem or difference(output, f"{stem}{suffix.replace('.weights.h5', '.weights')}.npz")
            tally.report(f"from {generation} {suffix}, there and here", found)
    for generation, suffix in [("keras2", ".h5"), ("keras3", ".keras")]:
        own, found, exact = folder / f"descent-{generation}", {}, {}
        own.mkdir(exist_ok=True)
        for case in CASES:
            # From the weights that a generation has made, so that both begin alike.
            start = ["--init-from", str(folder / generation / f"{case}.keras")]
            model, exported = own / f"{case}.h5", own / f"{case}-exported{suffix}"
            found[case] = train(descent, folder, case, start, FIRST, model)
            run = subprocess.run([descent, "export", str(model), str(exported), "--quiet"], capture_output=True, text=True)
            found[case] = found[case] or run.stderr.strip()
        run = subprocess.run([pythons[generation], __file__, "go-on", own, suffix], capture_output=True, text=True)
        if run.returncode:
            found["all"] = run.stderr.strip()[-300:]
        else:
            for case in CASES:
                model, exported, output = own / f"{case}.h5", own / f"{case}-exported{suffix}", own / f"{case}-continued.h5"
                problem = train(descent, folder, case, ["--init-from", str(model), "--init-optimizer"], SECOND, output)
                found[case] = found[case] or problem or difference(output, f"{exported}.npz")
                again = own / f"{case}-again.h5"
                problem = train(descent, folder, case, ["--init-from", str(exported), "--init-optimizer"], SECOND, again)
                exact[case] = problem or difference(again, output)
        tally.report(f"from Descent, there ({generation} {suffix}) and here", found)
        tally.report(f"from Descent's model and what it exports as {suffix}, both here", exact)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    elif sys.argv[1] == "go-on":
        go_on(Path(sys.argv[2]), sys.argv[3])
    else:
        descent, python2, python3, folder = sys.argv[1:]
        sys.exit(main(descent, {"keras2": python2, "keras3": python3}, Path(folder).resolve()))
