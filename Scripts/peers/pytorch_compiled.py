#!/usr/bin/env python3
"""torch.compile at its best: gradient and Adam of several unrolled steps in one graph, with the C++ wrapper.

The first run compiles for minutes; TORCHINDUCTOR_CACHE_DIR keeps what was compiled. `--unrolled 1` compiles single
steps and leaves the C++ wrapper off, which takes less time.
"""

import torch
import torch._inductor.config
from torch.func import functional_call, grad
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

import torch_networks
import workload

# Divides the 483 batches of size 32; at other sizes the rest goes step by step.
UNROLLED = 7


class Adam:
    """PyTorch's Adam as a function of tensors that a graph can hold, the step number included."""

    def __init__(self, parameters):
        self.parameters = {name: value.detach().clone() for name, value in parameters}
        self.first = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        self.second = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        self.count = torch.zeros(())

    def step(self, gradients):
        self.count.add_(1)
        first_correction = 1 - workload.BETA1**self.count
        second_correction = (1 - workload.BETA2**self.count).sqrt()
        for name, gradient in gradients.items():
            first, second = self.first[name], self.second[name]
            first.lerp_(gradient, 1 - workload.BETA1)
            second.mul_(workload.BETA2).addcmul_(gradient, gradient, value=1 - workload.BETA2)
            denominator = second.sqrt() / second_correction + workload.EPSILON
            self.parameters[name].sub_(workload.LEARNING_RATE / first_correction * first / denominator)


class Peer:
    def __init__(self, data, batch_size, unrolled):
        torch._inductor.config.cpp_wrapper = unrolled > 1
        self.tables = torch_networks.tensors(data)
        self.batch_size, self.unrolled = batch_size, unrolled
        self.modules = torch_networks.players()
        self.adams = [Adam(module.named_parameters()) for module in self.modules]
        self.lambdas = torch.tensor(workload.LAMBDAS)
        self.classifier_steps = torch.compile(self.each(self.classifier_step), fullgraph=True)
        self.adversary_steps = torch.compile(self.each(self.adversary_step), fullgraph=True)
        self.compiled_game_step = torch.compile(self.game_step, fullgraph=True)

    def classifier_step(self, x, y, z):
        classifier, adam = self.modules[0], self.adams[0]

        def loss(parameters):
            return cross_entropy(functional_call(classifier, parameters, x), y)

        adam.step(grad(loss)(adam.parameters))

    def adversary_step(self, x, y, z):
        probabilities = torch.sigmoid(functional_call(self.modules[0], self.adams[0].parameters, x))
        adversary, adam = self.modules[1], self.adams[1]

        def loss(parameters):
            return cross_entropy(functional_call(adversary, parameters, probabilities), z, weight=self.lambdas)

        adam.step(grad(loss)(adam.parameters))

    def game_step(self, x, y, z):
        classifier, adam = self.modules[0], self.adams[0]

        def loss(parameters):
            logits = functional_call(classifier, parameters, x)
            guesses = functional_call(self.modules[1], self.adams[1].parameters, torch.sigmoid(logits))
            return cross_entropy(logits, y) - cross_entropy(guesses, z, weight=self.lambdas)

        adam.step(grad(loss)(adam.parameters))

    @staticmethod
    def each(step):
        def steps(x, y, z):
            for batch in range(len(x)):
                step(x[batch], y[batch], z[batch])

        return steps

    def batches(self):
        """The shuffled tables as [batches, batch size, columns]."""
        count = len(self.tables[0]) // self.batch_size
        order = torch.randperm(len(self.tables[0]))[: count * self.batch_size]
        return [table[order].reshape(count, self.batch_size, -1) for table in self.tables]

    def over_all(self, steps, tables):
        count = len(tables[0])
        whole = count - count % self.unrolled
        for start in range(0, whole, self.unrolled):
            steps(*(table[start : start + self.unrolled] for table in tables))
        for start in range(whole, count):
            steps(*(table[start : start + 1] for table in tables))

    def classifier_epoch(self):
        self.over_all(self.classifier_steps, self.batches())

    def game_epoch(self):
        tables = self.batches()
        self.over_all(self.adversary_steps, tables)
        self.compiled_game_step(*(table[-1] for table in tables))


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    workload.run(Peer, torch_networks.prepare(), unrolled=UNROLLED)
