"""Trains a reference workload with H2O deep learning, as near as it comes: rows one at a time, threads without locks.

    python train_h2o.py FOLDER WORKLOAD

H2O has no matrix products over batches; each thread updates the shared weights row by row. Each epoch goes on from the
model of the one before.
"""

import contextlib
import sys

import h2o
import numpy as np
from h2o.estimators import H2ODeepLearningEstimator

from training import LEARNING_RATE, arguments, cores, run


def prepare(problem):
    table = np.column_stack([problem.x.reshape(problem.rows, -1), problem.y.ravel()])
    frame = h2o.H2OFrame(table)
    features, label = frame.columns[:-1], frame.columns[-1]
    frame[label] = frame[label].asfactor()
    model = None
    epochs = 0

    def epoch():
        nonlocal model, epochs
        epochs += 1
        before, model = model, H2ODeepLearningEstimator(
            checkpoint=model and model.model_id,
            hidden=problem.layers[1:-1],
            activation="Rectifier",
            epochs=epochs,
            train_samples_per_iteration=0,
            adaptive_rate=False,
            rate=LEARNING_RATE,
            rate_annealing=0,
            momentum_start=0,
            momentum_stable=0,
            standardize=False,
            input_dropout_ratio=0,
            overwrite_with_best_model=False,
            stopping_rounds=0,
            score_training_samples=1000,
            variable_importances=False,
            seed=1,
        )  # fmt: skip
        model.train(features, label, frame)
        if before:
            h2o.remove(before.model_id)
        return model.logloss()

    return epoch


if __name__ == "__main__":
    options = arguments(__doc__).parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        h2o.init(nthreads=cores(), max_mem_size="4G", bind_to_localhost=True, verbose=False)
    h2o.no_progress()
    try:
        run(options, prepare)
    finally:
        h2o.cluster().shutdown()
