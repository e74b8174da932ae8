"""Reads UCI Adult (adult.data) into a dictionary of columns."""

import hashlib
from pathlib import Path

import numpy as np

COLUMNS = [
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
    "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
]
NUMERIC = {"age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"}


def read_adult(folder):
    """The columns of adult.data: integers, or strings in which '?' is a missing cell. Also the file's SHA-256."""
    content = (Path(folder) / "adult" / "adult.data").read_bytes()
    rows = [line.split(", ") for line in content.decode("ascii").splitlines() if line]
    for number, row in enumerate(rows, 1):
        if len(row) != len(COLUMNS):
            raise SystemExit(f"adult.data:{number}: {len(row)} fields, expected {len(COLUMNS)}")
    columns = {}
    for name, cells in zip(COLUMNS, zip(*rows)):
        columns[name] = np.array([int(cell) for cell in cells]) if name in NUMERIC else np.array(cells)
    return columns, hashlib.sha256(content).hexdigest()
