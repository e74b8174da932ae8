#!/usr/bin/env python3
"""fairlearn's MetricFrame: five metrics for each group of two attributes, and for their intersections.

The rows are drawn as equipoise-benchmark draws them: two groups and five, labels that depend on the scores. The memory
is what the process grows by at its highest, beyond the rows.
"""

import argparse
import json
import resource
import time

import fairlearn
import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import accuracy_score, precision_score

METRICS = {
    "accuracy": accuracy_score,
    "selection rate": selection_rate,
    "true positive rate": true_positive_rate,
    "false positive rate": false_positive_rate,
    "precision": precision_score,
}


def highest_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int, default=1_000_000)
options = parser.parse_args()
random = np.random.default_rng(7)
scores = random.random(options.rows, dtype=np.float32)
labels = (random.random(options.rows, dtype=np.float32) < 0.2 + 0.6 * scores).astype(np.int8)
decisions = (scores >= 0.5).astype(np.int8)
groups = pd.DataFrame({
    "sex": pd.Categorical.from_codes(random.integers(0, 2, options.rows, dtype=np.int8), ["Female", "Male"]),
    "race": pd.Categorical.from_codes(random.integers(0, 5, options.rows, dtype=np.int8), list("ABCDE")),
})
before = highest_memory()
start = time.perf_counter()
values = 0
for columns in [["sex"], ["race"], ["sex", "race"]]:
    frame = MetricFrame(
        metrics=METRICS, y_true=labels, y_pred=decisions, sensitive_features=groups[columns])
    values += float(frame.by_group.sum().sum()) + float(frame.overall.sum())
print(json.dumps({
    "metricsMilliseconds": (time.perf_counter() - start) * 1e3,
    "metricsMemoryMegabytes": (highest_memory() - before) / 1e6,
    "sumOfValues": values,
    "versions": {"fairlearn": fairlearn.__version__},
}))
