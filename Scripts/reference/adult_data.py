"""UCI Adult as the article's PyTorch notebook prepares it, as arrays.

Rows: adult.data with race White or Black (30,940). Features: every column but income, race, sex and fnlwgt; missing
cells become the category "Unknown"; dummies with the first category dropped (93 columns). Split in halves, stratified by
income, `random_state=7`, scaled on the training half.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

COLUMNS = [
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship", "race",
    "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
]
SENSITIVE = ["race", "sex"]


class Half(NamedTuple):
    """One half of the rows: features [n, 93], labels [n, 1], sensitive attributes [n, 2] (race, sex; 1 privileged)."""

    features: np.ndarray
    labels: np.ndarray
    sensitive: np.ndarray


def adult_file(folder=None):
    """The path of adult.data, in `folder` or in the folder named by EQUIPOISE_DATA."""
    root = folder or os.environ.get("EQUIPOISE_DATA")
    if not root:
        raise SystemExit("error: EQUIPOISE_DATA is not set. Let it name the folder that holds adult/adult.data.")
    path = Path(root) / "adult" / "adult.data"
    if not path.is_file():
        raise SystemExit(f"error: {path} does not exist. Let EQUIPOISE_DATA name the folder that holds adult/adult.data.")
    return path


def load(path, standardize="all"):
    """The training and the test half; `standardize` is "all" columns or the "numeric" ones (dummies stay 0 and 1)."""
    rows = pd.read_csv(path, names=COLUMNS, na_values="?", skipinitialspace=True)
    rows = rows[rows["race"].isin(["White", "Black"])]
    labels = (rows["income"] == ">50K").to_numpy(np.float32)[:, None]
    sensitive = np.stack([rows["race"] == "White", rows["sex"] == "Male"], axis=1).astype(np.float32)
    raw = rows.drop(columns=["income", "fnlwgt", *SENSITIVE])
    numeric = raw.select_dtypes("number").columns
    raw = raw.fillna({column: "Unknown" for column in raw.columns.difference(numeric)})
    features = pd.get_dummies(raw, drop_first=True).astype(np.float64)

    train, test = train_test_split(np.arange(len(rows)), test_size=0.5, stratify=labels, random_state=7)
    scaled = list(features.columns if standardize == "all" else numeric)
    scaler = StandardScaler().fit(features.iloc[train][scaled])
    features[scaled] = scaler.transform(features[scaled])
    values = features.to_numpy(np.float32)
    return (
        Half(values[train], labels[train], sensitive[train]),
        Half(values[test], labels[test], sensitive[test]),
    )
