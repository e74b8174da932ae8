#!/usr/bin/env python3
"""Golden values for the engine: losses, optimizers, schedules, a perceptron, the classifier's loss through the adversary.

    Scripts/golden/engine.py Tests

writes Tests/NeuralNetworksTests/Golden/*.json and Tests/AdversarialGameTests/Golden/games.json.

Versions: Scripts/golden/requirements.txt. Everything comes from PyTorch on one thread of the CPU, in the precision that an
entry names; float32 values are written as the shortest decimal that reads back as the same float32. Matrices are lists of
rows; the weights of a layer are [inputs, outputs], so logits are x · weight + bias (PyTorch stores the transpose).
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


def plain(value):
    """Tensors as nested lists of the shortest decimals; the rest as it is."""
    if isinstance(value, torch.Tensor):
        array = value.detach().numpy()
        return np.reshape([float(np.format_float_scientific(x)) for x in array.ravel()], array.shape).tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def tensor(values, dtype, gradient=False):
    return torch.tensor(values, dtype=dtype, requires_grad=gradient)


# MARK: - Losses

LOGITS = [[0.5, -1.25], [2.0, 0.0], [-3.5, 30.0], [-30.0, 1000.0], [-1000.0, 1000.0], [-1000.0, 0.125]]
TARGETS = [[1.0, 0.0], [0.0, 1.0], [0.25, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.5]]
ROW_WEIGHTS = [1.0, 0.5, 2.0, 0.0, 1.5, 3.0]
COLUMN_WEIGHTS = [130.0, 30.0]


def loss_case(name, elements, inputs, dtype, per_row_element=False, column_weights=True, **data):
    """Values of one loss without reduction, and of its mean reductions with gradients.

    mean: over all elements. rowWeighted: mean over all elements of rowWeight · element (weights are not normalised).
    columnWeighted: mean over all elements of columnWeight · element (λ of the game).
    """
    case = {"loss": name, "inputs": plain(inputs), **{key: plain(value) for key, value in data.items()}}
    values = elements(inputs)
    rows = tensor(ROW_WEIGHTS[: len(values)], dtype)
    rows = rows if per_row_element else rows[:, None]
    reductions = {"mean": None, "rowWeighted": rows}
    if not per_row_element and column_weights:
        reductions["columnWeighted"] = tensor(COLUMN_WEIGHTS, dtype)[None, :]
    case["elements"] = plain(values)
    case["rowWeights"] = plain(rows.flatten())
    if "columnWeighted" in reductions:
        case["columnWeights"] = COLUMN_WEIGHTS
    for reduction, weights in reductions.items():
        loss = (elements(inputs) if weights is None else elements(inputs) * weights).mean()
        (gradient,) = torch.autograd.grad(loss, inputs)
        case[reduction] = {"value": plain(loss), "gradient": plain(gradient)}
    return case


def losses():
    cases = []
    for precision, dtype in PRECISIONS.items():
        logits, targets = tensor(LOGITS, dtype, True), tensor(TARGETS, dtype)
        made = [
            loss_case(
                "binaryCrossEntropy",
                lambda x: functional.binary_cross_entropy_with_logits(x, targets, reduction="none"),
                logits, dtype, targets=targets),
            loss_case("squaredError", lambda x: (x - targets) ** 2, logits, dtype, targets=targets),
        ]
        signs = tensor([[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]], dtype)
        margins = tensor([[0.5, -1.25], [2.0, 0.0], [-3.5, -1000.0]], dtype, True)
        made.append(loss_case("hinge", lambda x: functional.relu(1 - signs * x), margins, dtype, signs=signs))
        classes = torch.tensor([2, 0, 1, 1, 0])
        scores = tensor(
            [[0.5, -1.0, 2.0], [0.0, 0.0, 0.0], [30.0, -30.0, 1.0], [1000.0, 999.0, -1000.0], [1000.0, 0.0, -1000.0]],
            dtype, True)
        made.append(
            loss_case(
                "categoricalCrossEntropy",
                lambda x: functional.cross_entropy(x, classes, reduction="none"),
                scores, dtype, per_row_element=True, classes=classes.tolist()))
        cases += [{"precision": precision, **case} for case in made]
    return cases


# MARK: - Optimizers

START = [0.5, -1.0, 2.0, 0.0, 1e-3, 100.0]
GRADIENTS = [
    [0.1, -0.2, 0.0, 1.0, 1e-8, 5.0],
    [0.2, 0.1, 0.0, -1.0, 1e-8, -5.0],
    [-0.3, 0.4, 0.5, 1e-4, 0.0, 50.0],
    [0.1, -0.2, 0.0, 1.0, 1e-8, 5.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [1.0, -1.0, 1e3, -1e-3, 1e-12, 0.25],
]
OPTIMIZERS = [
    ("adam", torch.optim.Adam, {}),
    ("adam", torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.1}),
    ("adam", torch.optim.Adam, {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-4}),
    ("sgd", torch.optim.SGD, {"lr": 0.1}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("adagrad", torch.optim.Adagrad, {}),
    ("adagrad", torch.optim.Adagrad, {"lr": 0.5, "lr_decay": 0.1, "weight_decay": 0.01}),
]
KEYS = {
    "lr": "learningRate", "weight_decay": "weightDecay", "eps": "epsilon", "lr_decay": "learningRateDecay",
    "initial_accumulator_value": "initialAccumulator", "momentum": "momentum", "nesterov": "nesterov", "betas": "betas",
}


def optimizers():
    """The parameters after each step with given gradients; weight decay is L2 (added to the gradient), not AdamW's."""
    cases = []
    for precision, dtype in PRECISIONS.items():
        for name, kind, options in OPTIMIZERS:
            parameter = tensor(START, dtype, True)
            optimizer = kind([parameter], foreach=False, **options)
            after = []
            for gradient in GRADIENTS:
                parameter.grad = tensor(gradient, dtype)
                optimizer.step()
                after.append(plain(parameter))
            settings = {KEYS[key]: value for key, value in optimizer.defaults.items() if key in KEYS}
            cases.append({
                "optimizer": name, "precision": precision, "settings": settings, "start": START,
                "gradients": GRADIENTS, "after": after,
            })
    return cases


def schedules():
    """The learning rate used in the n-th step (n from 0), with the schedule moved on after each step, in float64."""
    made = []
    for name, settings, build in [
        ("step", {"every": 3, "factor": 0.5}, lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5)),
        ("exponential", {"factor": 0.96}, lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.96)),
    ]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = build(optimizer)
        rates = []
        for _ in range(10):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        made.append({"schedule": name, "initial": 0.1, **settings, "rates": rates})
    return made


def clipping():
    """Gradients of two parameters, clipped to a norm over both together: times min(1, maximum / (norm + 1e-6))."""
    cases = []
    for precision, dtype in PRECISIONS.items():
        for maximum in [1.0, 13.0, 100.0]:
            gradients = [[3.0, 4.0], [12.0, 0.0, 0.0]]
            parameters = [torch.zeros(len(gradient), dtype=dtype, requires_grad=True) for gradient in gradients]
            for parameter, gradient in zip(parameters, gradients):
                parameter.grad = tensor(gradient, dtype)
            norm = torch.nn.utils.clip_grad_norm_(parameters, maximum)
            cases.append({
                "precision": precision, "maximumNorm": maximum, "gradients": gradients, "norm": plain(norm),
                "clipped": [plain(parameter.grad) for parameter in parameters],
            })
    return cases


# MARK: - Networks


def readable(rows, columns, shift):
    """Small uneven values with two decimals: they differ in every place, so that a transposed matrix cannot pass."""
    return [[((7 * i + 5 * j + 3 * shift) % 19 - 9) / 10 + (i - j) / 100 for j in range(columns)] for i in range(rows)]


def network(widths, dtype, shift):
    return [
        {"weight": tensor(readable(m, n, shift + k), dtype, True), "bias": tensor(readable(1, n, shift + k + 9), dtype, True)}
        for k, (m, n) in enumerate(zip(widths, widths[1:]))
    ]


def forward(layers, x, activation):
    for index, layer in enumerate(layers):
        x = x @ layer["weight"] + layer["bias"]
        x = activation(x) if index + 1 < len(layers) else x
    return x


def parameters_of(layers):
    return [tensor for layer in layers for tensor in (layer["weight"], layer["bias"])]


def as_layers(values):
    return [{"weight": plain(weight), "bias": plain(bias)} for weight, bias in zip(values[::2], values[1::2])]


def perceptrons():
    """A 3-layer perceptron: logits, loss, all gradients, gradient with respect to the input, three steps of Adam."""
    activations = {
        "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
        "leakyRelu": lambda x: functional.leaky_relu(x, 0.01), "softplus": functional.softplus,
    }
    cases = []
    for precision, dtype in PRECISIONS.items():
        for name, activation in activations.items():
            layers = network([4, 5, 3, 2], dtype, 1)
            x = tensor(readable(6, 4, 2), dtype, True)
            targets = tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]], dtype)

            def loss():
                return functional.binary_cross_entropy_with_logits(forward(layers, x, activation), targets)

            case = {
                "precision": precision, "activation": name, "layers": plain(layers), "inputs": plain(x),
                "targets": plain(targets), "logits": plain(forward(layers, x, activation)), "loss": plain(loss()),
            }
            gradients = torch.autograd.grad(loss(), [*parameters_of(layers), x])
            case["gradients"] = as_layers(gradients[:-1])
            case["inputGradient"] = plain(gradients[-1])
            adam = torch.optim.Adam(parameters_of(layers), foreach=False)
            case["adam"] = []
            for _ in range(3):
                adam.zero_grad()
                loss().backward()
                adam.step()
                case["adam"].append({"layers": plain(layers), "loss": plain(loss())})
            cases.append(case)
    return cases


def games():
    """The classifier's loss through the frozen adversary, L_y − mean(λ ∘ BCE(adversary(p), z)), with its gradient.

    p is sigmoid(logits) or the logits themselves ("adversaryInput"). The mean runs over rows × attributes. The adversary's
    own loss, mean(λ ∘ BCE), comes with its gradients; there p is a constant.
    """
    cases = []
    for precision, dtype in PRECISIONS.items():
        for adversary_input in ["probability", "logit"]:
            classifier, adversary = network([4, 5, 3, 1], dtype, 1), network([1, 4, 3, 2], dtype, 4)
            x = tensor(readable(6, 4, 2), dtype)
            y = tensor([[1.0], [0.0], [0.0], [1.0], [1.0], [0.0]], dtype)
            z = tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype)
            lambdas = tensor(COLUMN_WEIGHTS, dtype)

            logits = forward(classifier, x, torch.relu)
            shown = torch.sigmoid(logits) if adversary_input == "probability" else logits

            def adversary_loss(values):
                guesses = forward(adversary, values, torch.relu)
                return (lambdas * functional.binary_cross_entropy_with_logits(guesses, z, reduction="none")).mean()

            label_loss = functional.binary_cross_entropy_with_logits(logits, y)
            combined = label_loss - adversary_loss(shown)
            gradients = torch.autograd.grad(combined, parameters_of(classifier), retain_graph=True)
            own = adversary_loss(shown.detach())
            cases.append({
                "precision": precision, "adversaryInput": adversary_input, "lambdas": COLUMN_WEIGHTS,
                "classifier": plain(classifier), "adversary": plain(adversary), "inputs": plain(x), "labels": plain(y),
                "sensitive": plain(z), "logits": plain(logits),
                "adversaryLogits": plain(forward(adversary, shown, torch.relu)),
                "labelLoss": plain(label_loss), "adversaryLoss": plain(own), "classifierLoss": plain(combined),
                "classifierGradients": as_layers(gradients),
                "adversaryGradients": as_layers(torch.autograd.grad(own, parameters_of(adversary))),
            })
    return cases


def initialization():
    """The bounds of PyTorch's Linear: weight and bias uniform in ±1/√inputs, checked against the source's own rule.

    Weight: kaiming_uniform(a=√5) = U(±gain · √(3 / inputs)) with gain = √(2 / (1 + a²)) = √(1/3). Bias: U(±1/√inputs).
    `largest` are the largest magnitudes among 200,000 units with so many inputs, a check from below.
    """
    torch.manual_seed(1)
    made = []
    for inputs in [1, 32, 93]:
        bound = torch.nn.init.calculate_gain("leaky_relu", math.sqrt(5)) * math.sqrt(3 / inputs)
        assert math.isclose(bound, 1 / math.sqrt(inputs), rel_tol=1e-15)
        layer = torch.nn.Linear(inputs, 200_000)
        largest = {"weight": layer.weight.abs().max(), "bias": layer.bias.abs().max()}
        assert all(0.999 * bound < value.item() <= bound * (1 + 1e-6) for value in largest.values())
        made.append({"inputs": inputs, "bound": 1 / math.sqrt(inputs), "largest": plain(largest)})
    return made


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: engine.py TESTS, the folder that holds the test targets")
    torch.set_num_threads(1)
    for name, content in {
        "losses": losses(), "optimizers": optimizers(), "schedules": schedules(), "clipping": clipping(),
        "perceptrons": perceptrons(), "games": games(), "initialization": initialization(),
    }.items():
        made_with = {"script": "Scripts/golden/engine.py", "torch": torch.__version__, "numpy": np.__version__}
        # One line a case: a change in a value shows as a change of its case.
        lines = ",\n".join("  " + json.dumps(case) for case in content)
        text = f'{{"madeWith": {json.dumps(made_with)}, "cases": [\n{lines}\n]}}\n'
        target = "AdversarialGameTests" if name == "games" else "NeuralNetworksTests"
        folder = Path(sys.argv[1]) / target / "Golden"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
