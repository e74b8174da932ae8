"""What every peer does, and how it is timed: the article's game on 15,470 × 93 training rows.

A peer is a script with a class `Peer(data, batch_size)` that has `classifier_epoch()` (one epoch of plain training:
shuffle, then for each full batch forward, loss, gradient, Adam, dropout 0.2 on) and `game_epoch()` (an adversary pass over
all full batches with the classifier frozen, its scores taken batch by batch with dropout on, as the notebook does; then one
classifier step through the frozen adversary on the last batch). Both return only when the work is done. `run(Peer)` times
them and prints one JSON object.
"""

import argparse
import json
import os
import time
from typing import NamedTuple

import numpy as np

WIDTHS = [93, 32, 32, 32, 1]
ADVERSARY_WIDTHS = [1, 32, 32, 32, 2]
DROPOUT = 0.2
LAMBDAS = [130.0, 30.0]
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.001, 0.9, 0.999, 1e-8


class Data(NamedTuple):
    """features [n, 93], labels [n, 1], sensitive [n, 2]; float32."""

    features: np.ndarray
    labels: np.ndarray
    sensitive: np.ndarray


def seconds(work, clock):
    start = clock()
    work()
    return clock() - start


def fastest(work, least, enough, clock):
    """The shortest of at least `least` calls, going on until `enough` seconds have passed; one call before warms up."""
    work()
    times = []
    while len(times) < least or sum(times) < enough:
        times.append(seconds(work, clock))
    return min(times)


def run(peer_class, versions, unrolled=None):
    """Times a peer and prints the result; a default for `unrolled` makes it an option, which the peer is then given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="the .npz file that Scripts/benchmark wrote")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each figure is measured")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu: the processor's time")
    if unrolled is not None:
        parser.add_argument("--unrolled", type=int, default=unrolled, help="steps in one compiled graph")
    options = parser.parse_args()
    switches = {} if unrolled is None else {"unrolled": options.unrolled}
    with np.load(options.data) as arrays:
        data = Data(*(arrays[name] for name in Data._fields))
    clock = time.process_time if options.clock == "cpu" else time.perf_counter
    peer = peer_class(data, options.batch_size, **switches)
    steps = len(data.features) // options.batch_size
    start = time.perf_counter()
    peer.classifier_epoch()
    peer.game_epoch()
    warm_up = time.perf_counter() - start
    print(json.dumps({
        "classifierStepMicroseconds": fastest(peer.classifier_epoch, 2, options.seconds, clock) / steps * 1e6,
        "gameEpochMilliseconds": fastest(peer.game_epoch, 2, options.seconds, clock) * 1e3,
        "warmUpSeconds": warm_up,
        "versions": versions,
        **switches,
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }))
