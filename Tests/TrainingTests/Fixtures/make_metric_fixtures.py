#!/usr/bin/env python3
"""Writes metrics.json: what scikit-learn says of scores and labels, for the tests of the metrics.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python make_metric_fixtures.py          # writes beside this script

Scores have three decimals at most, so that ties are ties in every precision.
"""

import json
import re
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

FOLDER = Path(__file__).resolve().parent


def areas(scores, labels):
    """The area under the ROC curve of each class that has rows, and has not all of them, against the rest."""
    classes = [1] if scores.shape[1] == 2 else range(scores.shape[1])
    actual = [labels == index for index in classes]
    return [
        metrics.roc_auc_score(positive, scores[:, index])
        for index, positive in zip(classes, actual)
        if positive.any() and not positive.all()
    ]


def classification(name, scores, labels):
    scores, labels = np.round(np.asarray(scores), 3), np.asarray(labels)
    classes = scores.shape[1]
    predicted = scores.argmax(axis=1)
    present = np.unique(labels)
    averaged = {"labels": present, "average": "macro", "zero_division": 0}
    found = areas(scores, labels)
    return {
        "name": name,
        "classes": classes,
        "scores": scores.ravel().tolist(),
        "labels": labels.tolist(),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=np.arange(classes)).tolist(),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "top_5_accuracy": (
            metrics.top_k_accuracy_score(labels, scores, k=5, labels=np.arange(classes)) if classes > 5 else None
        ),
        "auc": float(np.mean(found)) if found else None,
        "precision": metrics.precision_score(labels, predicted, **averaged),
        "recall": metrics.recall_score(labels, predicted, **averaged),
        "f1": metrics.f1_score(labels, predicted, **averaged),
    }


def multilabel(name, scores, targets):
    scores, targets = np.round(np.asarray(scores), 3), np.asarray(targets)
    columns = [
        classification("", np.stack([1 - scores[:, column], scores[:, column]], axis=1), targets[:, column])
        for column in range(scores.shape[1])
    ]
    found = [column["auc"] for column in columns if column["auc"] is not None]
    return {
        "name": name,
        "columns": scores.shape[1],
        "scores": scores.ravel().tolist(),
        "targets": targets.ravel().tolist(),
        "auc": float(np.mean(found)) if found else None,
    } | {
        key: float(np.mean([column[key] for column in columns])) for key in ["accuracy", "precision", "recall", "f1"]
    }


def regression(name, predictions, targets):
    predictions, targets = np.round(predictions, 3), np.round(targets, 3)
    return {
        "name": name,
        "outputs": targets.shape[1],
        "predictions": predictions.ravel().tolist(),
        "targets": targets.ravel().tolist(),
        "mse": metrics.mean_squared_error(targets, predictions),
        "mae": metrics.mean_absolute_error(targets, predictions),
        "rmse": float(np.sqrt(metrics.mean_squared_error(targets, predictions))),
        "r2": metrics.r2_score(targets, predictions),
    }


def main():
    random = np.random.RandomState(5)

    def probabilities(rows, classes):
        return random.dirichlet(np.ones(classes), rows)

    def learned(rows, classes):
        """Labels, and scores that know something of them."""
        labels = random.randint(classes, size=rows)
        return probabilities(rows, classes) * 0.6 + np.eye(classes)[labels] * 0.4 * random.rand(rows, 1), labels

    binary = random.randint(2, size=40)
    tied = random.randint(0, 5, size=40) * 0.125 + 0.25 * binary
    scores, labels = learned(60, 8)
    without = np.where(labels == 3, 4, labels)
    three, three_labels = learned(30, 3)
    values = {
        "made_with": f"scikit-learn {sklearn.__version__}",
        "classification": [
            classification("two classes", *learned(25, 2)),
            classification("two classes, tied scores", np.stack([1 - tied, tied], axis=1), binary),
            classification("three classes", three, three_labels),
            classification("three classes, tied scores", np.round(three * 4) / 4, three_labels),
            classification("three classes, one without rows", three, np.where(three_labels == 1, 2, three_labels)),
            classification("three classes, one never predicted", three * [1, 1, 0], three_labels),
            classification("one class only", three, np.full(30, 2)),
            classification("two classes, one only", np.stack([1 - tied, tied], axis=1), np.zeros(40, int)),
            classification("eight classes", scores, labels),
            classification("eight classes, one without rows", scores, without),
            classification("one row", [[0.2, 0.7, 0.1]], [1]),
        ],
        "multilabel": [
            multilabel("three questions", random.rand(30, 3), random.randint(2, size=(30, 3))),
            multilabel(
                "a question that is always yes",
                np.round(random.rand(20, 2) * 8) / 8,
                np.stack([np.ones(20, int), random.randint(2, size=20)], axis=1),
            ),
        ],
        "regression": [
            regression("one output", random.normal(0, 1, (20, 1)), random.normal(0, 1, (20, 1))),
            regression(
                "outputs of different scales",
                random.normal(0, 1, (25, 3)) * [1, 100, 0.1] + [0, 1000, -3],
                random.normal(0, 1, (25, 3)) * [1, 100, 0.1] + [0, 1000, -3],
            ),
        ],
    }
    text = json.dumps(values, indent=1, allow_nan=False)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]"), text)
    (FOLDER / "metrics.json").write_text(text + "\n", encoding="ascii")
    print(f"metrics.json: {len(text) + 1} bytes")


if __name__ == "__main__":
    main()
