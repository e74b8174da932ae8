"""Holds `equipoise evaluate` against scikit-learn and fairlearn, metric by metric and slice by slice.

    python3 -m venv ~/crosscheck && ~/crosscheck/bin/pip install -r Scripts/crosscheck/requirements.txt
    EQUIPOISE_DATA=... ~/crosscheck/bin/python Scripts/crosscheck/compare.py

The predictions are those of a logistic regression on Adult and on COMPAS, once as they come, once rounded so that many
tie, and once with row weights. Prints the largest relative difference of each metric; ends with status 1 where one is
above 1e-12. EQUIPOISE_TOOL names another binary than .build/release/equipoise.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import fairlearn.metrics as fm
import numpy as np
import pandas as pd
import sklearn.metrics as sm
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = os.environ.get("EQUIPOISE_TOOL", str(ROOT / ".build/release/equipoise"))
THRESHOLDS = [0.25, 0.5]
TOLERANCE = 1e-12


def adult(folder):
    names = (
        "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
        "capital_loss hours_per_week native_country income"
    ).split()
    read = {"names": names, "skipinitialspace": True}
    train = pd.read_csv(folder / "adult/adult.data", **read)
    test = pd.read_csv(folder / "adult/adult.test", skiprows=1, **read)
    features = ["age", "education_num", "capital_gain", "capital_loss", "hours_per_week"]
    return predictions(train, test, features, lambda d: d.income.str.startswith(">50K"), ["sex", "race"])


def compas(folder):
    data = pd.read_csv(folder / "compas/compas-scores-two-years.csv")
    train = np.random.default_rng(7).random(len(data)) < 0.5
    features = ["age", "priors_count", "juv_fel_count", "juv_misd_count"]
    return predictions(data[train], data[~train], features, lambda d: d.two_year_recid == 1, ["sex", "race"])


def predictions(train, test, features, label, groups):
    mean, deviation = train[features].mean(), train[features].std()
    model = LogisticRegression().fit((train[features] - mean) / deviation, label(train))
    scores = model.predict_proba((test[features] - mean) / deviation)[:, 1]
    result = test[groups].reset_index(drop=True)
    result["label"] = label(test).astype(int).to_numpy()
    result["score"] = scores
    result["weight"] = np.random.default_rng(1).integers(1, 9, len(test)) / 4
    return result


def calibration_error(y, s, w, bins=10):
    place = np.minimum((s * bins).astype(int), bins - 1)
    return sum(abs(np.sum(w[place == b] * (s - y)[place == b])) for b in range(bins)) / w.sum()


def score_metrics(y, s, w):
    if len(set(y)) < 2:
        return {}
    return {
        "rocAUC": sm.roc_auc_score(y, s, sample_weight=w),
        "averagePrecision": sm.average_precision_score(y, s, sample_weight=w),
        "logLoss": sm.log_loss(y, s, sample_weight=w, labels=[0, 1]),
        "brierScore": sm.brier_score_loss(y, s, sample_weight=w),
        "expectedCalibrationError": calibration_error(y, s, w),
        "meanScore": np.average(s, weights=w),
    }


def rates(y, d, w):
    found = {
        "prevalence": np.average(y, weights=w),
        "selectionRate": fm.selection_rate(y, d, sample_weight=w),
        "accuracy": sm.accuracy_score(y, d, sample_weight=w),
    }
    if y.any():
        found["truePositiveRate"] = fm.true_positive_rate(y, d, sample_weight=w)
        found["falseNegativeRate"] = fm.false_negative_rate(y, d, sample_weight=w)
    if not y.all():
        found["falsePositiveRate"] = fm.false_positive_rate(y, d, sample_weight=w)
        found["trueNegativeRate"] = fm.true_negative_rate(y, d, sample_weight=w)
    if y.any() and not y.all():
        found["balancedAccuracy"] = sm.balanced_accuracy_score(y, d, sample_weight=w)
    if d.any():
        found["precision"] = sm.precision_score(y, d, sample_weight=w)
    if not d.all():
        found["negativePredictiveValue"] = sm.precision_score(1 - y, 1 - d, sample_weight=w)
    if y.any() or d.any():
        found["f1"] = sm.f1_score(y, d, sample_weight=w)
    return found


def parity(y, d, w, groups):
    same = {"sensitive_features": groups, "sample_weight": w}
    accuracy = fm.MetricFrame(
        metrics=sm.accuracy_score, y_true=y, y_pred=d, sensitive_features=groups, sample_params={"sample_weight": w}
    )
    found = {
        "demographicParityDifference": fm.demographic_parity_difference(y, d, **same),
        "pPercentRule": fm.demographic_parity_ratio(y, d, **same),
        "accuracyEqualityDifference": accuracy.difference(),
    }
    by_group = [y[(groups == g).to_numpy()] for g in groups.unique()]
    # fairlearn takes a rate without rows as 0; a statistic that does not exist is not compared.
    if all(part.any() and not part.all() for part in by_group):
        found["equalizedOddsDifference"] = fm.equalized_odds_difference(y, d, **same)
        found["equalOpportunityDifference"] = fm.equal_opportunity_difference(y, d, **same)
    return found


def run(data, weighted):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "predictions.csv"
        data.to_csv(path, index=False)
        command = [TOOL, "evaluate", "--predictions", str(path), "--label", "label", "--score", "score"]
        command += ["--groups", "sex,race", "--thresholds", ",".join(map(str, THRESHOLDS)), "--no-intervals", "--json"]
        if weighted:
            command += ["--weights", "weight"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def compare(data, weighted, largest):
    found = run(data, weighted)
    count = 0

    def hold(name, expected, value, where):
        nonlocal count
        if value["value"] is None:
            raise SystemExit(f"{where}: {name} is undefined here ({value['reason']}), and {expected} there")
        difference = abs(value["value"] - expected) / max(abs(expected), 1e-300) if expected != value["value"] else 0.0
        # A difference of nearly equal rates has no more digits than the rates.
        if name.endswith("Difference") or name == "expectedCalibrationError":
            difference = abs(value["value"] - expected)
        count += 1
        if difference >= largest.get(name, (-1.0, ""))[0]:
            largest[name] = (difference, where)

    for entry in found["slices"]:
        rows = np.ones(len(data), bool)
        for column, group in entry["slice"].items():
            rows &= (data[column] == group).to_numpy()
        part = data[rows]
        assert len(part) == entry["rows"], (entry["slice"], len(part), entry["rows"])
        y, s = part.label.to_numpy(), part.score.to_numpy()
        w = part.weight.to_numpy() if weighted else np.ones(len(part))
        for name, expected in score_metrics(y, s, w).items():
            hold(name, expected, entry[name], entry["slice"])
        for at in entry["thresholds"]:
            d = (s >= at["threshold"]).astype(int)
            for name, expected in rates(y, d, w).items():
                hold(name, expected, at[name], (entry["slice"], at["threshold"]))
    y, s = data.label.to_numpy(), data.score.to_numpy()
    w = data.weight.to_numpy() if weighted else np.ones(len(data))
    for key, entries in found["parity"].items():
        groups = data[key.split(",")].agg(" & ".join, axis=1)
        for at in entries:
            d = (s >= at["threshold"]).astype(int)
            for name, expected in parity(y, d, w, groups).items():
                hold(name, expected, at[name], (key, at["threshold"]))
    return count


def main():
    folder = os.environ.get("EQUIPOISE_DATA")
    if not folder:
        raise SystemExit("set EQUIPOISE_DATA to the folder of the data sets")
    largest, count = {}, 0
    for name, data in [("Adult", adult(pathlib.Path(folder))), ("COMPAS", compas(pathlib.Path(folder)))]:
        tied = data.assign(score=data.score.round(1))
        for variant, weighted in [(data, False), (tied, False), (data, True), (tied, True)]:
            number = compare(variant, weighted, largest)
            count += number
        print(f"{name}: {len(data)} rows")
    for name, (difference, where) in sorted(largest.items(), key=lambda item: -item[1][0]):
        print(f"  {name:30} {difference:.1e}  {where if difference else ''}")
    worst = max(difference for difference, _ in largest.values())
    print(f"largest difference of {count} values: {worst:.1e}")
    sys.exit(0 if worst <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
