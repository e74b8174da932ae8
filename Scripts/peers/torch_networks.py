"""The two networks as PyTorch modules."""

import torch
from torch import nn

import workload


def perceptron(widths, dropout=0.0):
    """Linear, ReLU, dropout, three times, then Linear: logits."""
    layers = []
    for inputs, outputs in zip(widths, widths[1:-1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
    return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))


def players():
    return perceptron(workload.WIDTHS, workload.DROPOUT), perceptron(workload.ADVERSARY_WIDTHS)


def tensors(data):
    return [torch.from_numpy(values) for values in data]


def prepare():
    """Threads as the machine's affinity says; returns what the figures should name."""
    import os

    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    return {"torch": torch.__version__}
