#!/usr/bin/env python3
"""Writes the peers' training rows, of Adult in the article's preparation or random ones of the same shape.

Beside FILE.npz it writes FILE.bin for fused_step.c: the 32-bit numbers rows, features and sensitive attributes, then
these three arrays of 32-bit floats: features, labels, sensitive.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
ROWS, COLUMNS = 15_470, 93

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("file", type=Path, metavar="FILE.npz")
parser.add_argument("folder", nargs="?", help="the folder that holds adult/adult.data; without it, random rows")
options = parser.parse_args()

if options.folder:
    import adult_data

    train, _ = adult_data.load(adult_data.adult_file(options.folder))
    features, labels, sensitive = train
    assert features.shape == (ROWS, COLUMNS), features.shape
else:
    # As Adult is: five columns of numbers and 88 of ones and zeros, most of them rare, all standardised.
    random = np.random.default_rng(1)
    rare = random.random((ROWS, COLUMNS - 5)) < np.geomspace(0.3, 0.001, COLUMNS - 5)
    features = np.hstack([random.standard_normal((ROWS, 1)), np.round(2 * random.standard_normal((ROWS, 4))), rare])
    features = ((features - features.mean(axis=0)) / features.std(axis=0)).astype(np.float32)
    labels = (random.random((ROWS, 1)) < 0.24).astype(np.float32)
    sensitive = (random.random((ROWS, 2)) < [0.9, 0.67]).astype(np.float32)
np.savez(options.file, features=features, labels=labels, sensitive=sensitive)
with open(options.file.with_suffix(".bin"), "wb") as file:
    np.array([ROWS, COLUMNS, sensitive.shape[1]], dtype="<i4").tofile(file)
    for array in (features, labels, sensitive):
        np.ascontiguousarray(array, dtype="<f4").tofile(file)
