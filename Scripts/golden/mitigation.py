"""Golden values for the tests of Mitigation, from fairlearn, scikit-learn and PyTorch.

    pip install -r Scripts/golden/requirements.txt
    for what in correlation regression thresholds penalties
    do python Scripts/golden/mitigation.py $what > Tests/MitigationTests/Golden/$what.json; done

The inputs are random but for the seed, and stored with the results, rounded so that both sides read the same numbers.
"""

import json
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def float32(values):
    """The nearest numbers in single precision, as both sides keep features."""
    return np.asarray(values, np.float32).astype(np.float64)


# MARK: - Correlation remover


def correlation(random):
    from fairlearn.preprocessing import CorrelationRemover

    cases = []
    for groups in (2, 4):
        for alpha in (1.0, 0.5, 0.0):
            n = 60
            codes = random.integers(0, groups, n)
            features = float32(random.normal(0, 2, (n, 3)) + codes[:, None] * [1.0, -0.5, 0.0])
            indicators = (codes[:, None] == np.arange(1, groups)).astype(float)
            table = np.hstack([features, indicators])
            remover = CorrelationRemover(sensitive_feature_ids=list(range(3, table.shape[1])), alpha=alpha)
            cases.append({
                "features": features.tolist(), "codes": codes.tolist(), "groups": groups, "alpha": alpha,
                "expected": remover.fit_transform(table).tolist(),
            })
    return cases


# MARK: - Logistic regression


def regression(random):
    from sklearn.linear_model import LogisticRegression

    cases = []
    for number in range(6):
        n, d = int(random.integers(30, 200)), int(random.integers(1, 8))
        x = float32(random.normal(0, 1, (n, d)))
        if number % 2:  # mostly one value, as encoded categories have
            x = np.where(random.random((n, d)) < 0.8, 0.25, x)
        y = (x @ random.normal(0, 2, d) + random.normal(0, 1, n) > 0.3).astype(int)
        weights = random.integers(0, 8, n) / 4 if number % 3 else np.ones(n)
        c = [1.0, 0.1, 100.0][number % 3]
        model = LogisticRegression(C=c, tol=1e-13, max_iter=100_000, solver="newton-cholesky")
        model.fit(x, y, sample_weight=weights)
        cases.append({
            "x": x.tolist(), "y": y.tolist(), "weights": weights.tolist(), "c": c,
            "coefficients": model.coef_[0].tolist(), "intercept": float(model.intercept_[0]),
        })
    return cases


# MARK: - Group thresholds


def thresholds(random):
    from fairlearn.postprocessing import ThresholdOptimizer
    from sklearn.base import BaseEstimator

    class Given(BaseEstimator):
        """A model whose scores are given as its features."""

        def fit(self, x, y):
            return self

        def predict(self, x):
            return np.asarray(x)[:, 0]

    names = {
        "demographicParity": "demographic_parity", "equalizedOdds": "equalized_odds",
        "equalOpportunity": "true_positive_rate_parity", "falsePositiveRateParity": "false_positive_rate_parity",
    }
    cases = []
    for criterion, constraint in names.items():
        for groups, objective in ((2, "accuracy_score"), (3, "balanced_accuracy_score")):
            if criterion == "demographicParity" and groups == 3:
                objective = "accuracy_score"
            n = 400
            codes = random.integers(0, groups, n)
            y = (random.random(n) < 0.25 + 0.15 * codes).astype(int)
            scores = float32((1 / (1 + np.exp(-(random.normal(0, 1, n) + 1.2 * y + 0.4 * codes - 1)))).round(2))
            model = ThresholdOptimizer(
                estimator=Given(), constraints=constraint, objective=objective, grid_size=100_000, prefit=True,
                predict_method="predict",
            )
            model.fit(scores[:, None], y, sensitive_features=codes)
            chances = model._pmf_predict(scores[:, None], sensitive_features=codes)[:, 1]
            accurate = np.where(y == 1, chances, 1 - chances)
            value = (
                accurate.mean() if objective == "accuracy_score"
                else (accurate[y == 1].mean() + accurate[y == 0].mean()) / 2
            )
            cases.append({
                "criterion": criterion,
                "objective": "accuracy" if objective == "accuracy_score" else "balancedAccuracy",
                "scores": scores.tolist(), "labels": y.tolist(), "codes": codes.tolist(), "groups": groups,
                "value": float(value),
            })
    return cases


# MARK: - Penalties


def penalties(random):
    import torch

    def rates(p, select, groups):
        return [p[select & g].mean() for g in groups]

    def gap(p, select, groups):
        r = rates(p, select, groups)
        pairs = [abs(r[a] - r[b]) for a in range(len(r)) for b in range(a + 1, len(r))]
        return sum(pairs) / len(pairs)

    def kernel(x, y, name, width):
        distance = x[:, None] - y[None, :]
        return torch.exp(-(distance**2) / width**2) if name == "gaussian" else torch.exp(-distance.abs() / width)

    def mmd(p, select, groups, name, width):
        total, count = 0.0, 0
        for a in range(len(groups)):
            for b in range(a + 1, len(groups)):
                x, y = p[select & groups[a]], p[select & groups[b]]
                total = total + (
                    kernel(x, x, name, width).mean() - 2 * kernel(x, y, name, width).mean()
                    + kernel(y, y, name, width).mean()
                )
                count += 1
        return total / count

    def hsic(p, z, width):
        m = len(p)
        h = torch.eye(m, dtype=p.dtype) - 1 / m
        k = torch.exp(-((p[:, None] - p[None, :]) ** 2) / width)
        l = torch.exp(-((z[:, None, :] - z[None, :, :]) ** 2).sum(-1) / 2 / width)
        return torch.trace(l @ h @ k @ h) / (m - 1) ** 2

    def prejudice(p, groups):
        # Kamishima's sum over rows, divided by their number.
        whole, total = p.mean(), 0.0
        for g in groups:
            share = p[g].mean()
            total = total + (
                p[g] * torch.log(share / whole) + (1 - p[g]) * torch.log((1 - share) / (1 - whole))
            ).sum()
        return total / len(p)

    def correlation_of(p, z):
        found = []
        for column in z.T:
            a, b = p - p.mean(), column - column.mean()
            found.append(((a * b).mean() / torch.sqrt((a * a).mean() * (b * b).mean() + 1e-7)).abs())
        return sum(found) / len(found)

    cases = []
    for groups in (2, 3):
        n = 14
        values = random.normal(0, 1.5, n).round(3)
        y = np.tile([0, 1, 1, 0, 1, 0, 1], 2)
        codes = np.arange(n) % groups
        twin = (values + random.normal(0, 0.5, n)).round(3)
        label, group = torch.tensor(y), torch.tensor(codes)
        members = [group == g for g in range(groups)]
        everything = torch.ones(n, dtype=torch.bool)
        # One indicator for two groups, one for each of more.
        z = torch.stack([m.double() for m in (members[1:] if groups == 2 else members)], 1)
        terms = {
            "demographicParityGap": lambda x, p: gap(p, everything, members),
            "equalOpportunityGap": lambda x, p: gap(p, label == 1, members),
            "equalizedOddsGap": lambda x, p: gap(p, label == 0, members) + gap(p, label == 1, members),
            "meanDiscrepancy.gaussian": lambda x, p: mmd(p, everything, members, "gaussian", 0.1),
            "meanDiscrepancy.laplacian": lambda x, p: mmd(p, label == 0, members, "laplacian", 0.3),
            "independence": lambda x, p: hsic(p, torch.stack([m.double() for m in members], 1), 1.0),
            "mutualInformation": lambda x, p: prejudice(p, members),
            "absoluteCorrelation": lambda x, p: correlation_of(p, z),
            "counterfactual.absolute": lambda x, p: (x - torch.tensor(twin)).abs().mean(),
            "counterfactual.squared": lambda x, p: ((x - torch.tensor(twin)) ** 2).mean(),
        }
        for name, term in terms.items():
            x = torch.tensor(values, requires_grad=True)
            value = term(x, torch.sigmoid(x))
            (gradient,) = torch.autograd.grad(value, x)
            cases.append({
                "penalty": name, "logits": values.tolist(), "labels": y.tolist(), "codes": codes.tolist(),
                "groups": groups, "counterfactualLogits": twin.tolist(), "value": float(value),
                "gradient": gradient.tolist(),
            })
    return cases


if __name__ == "__main__":
    what = sys.argv[1]
    cases = globals()[what](np.random.default_rng(20261122))
    made_with = {"numpy": np.__version__, "python": sys.version.split()[0]}
    for name in ("fairlearn", "sklearn", "torch"):
        if name in sys.modules:
            made_with[name] = sys.modules[name].__version__
    print(json.dumps({"madeWith": made_with, "cases": cases}))
