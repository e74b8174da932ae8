#!/usr/bin/env python3
"""Golden values for projected gradients: the first step of adversarial debiasing in fairlearn and AIF360 themselves.

    Scripts/golden/projections.py tensorflow|torch|aif360 Tests

writes Tests/AdversarialGameTests/Golden/projections-<library>.json.

Versions: fairlearn 0.15.0 with torch 2.15.0 (Scripts/golden/requirements.txt), and for the other two tensorflow-cpu 2.21.0
with aif360 0.6.1. Each library trains one step on one batch; weights are read before and after. The optimizers are plain
gradient descent, so that the step shows the direction (AIF360 has Adam wired in, which is replaced for the script, as is
dropout, whose random bits no one else could draw). Weights are [inputs, outputs] (PyTorch stores the transpose). The files
hold the shortest decimals that read back as the same float32.
"""

import json
import sys
from pathlib import Path

import numpy as np

ROWS, FEATURES, RATE = 12, 4, 0.25


def data():
    draws = np.random.RandomState(5)
    features = draws.normal(size=(ROWS, FEATURES)).astype(np.float32)
    sensitive = (draws.uniform(size=ROWS) < 0.5).astype(np.int64)
    label = (features[:, 0] + 0.8 * sensitive + 0.3 * draws.normal(size=ROWS) > 0.4).astype(np.int64)
    return features, label, sensitive


def plain(array):
    array = np.asarray(array, dtype=np.float32)
    return np.reshape([float(np.format_float_scientific(x)) for x in array.ravel()], array.shape).tolist()


def layers(weights):
    """Layers from the flat list of kernels and biases."""
    return [
        {"weight": plain(kernel), "bias": plain(np.reshape(bias, (1, -1)))}
        for kernel, bias in zip(weights[::2], weights[1::2], strict=True)
    ]


def case(name, projection, criterion, labels, input, activation, alpha, before, after, **more):
    features, label, sensitive = data()
    return {
        "name": name, "projection": projection, "criterion": criterion, "labels": labels, "input": input,
        "activation": activation, "alpha": alpha, "rate": RATE, "features": plain(features),
        "label": label.tolist(), "sensitive": sensitive.tolist(),
        "classifier": layers(before[0]), "adversary": layers(before[1]),
        "classifierAfter": layers(after[0]), "adversaryAfter": layers(after[1]), **more,
    }  # fmt: skip


def with_fairlearn(backend, predictor, adversary, weights, optimizers, criterion, alpha):
    from fairlearn.adversarial import AdversarialFairnessClassifier

    features, label, sensitive = data()
    before = [list(map(np.array, weights(predictor))), list(map(np.array, weights(adversary)))]
    model = AdversarialFairnessClassifier(
        backend=backend, predictor_model=predictor, adversary_model=adversary, alpha=alpha,
        constraints="demographic_parity" if criterion == "demographicParity" else "equalized_odds",
        predictor_optimizer=optimizers[0], adversary_optimizer=optimizers[1], epochs=1, batch_size=ROWS,
        shuffle=False, random_state=1,
    )  # fmt: skip
    model.fit(features, label, sensitive_features=sensitive)
    after = [list(map(np.array, weights(predictor))), list(map(np.array, weights(adversary)))]
    return case(
        f"fairlearn on {backend}, {criterion}", "innerSums" if backend == "torch" else "eachTensor", criterion,
        "unseen" if criterion == "demographicParity" else "beside", "probability", "tanh", alpha, before, after,
    )  # fmt: skip


def tensorflow_cases():
    import keras
    import tensorflow as tf

    def network(inputs, hidden):
        sizes = [keras.layers.Dense(width, activation="tanh") for width in hidden]
        return keras.Sequential([keras.Input((inputs,)), *sizes, keras.layers.Dense(1, activation="sigmoid")])

    for criterion, alpha in [("demographicParity", 0.0), ("equalizedOdds", 0.7)]:
        keras.utils.set_random_seed(3)
        predictor, adversary = network(FEATURES, [5, 3]), network(1 if alpha == 0 else 2, [2])
        yield with_fairlearn(
            "tensorflow", predictor, adversary, lambda model: [v.numpy() for v in model.trainable_variables],
            (tf.keras.optimizers.SGD(RATE), tf.keras.optimizers.SGD(RATE)), criterion, alpha,
        )  # fmt: skip


def torch_cases():
    import torch

    torch.set_num_threads(1)

    def network(inputs, hidden):
        widths = [inputs, *hidden]
        parts = []
        for width, following in zip(widths, widths[1:]):
            parts += [torch.nn.Linear(width, following), torch.nn.Tanh()]
        return torch.nn.Sequential(*parts, torch.nn.Linear(widths[-1], 1), torch.nn.Sigmoid())

    def weights(model):
        return [p.detach().numpy().T.copy() for p in model.parameters()]

    for criterion, alpha in [("demographicParity", 0.0), ("equalizedOdds", 0.7)]:
        torch.manual_seed(3)
        predictor, adversary = network(FEATURES, [5, 3]), network(1 if alpha == 0 else 2, [2])

        def descent(model):
            return torch.optim.SGD(model.parameters(), lr=RATE)

        yield with_fairlearn("torch", predictor, adversary, weights, (descent, descent), criterion, alpha)


def aif360_cases():
    import pandas as pd
    import tensorflow.compat.v1 as tf

    tf.disable_eager_execution()
    tf.train.AdamOptimizer = lambda rate: tf.train.GradientDescentOptimizer(RATE)
    tf.nn.dropout = lambda x, **_: x
    from aif360.algorithms.inprocessing import AdversarialDebiasing
    from aif360.datasets import BinaryLabelDataset

    features, label, sensitive = data()
    frame = pd.DataFrame(features, columns=["a", "b", "c", "d"])
    frame["y"], frame["z"] = label, sensitive
    dataset = BinaryLabelDataset(df=frame, label_names=["y"], protected_attribute_names=["z"])
    # The protected attribute is among AIF360's features; the case is about four of its own.
    dataset.features = features
    for alpha in [0.1, 0.0]:
        variables = []
        for epochs in [0, 1]:
            tf.reset_default_graph()
            with tf.Session() as session:
                model = AdversarialDebiasing(
                    [{"z": 0}], [{"z": 1}], "scope", session, seed=7, adversary_loss_weight=alpha, num_epochs=epochs,
                    batch_size=ROWS, classifier_num_hidden_units=5, debias=True,
                )  # fmt: skip
                model.fit(dataset)
                found = {v.name.split(":")[0]: session.run(v) for v in tf.trainable_variables()}
            variables.append({name.split("/", 1)[1]: value for name, value in found.items()})

        def part(found):
            return (
                [found[f"classifier_model/{name}"] for name in ("W1", "b1", "W2", "b2")],
                [found[f"adversary_model/{name}"] for name in ("W2", "b2")],
            )

        yield case(
            f"AIF360, alpha {alpha}", "eachTensor", "equalizedOdds", "crossed", "sharpened", "relu", alpha,
            part(variables[0]), part(variables[1]),
            sharpness=plain(variables[0]["adversary_model/c"]), sharpnessAfter=plain(variables[1]["adversary_model/c"]),
        )  # fmt: skip


def main():
    library, tests = sys.argv[1], Path(sys.argv[2])
    cases = list({"tensorflow": tensorflow_cases, "torch": torch_cases, "aif360": aif360_cases}[library]())
    path = tests / "AdversarialGameTests" / "Golden" / f"projections-{library}.json"
    path.write_text(json.dumps({"madeWith": f"Scripts/golden/projections.py {library}", "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
