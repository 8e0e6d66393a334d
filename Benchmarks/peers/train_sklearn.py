"""Trains a reference workload with scikit-learn's MLPClassifier, one `partial_fit` per epoch.

    python train_sklearn.py FOLDER WORKLOAD
"""

import numpy as np
from sklearn.neural_network import MLPClassifier

from training import LEARNING_RATE, arguments, run


def prepare(problem):
    x, y = problem.x.reshape(problem.rows, -1), problem.y.ravel()
    _, *hidden, classes = problem.layers
    model = MLPClassifier(
        hidden_layer_sizes=hidden,
        solver="sgd",
        learning_rate_init=LEARNING_RATE,
        momentum=0,
        nesterovs_momentum=False,
        alpha=0,
        batch_size=problem.y.shape[1],
        shuffle=False,
        random_state=1,
    )
    return lambda: model.partial_fit(x, y, classes=np.arange(classes)).loss_


if __name__ == "__main__":
    run(arguments(__doc__).parse_args(), prepare)
