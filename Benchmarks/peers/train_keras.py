"""Trains a reference workload in Keras on TensorFlow, steps compiled by XLA.

    python train_keras.py FOLDER WORKLOAD
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

from training import LEARNING_RATE, arguments, cores, run


def prepare(problem):
    tf.config.threading.set_intra_op_parallelism_threads(cores())
    batches = tf.data.Dataset.from_tensor_slices((problem.x, problem.y)).prefetch(1)
    *hidden, classes = problem.layers[1:]
    model = keras.Sequential([
        keras.Input([problem.layers[0]]),
        *(keras.layers.Dense(width, activation="relu") for width in hidden),
        keras.layers.Dense(classes),
    ])  # fmt: skip
    model.compile(
        optimizer=keras.optimizers.SGD(LEARNING_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
    )
    return lambda: model.fit(batches, epochs=1, verbose=0).history["loss"][0]


if __name__ == "__main__":
    run(arguments(__doc__).parse_args(), prepare)
