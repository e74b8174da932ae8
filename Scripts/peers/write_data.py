#!/usr/bin/env python3
"""Writes the peers' training rows: write_data.py FILE.npz [FOLDER], from FOLDER/adult/adult.data or else random numbers.

Beside FILE.npz it writes FILE.bin for fused_step.c: the 32-bit numbers rows, features and sensitive attributes, then
these three arrays of 32-bit floats: features, labels, sensitive.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
ROWS, COLUMNS = 15_470, 93

if len(sys.argv) > 2:
    import adult_data

    train, _ = adult_data.load(adult_data.adult_file(sys.argv[2]))
    features, labels, sensitive = train
    assert features.shape == (ROWS, COLUMNS), features.shape
else:
    random = np.random.default_rng(1)
    features = random.standard_normal((ROWS, COLUMNS), dtype=np.float32)
    labels = (random.random((ROWS, 1)) < 0.24).astype(np.float32)
    sensitive = (random.random((ROWS, 2)) < [0.9, 0.67]).astype(np.float32)
np.savez(sys.argv[1], features=features, labels=labels, sensitive=sensitive)
with open(Path(sys.argv[1]).with_suffix(".bin"), "wb") as file:
    np.array([ROWS, COLUMNS, sensitive.shape[1]], dtype="<i4").tofile(file)
    for array in (features, labels, sensitive):
        np.ascontiguousarray(array, dtype="<f4").tofile(file)
