"""Holds reductions, group thresholds and reweighing against fairlearn on Adult, with the same rows and the same scores.

    python3 -m venv ~/crosscheck && ~/crosscheck/bin/pip install -r Scripts/crosscheck/requirements.txt
    swift build -c release --product equipoise-crosscheck
    EQUIPOISE_DATA=... ~/crosscheck/bin/python Scripts/crosscheck/mitigation.py

adult.data, rows with '?' and races other than White and Black left out; race, sex and fnlwgt are no features. 70 % of
the rows train, by numpy.random.RandomState(seed).permutation; all numbers are of the other 30 %, in expectation where
chance decides. The attribute is sex. Seeds may be given; 0, 1 and 2 are the usual ones. Ends with status 1 where the
exponentiated gradient for demographic parity (bound 0.02) is more than half a point of accuracy below fairlearn's, or
its gap more than 0.01 wider. EQUIPOISE_CROSSCHECK names another binary.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import DemographicParity, EqualizedOdds, ExponentiatedGradient
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = os.environ.get("EQUIPOISE_CROSSCHECK", str(ROOT / ".build/release/equipoise-crosscheck"))


class Given(BaseEstimator):
    """A model whose scores are given as its features."""

    def fit(self, x, y):
        return self

    def predict(self, x):
        return np.asarray(x)[:, 0]


def adult(folder):
    names = (
        "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
        "capital_loss hours_per_week native_country income"
    ).split()
    data = pd.read_csv(folder / "adult/adult.data", names=names, skipinitialspace=True)
    data = data[~(data == "?").any(axis=1) & data.race.isin(["White", "Black"])]
    features = pd.get_dummies(data.drop(columns=["race", "sex", "fnlwgt", "income"]), dtype=float)
    return features, (data.income == ">50K").astype(int).to_numpy(), (data.sex == "Male").astype(int).to_numpy()


def rates(chances, y, z):
    def mean(group, label=None):
        return chances[(z == group) & ((y == label) if label is not None else True)].mean()

    return {
        "accuracy": np.where(y == 1, chances, 1 - chances).mean(),
        "demographicParityDifference": abs(mean(0) - mean(1)),
        "equalizedOddsDifference": max(abs(mean(0, label) - mean(1, label)) for label in (0, 1)),
    }


def compare(seed, features, y, z):
    order = np.random.RandomState(seed).permutation(len(y))
    train, test = order[: int(0.7 * len(y))], order[int(0.7 * len(y)) :]
    numeric = [column for column in features if features[column].nunique() > 2]
    x = features.copy()
    x[numeric] = (x[numeric] - x[numeric].iloc[train].mean()) / x[numeric].iloc[train].std(ddof=0)
    x = x.to_numpy().astype(np.float32).astype(float)
    model = LogisticRegression(solver="newton-cholesky", tol=1e-9).fit(x[train], y[train])
    scores = model.predict_proba(x)[:, 1].astype(np.float32).astype(float)

    theirs = {"regression": rates(model.predict(x[test]).astype(float), y[test], z[test])}
    p = {(g, c): np.mean((z[train] == g) & (y[train] == c)) for g in (0, 1) for c in (0, 1)}
    weight = np.array([
        (p[g, 0] + p[g, 1]) * (p[0, c] + p[1, c]) / p[g, c] for g, c in zip(z[train], y[train])
    ])
    reweighed = LogisticRegression(solver="newton-cholesky", tol=1e-9).fit(x[train], y[train], sample_weight=weight)
    theirs["reweighing"] = rates(reweighed.predict(x[test]).astype(float), y[test], z[test])
    for name, moment in (("demographicParity", DemographicParity), ("equalizedOdds", EqualizedOdds)):
        start = time.time()
        reduction = ExponentiatedGradient(
            LogisticRegression(solver="newton-cholesky"), constraints=moment(difference_bound=0.02), eps=0.02
        )
        reduction.fit(x[train], y[train], sensitive_features=z[train])
        found = rates(reduction._pmf_predict(x[test])[:, 1], y[test], z[test])
        theirs[f"exponentiatedGradient.{name}"] = {**found, "seconds": time.time() - start}
    criteria = {
        "demographicParity": "demographic_parity", "equalizedOdds": "equalized_odds",
        "equalOpportunity": "true_positive_rate_parity", "falsePositiveRateParity": "false_positive_rate_parity",
    }
    for name, constraint in criteria.items():
        optimizer = ThresholdOptimizer(
            estimator=Given(), constraints=constraint, prefit=True, predict_method="predict", objective="accuracy_score"
        )
        optimizer.fit(scores[train][:, None], y[train], sensitive_features=z[train])
        chances = optimizer._pmf_predict(scores[test][:, None], sensitive_features=z[test])[:, 1]
        theirs[f"thresholds.{name}"] = rates(chances, y[test], z[test])

    with tempfile.TemporaryDirectory() as folder:
        for split, rows in (("train", train), ("test", test)):
            for name, values in (("features", x), ("labels", y), ("groups", z), ("scores", scores)):
                values[rows].astype(np.float32).tofile(f"{folder}/{split}-{name}.f32")
        ours = json.loads(subprocess.run([TOOL, folder], check=True, capture_output=True).stdout)
    return ours, theirs


def main():
    folder = os.environ.get("EQUIPOISE_DATA")
    if not folder:
        raise SystemExit("set EQUIPOISE_DATA to the folder of the data sets")
    features, y, z = adult(pathlib.Path(folder))
    missed = False
    for seed in [int(text) for text in sys.argv[1:]] or [0, 1, 2]:
        ours, theirs = compare(seed, features, y, z)
        print(f"Adult, sex, split {seed}      accuracy        parity gap      odds gap        (ours | fairlearn)")
        for name in sorted(ours):
            line = f"  {name:42}"
            for key in ("accuracy", "demographicParityDifference", "equalizedOddsDifference"):
                other = theirs.get(name, {}).get(key)
                line += f" {ours[name][key]:.4f} | " + (f"{other:.4f}" if other is not None else "   –  ")
            if "seconds" in ours[name]:
                line += f"  {ours[name]['seconds']:.1f} s | {theirs[name]['seconds']:.1f} s"
            print(line)
        name = "exponentiatedGradient.demographicParity"
        missed |= ours[name]["accuracy"] < theirs[name]["accuracy"] - 0.005
        key = "demographicParityDifference"
        missed |= ours[name][key] > theirs[name][key] + 0.01
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
