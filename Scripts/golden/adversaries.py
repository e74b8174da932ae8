"""Golden values for the tests of Auditing, from scikit-learn.

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python Scripts/golden/adversaries.py > Tests/AuditingTests/Golden/adversaries.json

The rows are random but for the seed, and stored with the results: the first 500 are trained on, the others scored.
`grid` has few distinct values, all of them among the training rows, so that both sides' trees have the same splits to
choose from; `free` has no ties, so that nearest neighbours are the same rows on both sides.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

ROWS, TRAINING = 800, 500

g = np.random.default_rng(5)
grid = np.clip(np.round(g.normal(size=(ROWS, 3)) * 4) / 4, -2, 2)
free = np.round(g.normal(size=(ROWS, 6)), 6).astype(np.float32)
signal = np.abs(grid[:, 0]) - 0.8 + grid[:, 1] * grid[:, 2] + 0.5 * grid[:, 1] + free[:, 0] ** 2 - 1
z = (g.random(ROWS) < 1 / (1 + np.exp(-1.5 * signal))).astype(int)
weights = g.integers(1, 9, ROWS) / 4
train, test = slice(0, TRAINING), slice(TRAINING, ROWS)
for column in range(3):
    assert set(grid[test, column]) <= set(grid[train, column])


def logistic(w):
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(grid[train], z[train], sample_weight=None if w is None else w[train])
    scores = model.decision_function(grid[test])
    return {
        "coefficients": [*map(float, model.coef_[0]), float(model.intercept_[0])],
        "rocAUC": float(roc_auc_score(z[test], scores)),
    }


def trees(w):
    model = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=30, max_depth=3, max_leaf_nodes=None, min_samples_leaf=1, l2_regularization=1.0,
        max_bins=255, early_stopping=False)
    model.fit(grid[train], z[train], sample_weight=None if w is None else w[train])
    scores = model.decision_function(grid[test])
    return {"scores": [round(float(s), 6) for s in scores], "rocAUC": float(roc_auc_score(z[test], scores))}


def neighbours(columns, count):
    model = KNeighborsClassifier(count, algorithm="brute").fit(free[train, :columns], z[train])
    shares = model.predict_proba(free[test, :columns])[:, 1]
    return {
        "columns": columns, "count": count, "votes": [int(round(s * count)) for s in shares],
        "rocAUC": float(roc_auc_score(z[test], shares)),
    }


json.dump(
    {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "training": TRAINING,
        "grid": grid.tolist(),
        "free": [[float(x) for x in np.round(row.astype(float), 6)] for row in free],
        "targets": z.tolist(),
        "weights": weights.tolist(),
        "logistic": {"plain": logistic(None), "weighted": logistic(weights)},
        "trees": {"plain": trees(None), "weighted": trees(weights)},
        "neighbours": [neighbours(1, 25), neighbours(3, 25), neighbours(6, 40)],
    },
    sys.stdout,
)
print()
