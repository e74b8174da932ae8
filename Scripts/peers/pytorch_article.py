#!/usr/bin/env python3
"""PyTorch as the article writes it: a Dataset of single rows, a DataLoader, probabilities into BCELoss, plain Adam."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import torch_networks
import workload


class Rows(Dataset):
    def __init__(self, tables):
        self.tables = tables

    def __len__(self):
        return len(self.tables[0])

    def __getitem__(self, index):
        return tuple(table[index] for table in self.tables)


class Peer:
    def __init__(self, data, batch_size):
        rows = Rows(torch_networks.tensors(data))
        self.loader = DataLoader(rows, batch_size=batch_size, shuffle=True, drop_last=True)
        classifier, adversary = torch_networks.players()
        self.classifier = nn.Sequential(classifier, nn.Sigmoid())
        self.adversary = nn.Sequential(adversary, nn.Sigmoid())
        self.classifier_adam = torch.optim.Adam(self.classifier.parameters())
        self.adversary_adam = torch.optim.Adam(self.adversary.parameters())
        self.label_loss = nn.BCELoss()
        self.attribute_losses = nn.BCELoss(reduction="none")
        self.lambdas = torch.tensor(workload.LAMBDAS)

    def classifier_epoch(self):
        for x, y, _ in self.loader:
            self.classifier.zero_grad()
            self.label_loss(self.classifier(x), y).backward()
            self.classifier_adam.step()

    def adversary_loss(self, probabilities, z):
        return (self.attribute_losses(self.adversary(probabilities), z) * self.lambdas).mean()

    def game_epoch(self):
        for x, y, z in self.loader:
            probabilities = self.classifier(x).detach()
            self.adversary.zero_grad()
            self.adversary_loss(probabilities, z).backward()
            self.adversary_adam.step()
        self.classifier.zero_grad()
        probabilities = self.classifier(x)
        (self.label_loss(probabilities, y) - self.adversary_loss(probabilities, z)).backward()
        self.classifier_adam.step()


if __name__ == "__main__":
    workload.run(Peer, torch_networks.prepare())
