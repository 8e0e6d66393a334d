"""Writes quantiles.json beside this script: normal scores as scikit-learn computes them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scikit-learn scipy numpy
    /tmp/venv/bin/python Tests/TabularTests/Fixtures/make_quantiles.py

The smallest and the largest value of each column occur once: where they are shared, scikit-learn puts all of them at
the end of the distribution, and Descent in the middle of their ranks.
"""

import json
import pathlib

import numpy as np
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

ROWS = 900
random = np.random.default_rng(4)
skewed = np.round(np.exp(random.normal(size=ROWS) * 1.5), 3)
tied = np.where(random.random(ROWS) < 0.6, 0.0, np.round(random.normal(size=ROWS) * 7, 2))
columns = np.stack([skewed, tied], axis=1).astype(np.float32)
for column in columns.T:
    assert (column == column.min()).sum() == 1 and (column == column.max()).sum() == 1
count = min(max(ROWS // 30, 10), 1000)
transformer = QuantileTransformer(n_quantiles=count, output_distribution="normal", subsample=None)
transformer.fit(columns)
# Between and beyond the values too.
others = np.stack([np.linspace(-2, 60, 50), np.linspace(-30, 30, 50)], axis=1).astype(np.float32)
shares = [1e-7, 1e-5, 0.001, 0.02425, 0.075, 0.3, 0.5, 0.6, 0.925, 0.99, 0.99999, 1 - 1e-7]
fixture = {
    "values": columns.tolist(),
    "scores": transformer.transform(columns).astype(float).tolist(),
    "others": others.tolist(),
    "otherScores": transformer.transform(others).astype(float).tolist(),
    "shares": shares,
    "normal": norm.ppf(shares).tolist(),
}
path = pathlib.Path(__file__).parent / "quantiles.json"
path.write_text(json.dumps(fixture, separators=(",", ":")))
