"""Golden values for the tests of FairnessMetrics, from scikit-learn, fairlearn and SciPy.

    pip install numpy==2.4.6 scikit-learn==1.9.1 fairlearn==0.15.0 scipy==1.17.1
    python Scripts/golden/metrics.py > Tests/FairnessMetricsTests/Golden/metrics.json

The inputs are random but for the seed: scores with many ties, weights, several groups. They are stored with the results,
scores as multiples of 1/64 so that Float and Double read the same numbers.
"""

import json
import sys
import warnings

import fairlearn
import fairlearn.metrics as fm
import numpy as np
import scipy
import scipy.stats as st
import sklearn
import sklearn.metrics as sm

warnings.filterwarnings("ignore")


def rates(y, d, w):
    tn, fp, fn, tp = sm.confusion_matrix(y, d, labels=[0, 1], sample_weight=w).ravel()
    return {
        "prevalence": float(np.average(y, weights=w)),
        "selectionRate": float(fm.selection_rate(y, d, sample_weight=w)),
        "truePositiveRate": float(fm.true_positive_rate(y, d, sample_weight=w)),
        "falsePositiveRate": float(fm.false_positive_rate(y, d, sample_weight=w)),
        "trueNegativeRate": float(fm.true_negative_rate(y, d, sample_weight=w)),
        "falseNegativeRate": float(fm.false_negative_rate(y, d, sample_weight=w)),
        "precision": float(sm.precision_score(y, d, sample_weight=w)),
        "negativePredictiveValue": float(sm.precision_score(1 - y, 1 - d, sample_weight=w)),
        "accuracy": float(sm.accuracy_score(y, d, sample_weight=w)),
        "balancedAccuracy": float(sm.balanced_accuracy_score(y, d, sample_weight=w)),
        "f1": float(sm.f1_score(y, d, sample_weight=w)),
    }


def parity(y, d, z, w):
    def gap(metric):
        frame = fm.MetricFrame(
            metrics=metric, y_true=y, y_pred=d, sensitive_features=z, sample_params={"sample_weight": w})
        return float(frame.difference(method="between_groups"))

    arguments = {"sensitive_features": z, "sample_weight": w}
    tpr, fpr = gap(fm.true_positive_rate), gap(fm.false_positive_rate)
    return {
        "demographicParityDifference": float(fm.demographic_parity_difference(y, d, **arguments)),
        "pPercentRule": float(fm.demographic_parity_ratio(y, d, **arguments)),
        "equalOpportunityDifference": float(fm.equal_opportunity_difference(y, d, **arguments)),
        "equalizedOddsDifference": float(fm.equalized_odds_difference(y, d, **arguments)),
        "equalizedOddsRatio": float(fm.equalized_odds_ratio(y, d, **arguments)),
        "averageOddsDifference": 0.5 * (tpr + fpr),
        "predictiveParityDifference": gap(sm.precision_score),
        "accuracyEqualityDifference": gap(sm.accuracy_score),
        "falsePositiveRateDifference": fpr,
        "falseNegativeRateDifference": gap(fm.false_negative_rate),
    }


def probabilistic(y, s, w):
    return {
        "rocAUC": float(sm.roc_auc_score(y, s, sample_weight=w)),
        "averagePrecision": float(sm.average_precision_score(y, s, sample_weight=w)),
        "logLoss": float(sm.log_loss(y, s, sample_weight=w)),
        "brier": float(sm.brier_score_loss(y, s, sample_weight=w)),
        "expectedCalibrationError": calibration_error(y, s, w),
        "meanScore": float(np.average(s, weights=w)),
        "meanAbsoluteError": float(sm.mean_absolute_error(y, s, sample_weight=w)),
        "rootMeanSquaredError": float(sm.root_mean_squared_error(y, s, sample_weight=w)),
    }


def calibration_error(y, s, w, bins=10):
    b = np.minimum((s * bins).astype(int), bins - 1)
    return float(sum(abs(np.sum((w * (s - y))[b == i])) for i in range(bins)) / np.sum(w))


def delong_variance(y, s):
    """The variance of the area under the ROC curve from all pairs, as in DeLong's paper."""
    pairs = (s[y == 1][:, None] > s[y == 0]) + 0.5 * (s[y == 1][:, None] == s[y == 0])
    return float(
        np.var(pairs.mean(axis=1), ddof=1) / np.sum(y == 1) + np.var(pairs.mean(axis=0), ddof=1) / np.sum(y == 0))


def entropy(y, d, alpha):
    """AIF360's generalized_entropy_index."""
    b = 1 + d - y
    m = b / b.mean()
    if alpha == 1:
        return float(np.mean(np.log(np.where(m > 0, m, 1) ** m)))
    return float(np.mean(m**alpha - 1) / (alpha * (alpha - 1)))


def shares():
    """Tests and intervals of two shares."""
    rows = []
    for a, n, b, m in [(3, 10, 7, 12), (0, 8, 5, 9), (12, 400, 31, 420), (300, 1000, 340, 1000), (1, 6, 5000, 15000),
                       (4, 4, 4, 4), (0, 5, 0, 7), (10, 2000, 900, 2100), (20000, 100000, 20400, 100000)]:
        p = (a + b) / (n + m)
        e = np.sqrt(p * (1 - p) * (1 / n + 1 / m))
        w = st.binomtest(a, n).proportion_ci(0.95, "wilson")
        rows.append({
            "a": a, "n": n, "b": b, "m": m,
            "fisher": float(st.fisher_exact([[a, n - a], [b, m - b]])[1]),
            "twoProportions": float(2 * st.norm.sf(abs((a / n - b / m) / e))) if e > 0 else 1.0,
            "wilson": [float(w.low), float(w.high)],
        })
    return rows


def case(name, seed, rows, groups, levels):
    g = np.random.default_rng(seed)
    z = g.integers(0, groups, rows)
    y = (g.random(rows) < 0.25 + 0.4 * z / groups).astype(int)
    steps = 64 // levels
    s = np.clip(np.round((0.3 * y + 0.6 * g.random(rows) + 0.1 * z / groups) * levels) * steps, steps, 64 - steps) / 64
    w = g.integers(1, 40, rows) / 8
    d = (s >= 0.5).astype(int)
    names = [f"group{i}" for i in range(groups)]
    frame = fm.MetricFrame(
        metrics=fm.selection_rate, y_true=y, y_pred=d, sensitive_features=z)
    return {
        "name": name,
        "seed": seed,
        "groups": names,
        "codes": z.tolist(),
        "labels": y.tolist(),
        "scores": s.tolist(),
        "weights": w.tolist(),
        "threshold": 0.5,
        "deLongVariance": delong_variance(y, s),
        "theil": entropy(y, d, 1),
        "entropy2": entropy(y, d, 2),
        "wasserstein": float(st.wasserstein_distance(s[z == 0], s[z == 1])),
        "selectionRateByGroup": [float(x) for x in frame.by_group],
        "plain": {
            "rates": rates(y, d, np.ones(rows)), "parity": parity(y, d, z, np.ones(rows)),
            "scores": probabilistic(y, s, np.ones(rows))},
        "weighted": {"rates": rates(y, d, w), "parity": parity(y, d, z, w), "scores": probabilistic(y, s, w)},
    }


json.dump(
    {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "fairlearn": fairlearn.__version__,
                     "scipy": scipy.__version__},
        "shares": shares(),
        "quantiles": [[p, float(st.norm.ppf(p))] for p in [1e-12, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999]],
        "cases": [
            case("two groups, fine scores", 1, 500, 2, 64),
            case("four groups, coarse scores", 2, 800, 4, 16),
            case("three groups, very coarse scores", 3, 300, 3, 8),
        ],
    },
    sys.stdout,
)
print()
