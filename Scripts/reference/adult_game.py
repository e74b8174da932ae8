#!/usr/bin/env python3
"""The article's experiment in PyTorch, written anew: what Equipoise's figures on Adult are compared with.

    EQUIPOISE_DATA=<folder> Scripts/reference/adult_game.py --seeds 1 2 3 4 5 --standardize all

The runs of all seeds go side by side as one batch of networks (a leading axis of every tensor), each with its own random
numbers; since losses are added over runs and Adam works value by value, no run sees another. While the adversary trains,
the classifier is frozen, so its scores for a whole pass, dropout included, are one product for all rows.

Versions: Scripts/golden/requirements.txt. Dropout is off while measuring; the notebook leaves it on.
"""

import argparse
import json
import math
import time

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

import adult_data

HIDDEN = [32, 32, 32]
CLASSIFIER_EPOCHS, ADVERSARY_EPOCHS, GAME_EPOCHS = 2, 5, 164


class Perceptrons:
    """One multilayer perceptron a run, with ReLU and dropout after each hidden layer; weights [runs, in, out]."""

    def __init__(self, widths, generators, dropout=0.0):
        self.dropout = dropout
        self.layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            bound = 1 / math.sqrt(inputs)
            weight, bias = (
                torch.stack([torch.rand(shape, generator=g) * 2 * bound - bound for g in generators]).requires_grad_()
                for shape in [(inputs, outputs), (1, outputs)]
            )
            self.layers.append((weight, bias))

    def parameters(self):
        return [tensor for layer in self.layers for tensor in layer]

    def __call__(self, x, generators=None):
        """Logits [runs, n, outputs] of x, [runs, n, inputs]; with dropout where random generators are given."""
        for index, (weight, bias) in enumerate(self.layers):
            x = torch.baddbmm(bias, x, weight)
            if index + 1 < len(self.layers):
                x = torch.relu(x)
                if generators and self.dropout > 0:
                    kept = torch.stack([torch.rand(x.shape[1:], generator=g) for g in generators]) >= self.dropout
                    x = x * kept / (1 - self.dropout)
        return x


def play(train, test, seeds, options):
    """Pretrains both players, measures, plays the game, measures: two lists of figures, one entry a seed."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    x, y, z = (torch.from_numpy(values) for values in train)
    rows = len(x)
    lambdas = torch.tensor(options.lambdas)
    classifier = Perceptrons([x.shape[1], *HIDDEN, 1], generators, dropout=0.2)
    adversary = Perceptrons([1, *HIDDEN, z.shape[1]], generators)
    classifier_adam = torch.optim.Adam(classifier.parameters(), fused=True)
    adversary_adam = torch.optim.Adam(adversary.parameters(), fused=True)

    def shuffled():
        """Shuffled row numbers of one pass, [batches, runs, batch size]; the incomplete last batch is dropped."""
        batches = rows // options.batch_size
        orders = [torch.randperm(rows, generator=g)[: batches * options.batch_size] for g in generators]
        return torch.stack(orders).reshape(len(seeds), batches, options.batch_size).transpose(0, 1)

    def step(optimizer, losses):
        optimizer.zero_grad(set_to_none=False)
        losses.mean(dim=(1, 2)).sum().backward()
        optimizer.step()

    def adversary_pass():
        order = shuffled()
        by_run = order.transpose(0, 1).reshape(len(seeds), -1)
        with torch.no_grad():
            scores = torch.sigmoid(classifier(x[by_run], generators))
        scores = scores.reshape(len(seeds), len(order), options.batch_size, 1).transpose(0, 1).contiguous()
        targets = z[order]
        for batch in range(len(order)):
            step(adversary_adam, lambdas * cross_entropy(adversary(scores[batch]), targets[batch], reduction="none"))
        return order

    for _ in range(CLASSIFIER_EPOCHS):
        for batch in shuffled():
            step(classifier_adam, cross_entropy(classifier(x[batch], generators), y[batch], reduction="none"))
    for _ in range(ADVERSARY_EPOCHS):
        adversary_pass()
    before = measure(classifier, adversary, test, len(seeds))

    for parameter in classifier.parameters():
        parameter.requires_grad_(True)
    for _ in range(options.game_epochs):
        last = adversary_pass()[-1]
        logits = classifier(x[last], generators)
        label_loss = cross_entropy(logits, y[last], reduction="none").mean(dim=(1, 2))
        adversary_logits = adversary(torch.sigmoid(logits))
        adversary_loss = lambdas * cross_entropy(adversary_logits, z[last], reduction="none")
        classifier_adam.zero_grad(set_to_none=False)
        (label_loss - adversary_loss.mean(dim=(1, 2))).sum().backward()
        classifier_adam.step()
    return before, measure(classifier, adversary, test, len(seeds))


@torch.no_grad()
def measure(classifier, adversary, half, runs):
    """Accuracy, ROC AUC, and per attribute p%-rule and the adversary's ROC AUC, all in 0...1, dropout off."""
    features = torch.from_numpy(half.features).expand(runs, -1, -1)
    scores = torch.sigmoid(classifier(features))
    guesses = adversary(scores).numpy()
    labels = half.labels[:, 0]
    figures = []
    for score, guess in zip(scores[:, :, 0].numpy(), guesses):
        selected = score > 0.5
        row = {"accuracy": float((selected == labels).mean()), "rocAUC": roc_auc_score(labels, score)}
        for column, name in enumerate(adult_data.SENSITIVE):
            group = half.sensitive[:, column]
            rates = [selected[group == value].mean() for value in (0, 1)]
            row[f"{name} pPercentRule"] = float(min(rates) / max(rates)) if max(rates) > 0 else None
            row[f"{name} adversaryAUC"] = roc_auc_score(group, guess[:, column])
        figures.append(row)
    return figures


def table(title, seeds, figures):
    names = list(figures[0])
    lines = [f"{title:12}" + "".join(f"{name:>20}" for name in names)]
    for seed, row in zip(seeds, figures):
        cells = ("null" if row[name] is None else f"{row[name]:.4f}" for name in names)
        lines.append(f"seed {seed:<7}" + "".join(f"{cell:>20}" for cell in cells))
    columns = [np.array([row[name] for row in figures], dtype=float) for name in names]
    for label, statistic in [("mean", np.nanmean), ("median", np.nanmedian), ("deviation", np.nanstd)]:
        lines.append(f"{label:12}" + "".join(f"{statistic(column):>20.4f}" for column in columns))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--standardize", choices=["all", "numeric"], default="all")
    parser.add_argument("--lambdas", type=float, nargs=2, default=[130, 30], metavar=("RACE", "SEX"))
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--game-epochs", type=int, default=GAME_EPOCHS)
    parser.add_argument("--data", help="folder that holds adult/adult.data, instead of EQUIPOISE_DATA")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()

    torch.set_num_threads(1)
    train, test = adult_data.load(adult_data.adult_file(options.data), options.standardize)
    start = time.perf_counter()
    before, after = play(train, test, options.seeds, options)
    seconds = time.perf_counter() - start
    if options.json:
        print(json.dumps({"seeds": options.seeds, "pretrained": before, "final": after, "seconds": seconds}, indent=2))
        return
    print(f"standardize {options.standardize}: {len(train.features)} training rows, {train.features.shape[1]} features")
    print(table("pretrained", options.seeds, before))
    print(table("final", options.seeds, after))
    print(f"{seconds:.1f} s for {len(options.seeds)} runs side by side")


if __name__ == "__main__":
    main()
