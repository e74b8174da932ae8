"""Golden values for labels with several classes and for numbers.

    Scripts/golden/labels.py Tests

writes Tests/AdversarialGameTests/Golden/labels.json: the classifier's loss through the frozen adversary with its
gradient, and the first epochs of a game, from PyTorch; and Tests/FairnessMetricsTests/Golden/labels.json: accuracies,
areas, errors and gaps from scikit-learn, fairlearn and SciPy.

Versions: Scripts/golden/requirements.txt. One thread of the CPU, in double precision. Weights of a layer are
[inputs, outputs], as in engine.py.
"""

import json
import sys
from pathlib import Path

import fairlearn
import numpy as np
import scipy
import sklearn
import torch
from fairlearn.metrics import MetricFrame, demographic_parity_difference, demographic_parity_ratio
from fairlearn.metrics import equalized_odds_difference
from scipy.stats import ks_2samp
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score, roc_auc_score
from sklearn.metrics import root_mean_squared_error
from torch.nn import functional

from engine import as_layers, forward, network, parameters_of, plain, readable, tensor

DTYPE = torch.float64
LAMBDAS = [13.0, 3.0]
CLASS_LABELS = [0, 2, 1, 2, 0, 1]
NUMBERS = [38.0, 40.5, 12.0, 61.0, 40.0, 25.5]
SENSITIVE = [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
ROW_WEIGHTS = [1.0, 0.5, 2.0, 0.25, 1.5, 3.0]


# MARK: - Games

def targets_of(kind):
    """The targets of the loss, and the mean and deviation of numbers."""
    if kind == "categorical":
        return torch.tensor(CLASS_LABELS), None
    values = tensor(NUMBERS, DTYPE)
    mean, deviation = values.mean(), values.std(correction=0)
    return ((values - mean) / deviation)[:, None], (mean, deviation)


def label_loss(kind, outputs, targets, weights):
    """The mean over rows of weight · loss; weights are not normalised."""
    if kind == "categorical":
        losses = functional.cross_entropy(outputs, targets, reduction="none")
    else:
        losses = functional.mse_loss(outputs, targets, reduction="none")[:, 0]
    return (losses * weights).mean()


def shown_of(kind, outputs, adversary_input):
    """What the adversary sees: all outputs, or of classes their softmax."""
    return torch.softmax(outputs, 1) if kind == "categorical" and adversary_input == "probability" else outputs


def players(kind):
    width = 3 if kind == "categorical" else 1
    return network([4, 5, 3, width], DTYPE, 1), network([width, 4, 3, 2], DTYPE, 4)


def games():
    cases = []
    for kind in ["categorical", "continuous"]:
        for adversary_input in ["probability", "logit"]:
            classifier, adversary = players(kind)
            x, z = tensor(readable(6, 4, 2), DTYPE), tensor(SENSITIVE, DTYPE)
            weights = tensor(ROW_WEIGHTS, DTYPE)
            targets, moments = targets_of(kind)
            lambdas = tensor(LAMBDAS, DTYPE)

            def adversary_loss(values):
                guesses = forward(adversary, values, torch.relu)
                return (lambdas * functional.binary_cross_entropy_with_logits(guesses, z, reduction="none")).mean()

            outputs = forward(classifier, x, torch.relu)
            own = label_loss(kind, outputs, targets, weights)
            combined = own - adversary_loss(shown_of(kind, outputs, adversary_input))
            gradients = torch.autograd.grad(combined, parameters_of(classifier))
            cases.append({
                "kind": kind, "adversaryInput": adversary_input, "lambdas": LAMBDAS, "classifier": plain(classifier),
                "adversary": plain(adversary), "inputs": plain(x), "rowWeights": ROW_WEIGHTS,
                "labels": [float(label) for label in (CLASS_LABELS if kind == "categorical" else NUMBERS)],
                "moments": plain(list(moments)) if moments else [0.0, 1.0], "sensitive": SENSITIVE,
                "outputs": plain(outputs), "labelLoss": plain(own), "classifierLoss": plain(combined),
                "classifierGradients": as_layers(gradients), "epochs": epochs(kind, adversary_input),
            })
    return cases


def epochs(kind, adversary_input, count=3, rate=0.05):
    """Epochs of the game by plain gradient descent on all rows: a step of the adversary, then one of the classifier."""
    classifier, adversary = players(kind)
    x, z, weights = tensor(readable(6, 4, 2), DTYPE), tensor(SENSITIVE, DTYPE), tensor(ROW_WEIGHTS, DTYPE)
    targets, _ = targets_of(kind)
    lambdas = tensor(LAMBDAS, DTYPE)

    def loss_of(values):
        guesses = forward(adversary, values, torch.relu)
        return (lambdas * functional.binary_cross_entropy_with_logits(guesses, z, reduction="none")).mean()

    def step(network, gradients):
        with torch.no_grad():
            for parameter, gradient in zip(parameters_of(network), gradients):
                parameter -= rate * gradient

    steps = []
    for _ in range(count):
        shown = shown_of(kind, forward(classifier, x, torch.relu), adversary_input).detach()
        step(adversary, torch.autograd.grad(loss_of(shown), parameters_of(adversary)))
        outputs = forward(classifier, x, torch.relu)
        loss = label_loss(kind, outputs, targets, weights) - loss_of(shown_of(kind, outputs, adversary_input))
        step(classifier, torch.autograd.grad(loss, parameters_of(classifier)))
        steps.append({"classifier": plain(classifier), "adversary": plain(adversary)})
    return steps


# MARK: - Metrics

def multiclass(seed, rows, classes, groups):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, rows)
    codes = generator.integers(0, groups, rows)
    logits = generator.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[labels]
    logits[:, 0] += 0.8 * codes
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    scores = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
    decisions = scores.argmax(axis=1)
    frame = MetricFrame(metrics=accuracy_score, y_true=labels, y_pred=decisions, sensitive_features=codes)
    each = []
    for index in range(classes):
        truth, chosen = labels == index, decisions == index
        each.append({
            "rocAUC": roc_auc_score(truth, scores[:, index]), "selectionRate": float(chosen.mean()),
            "pPercentRule": demographic_parity_ratio(truth, chosen, sensitive_features=codes),
            "demographicParityDifference": demographic_parity_difference(truth, chosen, sensitive_features=codes),
            "equalizedOddsDifference": equalized_odds_difference(truth, chosen, sensitive_features=codes),
        })
    return {
        "scores": [float(value) for value in scores.ravel()], "labels": labels.tolist(), "codes": codes.tolist(),
        "groups": groups, "classes": classes, "accuracy": accuracy_score(labels, decisions),
        "macroROCAUC": float(np.mean([entry["rocAUC"] for entry in each])),
        "groupAccuracies": [float(frame.by_group[group]) for group in range(groups)],
        "accuracyDifference": float(frame.difference()), "each": each,
    }


def regression(seed, rows, groups):
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, groups, rows)
    labels = generator.normal(40, 12, rows).astype(np.float32)
    predictions = (0.6 * labels + 15 + 3 * codes + generator.normal(0, 5, rows)).round(1).astype(np.float32)
    truth, predicted = labels.astype(float), predictions.astype(float)

    def errors(chosen):
        y, p = truth[chosen], predicted[chosen]
        return {
            "rootMeanSquaredError": root_mean_squared_error(y, p), "meanAbsoluteError": mean_absolute_error(y, p),
            "rSquared": r2_score(y, p), "meanPrediction": float(p.mean()), "meanResidual": float((y - p).mean()),
        }

    frame = MetricFrame(
        metrics={"error": root_mean_squared_error, "mean": lambda y, p: p.mean()}, y_true=truth, y_pred=predicted,
        sensitive_features=codes)
    distances = [
        ks_2samp(predicted[codes == a], predicted[codes == b]).statistic
        for a in range(groups) for b in range(a + 1, groups)
    ]
    return {
        "predictions": [float(value) for value in predictions], "labels": [float(value) for value in labels],
        "codes": codes.tolist(), "groups": groups, "errors": errors(np.full(rows, True)),
        "groupErrors": [errors(codes == group) for group in range(groups)],
        "meanPredictionDifference": float(frame.difference()["mean"]),
        "rootMeanSquaredErrorDifference": float(frame.difference()["error"]),
        "kolmogorovSmirnovDistance": float(max(distances)),
    }


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: labels.py TESTS, the folder that holds the test targets")
    torch.set_num_threads(1)
    script = "Scripts/golden/labels.py"
    by_torch = {"script": script, "torch": torch.__version__, "numpy": np.__version__}
    by_others = {
        "script": script, "scikit-learn": sklearn.__version__, "fairlearn": fairlearn.__version__,
        "scipy": scipy.__version__, "numpy": np.__version__,
    }
    for target, made_with, cases in [
        ("AdversarialGameTests", by_torch, games()),
        ("FairnessMetricsTests", by_others, [
            {"multiclass": multiclass(1, 200, 3, 2)}, {"multiclass": multiclass(2, 400, 5, 3)},
            {"regression": regression(3, 150, 2)}, {"regression": regression(4, 300, 4)},
        ]),
    ]:
        lines = ",\n".join("  " + json.dumps(case) for case in cases)
        folder = Path(sys.argv[1]) / target / "Golden"
        (folder / "labels.json").write_text(f'{{"madeWith": {json.dumps(made_with)}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
