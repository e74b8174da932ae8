"""Golden values for Tests/TabularDataTests, from pandas and scikit-learn.

Usage: EQUIPOISE_DATA=... python tabular_data.py > Tests/TabularDataTests/Golden/tabular_data.json

Python 3.11, numpy 2.4.6, pandas 3.1.1, scikit-learn 1.9.1. UCI Adult's adult.data is read from
$EQUIPOISE_DATA/adult.
"""

import io
import json
import os
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

PINNED = {"numpy": "2.4.6", "pandas": "3.1.1", "scikit-learn": "1.9.1"}
found = {"numpy": np.__version__, "pandas": pd.__version__, "scikit-learn": sklearn.__version__}
if found != PINNED:
    sys.exit(f"pinned to {PINNED}, found {found}")

ADULT_COLUMNS = [
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship", "race",
    "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
]


def adult():
    """The article's preparation, fitted on every second row that is kept."""
    path = os.path.join(os.environ["EQUIPOISE_DATA"], "adult", "adult.data")
    frame = pd.read_csv(path, names=ADULT_COLUMNS, na_values="?", sep=r"\s*,\s*", engine="python")
    frame = frame[frame["race"].isin(["White", "Black"])]
    labels = (frame["income"] == ">50K").astype(int)
    features = frame.drop(columns=["income", "race", "sex", "fnlwgt"]).fillna("Unknown")
    encoded = pd.get_dummies(features, drop_first=True).astype(float)
    training = np.arange(0, len(encoded), 2)
    # get_dummies puts the numeric columns first; ours stay where they are in the file.
    order = []
    for column in features.columns:
        order += [name for name in encoded.columns if name == column or name.startswith(column + "_")]
    encoded = encoded[order]
    # What no training row has is the average row here, see FeatureEncoder.
    matrix = encoded.to_numpy().copy()
    unseen = 0
    for column in features.select_dtypes(include=["object", "str"]).columns:
        block = [i for i, name in enumerate(encoded.columns) if name.startswith(column + "_")]
        known = set(features[column].iloc[training])
        rows = np.flatnonzero(~features[column].isin(known))
        unseen += len(rows)
        matrix[np.ix_(rows, block)] = matrix[np.ix_(training, block)].mean(axis=0)
    scaler = StandardScaler().fit(matrix[training])
    scaled = scaler.transform(matrix)
    return {
        "rows": len(frame),
        "positives": int(labels.sum()),
        "features": list(encoded.columns),
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "unseenCells": unseen,
        "columnSums": scaled.sum(axis=0).tolist(),
        "sampleRows": list(range(0, len(frame), 3001)),
        "sample": scaled[::3001].tolist(),
    }


SMALL = """age,job,hours,flag
20,baker,40,a
30,,38.5,a
,clerk,1e1,a
50,baker,,a
41,adder,-2.5,a
33,clerk,40,a
"""


def small():
    """Six rows with missing cells; the first four train."""
    frame = pd.read_csv(io.StringIO(SMALL))
    result = {"csv": SMALL, "training": [0, 1, 2, 3], "variants": []}
    for drop_first in (False, True):
        for standardize in ("all", "numeric", "none"):
            numeric = frame[["age", "hours"]]
            filled = SimpleImputer().fit(numeric[:4]).transform(numeric)
            dummies = pd.get_dummies(frame["job"].fillna("Unknown"), drop_first=drop_first).astype(float)
            known = set(frame["job"].fillna("Unknown")[:4])
            rows = ~frame["job"].fillna("Unknown").isin(known)
            dummies[rows] = dummies[:4].mean().to_numpy()
            flag = pd.get_dummies(frame["flag"], drop_first=drop_first).astype(float).to_numpy()
            if standardize != "none":
                filled = StandardScaler().fit(filled[:4]).transform(filled)
            indicators = [dummies.to_numpy(), flag]
            if standardize == "all":
                indicators = [StandardScaler().fit(x[:4]).transform(x) if x.shape[1] else x for x in indicators]
            matrix = np.hstack([filled[:, :1], indicators[0], filled[:, 1:], indicators[1]])
            result["variants"].append(
                {"dropFirst": drop_first, "standardize": standardize, "features": matrix.tolist()})
    return result


def splits():
    """Sizes, and the positives of each part, of stratified splits. Remainders do not tie in these cases."""
    cases = []
    for positives, negatives, share in [
        (7504, 23436, 0.5), (10, 33, 0.2), (7, 23, 0.3), (45, 55, 0.25), (3, 8, 0.4), (100, 901, 0.33), (2, 5, 0.5),
    ]:
        labels = np.array([1] * positives + [0] * negatives)
        train, test = train_test_split(labels, test_size=share, stratify=labels, random_state=1)
        cases.append({
            "positives": positives, "negatives": negatives, "test": share, "trainRows": len(train),
            "testRows": len(test), "trainPositives": int(train.sum()), "testPositives": int(test.sum()),
        })
    return cases


json.dump({"versions": found, "adult": adult(), "small": small(), "splits": splits()}, sys.stdout, indent=1)
print()
