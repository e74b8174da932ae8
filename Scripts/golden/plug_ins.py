#!/usr/bin/env python3
"""Golden values for the adversaries of their papers: losses, what presses the classifier, and gradients, in torch.

    Scripts/golden/plug_ins.py Tests

writes Tests/AdversarialGameTests/Golden/plug-ins.json.

Version: torch 2.15.0 (Scripts/golden/requirements.txt), double precision. Each loss is written down from its paper's
formula with torch's own distributions and reductions, and knows nothing of the library. Weights are [inputs, outputs].
"""

import json
import math
import sys
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
ROWS, FEATURES, HIDDEN = 9, 4, 3


def perceptron(x, weights, prefix, activation):
    layer = 0
    while f"{prefix}layers.{layer}.weight" in weights:
        x = x @ weights[f"{prefix}layers.{layer}.weight"] + weights[f"{prefix}layers.{layer}.bias"]
        layer += 1
        if f"{prefix}layers.{layer}.weight" in weights:
            x = activation(x)
    return x


def layers(sizes, draw, prefix=""):
    weights = {}
    for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        weights[f"{prefix}layers.{index}.weight"] = draw(inputs, outputs)
        weights[f"{prefix}layers.{index}.bias"] = draw(1, outputs)
    return weights


def standardized(x, w):
    """Mean 0 and variance 1 with weights; the variance has 1e-9 added."""
    share = w / w.sum()
    centred = x - (share * x).sum()
    return centred / torch.sqrt((share * centred**2).sum() + 1e-9)


def mixture_density(view, weights):
    out = perceptron(torch.sigmoid(view["logits"]), weights, "", torch.relu)
    widths = torch.exp(out[:, 4:6]) + 1e-3
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(logits=out[:, 0:2]), torch.distributions.Normal(out[:, 2:4], widths)
    )
    loss = -mixture.log_prob(view["number"][:, 0])
    return [(view["weights"][:, 0] * loss).mean()], None


def maximal_correlation(view, weights):
    f = perceptron(view["logits"], weights, "prediction.0.", torch.tanh)
    g = perceptron(view["number"], weights, "attribute.0.", torch.tanh)
    w = view["weights"][:, 0:1]
    return [-(w * standardized(f, w) * standardized(g, w)).mean()], None


def reweighting(view, weights):
    """The paper's weighted loss is L_y − L_z at λ = 1, with L_y the mean cross-entropy."""
    f = torch.sigmoid(view["features"] @ weights["weight"] + weights["bias"] + view["labels"] * weights["label"])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(view["logits"], view["labels"], reduction="none")
    lambdas = 1 + ROWS * f / f.sum()
    return [loss.mean() - (lambdas * loss).mean()], None


def local_weights(exponents, group, w):
    """exp(u) over its weighted mean in each group."""
    shares = torch.exp(exponents)
    r = torch.zeros_like(shares)
    for value in (0.0, 1.0):
        rows = (group == value) & (w > 0)
        mean = (shares * w)[rows].sum() / w[rows].sum()
        r = torch.where(rows, shares / mean, r)
    return r


def locally_weighted(view, weights, temperature, network):
    outputs = perceptron(torch.sigmoid(view["logits"]), weights, "", torch.relu)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(outputs, view["group"], reduction="none")
    w = view["weights"][:, 0:1]
    if not network:
        r = local_weights(-loss / temperature, view["group"], w).detach()
        return [(w * loss).mean()], [(w * r * loss).mean()]
    u = perceptron(
        torch.cat([view["representation"].detach(), view["group"]], 1), weights, "weighting.", torch.relu
    )
    r = local_weights(u, view["group"], w)
    objective = (w * (r * loss.detach() + temperature * r * torch.log(r + 1e-12))).mean()
    # The objective descends beside the loss, and is not told as a part of it.
    own = (w * loss).mean() + objective - objective.detach()
    return [own], [(w * r.detach() * loss).mean()]


def decoder(view, weights):
    decoded = perceptron(view["representation"], weights, "decoder.", torch.relu)
    return [0.7 * ((decoded - view["features"]) ** 2).mean()], None


def main(tests):
    generator = torch.Generator().manual_seed(11)

    def draw(*shape):
        return torch.randn(*shape, generator=generator)

    group = torch.tensor([1, 0, 1, 1, 0, 0, 1, 0, 1.0]).reshape(-1, 1)
    known = torch.tensor([1, 1, 1, 0, 1, 1, 1, 1, 1.0]).reshape(-1, 1)
    view = {
        "logits": draw(ROWS, 1), "representation": draw(ROWS, HIDDEN), "features": draw(ROWS, FEATURES),
        "labels": torch.tensor([1, 1, 0, 0, 1, 0, 0, 1, 0.0]).reshape(-1, 1),
        "number": draw(ROWS, 1) * known, "group": group * known, "weights": known * ROWS / known.sum(),
    }  # fmt: skip
    cases = [
        ("mixtureDensity", mixture_density, layers([1, 4, 6], draw)),
        ("maximalCorrelation", maximal_correlation,
         layers([1, 3, 1], draw, "prediction.0.") | layers([1, 3, 1], draw, "attribute.0.")),
        ("reweighting", reweighting, {"weight": draw(FEATURES, 1), "bias": draw(1, 1), "label": draw(1, 1)}),
        ("broad", lambda v, w: locally_weighted(v, w, 0.3, False), layers([1, 4, 1], draw)),
        ("road", lambda v, w: locally_weighted(v, w, 0.3, True),
         layers([1, 4, 1], draw) | layers([HIDDEN + 1, 3, 1], draw, "weighting.")),
        ("decoder", decoder, layers([HIDDEN, 2, FEATURES], draw, "decoder.")),
    ]  # fmt: skip
    written = []
    for name, losses, weights in cases:
        def gradients(value, named):
            found = torch.autograd.grad(value, list(named.values()), allow_unused=True, retain_graph=True)
            return {
                key: (torch.zeros_like(leaf) if grad is None else grad).tolist()
                for (key, leaf), grad in zip(named.items(), found, strict=True)
            }

        leaves = {key: value.clone().requires_grad_() for key, value in weights.items()}
        seen = view | {key: view[key].clone().requires_grad_() for key in ("logits", "representation")}
        own, pressures = losses(seen, leaves)
        pressure = (pressures or own)[0]
        assert math.isfinite(own[0].item())
        written.append({
            "name": name, "view": {key: value.tolist() for key, value in view.items()}, "parameters": {key: value.tolist() for key, value in weights.items()},
            "loss": own[0].item(), "pressure": pressure.item(), "gradient": gradients(own[0], leaves),
            "pressureOnClassifier": gradients(pressure, {k: seen[k] for k in ("logits", "representation")}),
        })  # fmt: skip
    path = Path(tests) / "AdversarialGameTests" / "Golden" / "plug-ins.json"
    made = f"Scripts/golden/plug_ins.py, torch {torch.__version__.split('+')[0]}"
    path.write_text(json.dumps({"madeWith": made, "cases": written}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
