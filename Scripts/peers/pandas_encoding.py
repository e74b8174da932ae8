#!/usr/bin/env python3
"""pandas and scikit-learn from Adult's CSV file to the article's matrices: pandas_encoding.py FOLDER [--seconds S].

Two ways to the same 2 × 15,470 rows of 93 columns: get_dummies, as tutorials have it, and a ColumnTransformer in single
precision. The faster one counts.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
import adult_data  # noqa: E402


def transformed(path):
    rows = pd.read_csv(path, names=adult_data.COLUMNS, na_values="?", skipinitialspace=True)
    rows = rows[rows["race"].isin(["White", "Black"])]
    labels = (rows["income"] == ">50K").to_numpy(np.float32)[:, None]
    sensitive = np.stack([rows["race"] == "White", rows["sex"] == "Male"], axis=1).astype(np.float32)
    raw = rows.drop(columns=["income", "fnlwgt", *adult_data.SENSITIVE])
    numeric = list(raw.select_dtypes("number").columns)
    categorical = list(raw.columns.difference(numeric))
    raw = raw.fillna({column: "Unknown" for column in categorical})
    train, test = train_test_split(np.arange(len(rows)), test_size=0.5, stratify=labels, random_state=7)
    # The categories of both halves, as get_dummies sees them.
    dummies = OneHotEncoder(
        categories=[np.unique(raw[column].to_numpy(str)) for column in categorical], drop="first", dtype=np.float32,
        sparse_output=False)
    encoder = make_pipeline(
        ColumnTransformer([("numeric", "passthrough", numeric), ("categorical", dummies, categorical)]),
        StandardScaler())
    halves = encoder.fit_transform(raw.iloc[train]), encoder.transform(raw.iloc[test])
    return tuple(
        adult_data.Half(half.astype(np.float32), labels[rows], sensitive[rows])
        for half, rows in zip(halves, [train, test]))


def shortest(way, path, enough):
    times = []
    while len(times) < 3 or sum(times) < enough:
        start = time.perf_counter()
        way(path)
        times.append(time.perf_counter() - start)
    return min(times)


parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--seconds", type=float, default=2.0)
options = parser.parse_args()
path = adult_data.adult_file(options.folder)
ways = {"get_dummies": adult_data.load, "ColumnTransformer": transformed}
for name, way in ways.items():
    train, test = way(path)
    assert train.features.shape == test.features.shape == (15_470, 93), (name, train.features.shape)
times = {name: shortest(way, path, options.seconds / 2) for name, way in ways.items()}
best = min(times, key=times.get)
print(json.dumps({
    "csvToMatrixMilliseconds": times[best] * 1e3, "way": best,
    "versions": {"pandas": pd.__version__, "scikit-learn": sklearn.__version__},
}))
