#!/usr/bin/env python3
"""PyTorch tuned by hand, still eager: shuffled once an epoch, batches are slices, losses from logits, fused Adam."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

import torch_networks
import workload


class Peer:
    def __init__(self, data, batch_size):
        self.tables = torch_networks.tensors(data)
        self.batch_size = batch_size
        self.classifier, self.adversary = torch_networks.players()
        self.classifier_adam = torch.optim.Adam(self.classifier.parameters(), fused=True)
        self.adversary_adam = torch.optim.Adam(self.adversary.parameters(), fused=True)
        # The λ-weighted mean is the mean with these weights.
        self.lambdas = torch.tensor(workload.LAMBDAS)

    def batches(self):
        order = torch.randperm(len(self.tables[0]))
        shuffled = [table[order] for table in self.tables]
        size = self.batch_size
        return [[table[start : start + size] for table in shuffled] for start in range(0, len(order) - size + 1, size)]

    def classifier_epoch(self):
        for x, y, _ in self.batches():
            self.classifier_adam.zero_grad()
            cross_entropy(self.classifier(x), y).backward()
            self.classifier_adam.step()

    def game_epoch(self):
        for x, y, z in self.batches():
            with torch.no_grad():
                probabilities = torch.sigmoid(self.classifier(x))
            self.adversary_adam.zero_grad()
            cross_entropy(self.adversary(probabilities), z, weight=self.lambdas).backward()
            self.adversary_adam.step()
        self.classifier_adam.zero_grad()
        logits = self.classifier(x)
        guesses = self.adversary(torch.sigmoid(logits))
        (cross_entropy(logits, y) - cross_entropy(guesses, z, weight=self.lambdas)).backward()
        self.classifier_adam.step()


if __name__ == "__main__":
    workload.run(Peer, torch_networks.prepare())
