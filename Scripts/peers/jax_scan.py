#!/usr/bin/env python3
"""JAX at its best: a whole epoch, shuffle and dropout included, in one jitted lax.scan."""

import functools
import math

import jax
import jax.numpy as jnp

import workload

# The cheaper of JAX's two kinds of random numbers.
jax.config.update("jax_default_prng_impl", "unsafe_rbg")


def perceptron(widths, key):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        key, for_weight, for_bias = jax.random.split(key, 3)
        bound = 1 / math.sqrt(inputs)
        weight = jax.random.uniform(for_weight, (inputs, outputs), minval=-bound, maxval=bound)
        layers.append((weight, jax.random.uniform(for_bias, (outputs,), minval=-bound, maxval=bound)))
    return layers


def forward(layers, x, key=None):
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight + bias
        if index + 1 < len(layers):
            x = jax.nn.relu(x)
            if key is not None:
                key, mask_key = jax.random.split(key)
                kept = jax.random.bernoulli(mask_key, 1 - workload.DROPOUT, x.shape)
                x = jnp.where(kept, x / (1 - workload.DROPOUT), 0)
    return x


def cross_entropy(logits, targets, weights=1.0):
    return jnp.mean(weights * (jnp.maximum(logits, 0) - logits * targets + jnp.log1p(jnp.exp(-jnp.abs(logits)))))


def adam(state, gradients):
    parameters, first, second, count = state
    count = count + 1
    tree_map = jax.tree_util.tree_map
    first = tree_map(lambda m, g: workload.BETA1 * m + (1 - workload.BETA1) * g, first, gradients)
    second = tree_map(lambda v, g: workload.BETA2 * v + (1 - workload.BETA2) * g * g, second, gradients)
    rate = workload.LEARNING_RATE / (1 - workload.BETA1**count)
    correction = jnp.sqrt(1 - workload.BETA2**count)
    parameters = tree_map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) / correction + workload.EPSILON), parameters, first, second)
    return parameters, first, second, count


def fresh(parameters):
    zeros = jax.tree_util.tree_map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros, jnp.zeros(())


def batches(tables, batch_size, key):
    count = len(tables[0]) // batch_size
    order = jax.random.permutation(key, len(tables[0]))[: count * batch_size]
    return [table[order].reshape(count, batch_size, -1) for table in tables], jax.random.split(key, count)


@functools.partial(jax.jit, static_argnums=3, donate_argnums=0)
def classifier_epoch(classifier, tables, key, batch_size):
    def step(state, batch):
        (x, y, _), step_key = batch
        gradients = jax.grad(lambda layers: cross_entropy(forward(layers, x, step_key), y))(state[0])
        return adam(state, gradients), None

    return jax.lax.scan(step, classifier, batches(tables, batch_size, key))[0]


@functools.partial(jax.jit, static_argnums=4, donate_argnums=(0, 1))
def game_epoch(classifier, adversary, tables, key, batch_size):
    lambdas = jnp.array(workload.LAMBDAS)

    def adversary_step(state, batch):
        (x, _, z), step_key = batch
        probabilities = jax.nn.sigmoid(forward(classifier[0], x, step_key))
        gradients = jax.grad(lambda layers: cross_entropy(forward(layers, probabilities), z, lambdas))(state[0])
        return adam(state, gradients), None

    shuffled, keys = batches(tables, batch_size, key)
    adversary = jax.lax.scan(adversary_step, adversary, (shuffled, keys))[0]
    x, y, z = (table[-1] for table in shuffled)

    def loss(layers):
        logits = forward(layers, x, key)
        guesses = forward(adversary[0], jax.nn.sigmoid(logits))
        return cross_entropy(logits, y) - cross_entropy(guesses, z, lambdas)

    return adam(classifier, jax.grad(loss)(classifier[0])), adversary


class Peer:
    def __init__(self, data, batch_size):
        self.tables = [jnp.asarray(values) for values in data]
        self.batch_size = batch_size
        self.key = jax.random.key(1)
        self.classifier = fresh(perceptron(workload.WIDTHS, jax.random.key(2)))
        self.adversary = fresh(perceptron(workload.ADVERSARY_WIDTHS, jax.random.key(3)))
        # Donated buffers must not be shared between the two moments.
        self.classifier, self.adversary = jax.tree_util.tree_map(jnp.copy, (self.classifier, self.adversary))

    def next_key(self):
        self.key, key = jax.random.split(self.key)
        return key

    def classifier_epoch(self):
        self.classifier = classifier_epoch(self.classifier, self.tables, self.next_key(), self.batch_size)
        jax.block_until_ready(self.classifier)

    def game_epoch(self):
        self.classifier, self.adversary = game_epoch(
            self.classifier, self.adversary, self.tables, self.next_key(), self.batch_size)
        jax.block_until_ready((self.classifier, self.adversary))


if __name__ == "__main__":
    workload.run(Peer, {"jax": jax.__version__})
