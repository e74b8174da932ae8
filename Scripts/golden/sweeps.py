"""Golden values of sweeps: points of the Sobol sequence and quantiles of Student's t distribution.

Usage: python sweeps.py Tests/ExperimentsTests/Golden

Python 3.11, scipy 1.17.1.
"""

import importlib.metadata
import json
import pathlib
import sys

import scipy.stats

PINNED = {"scipy": "1.17.1"}
found = {name: importlib.metadata.version(name) for name in PINNED}
if found != PINNED:
    sys.exit(f"pinned to {PINNED}, found {found}")

folder = pathlib.Path(sys.argv[1])
# As fractions of 2^32; unscrambled, in the order of the Gray code.
sequence = scipy.stats.qmc.Sobol(d=32, scramble=False, bits=32)
points = [[int(value * 2**32) for value in point] for point in sequence.random(64)]
degrees = [1, 2, 3, 4, 5, 7, 10, 29, 30, 99, 1000, 9999]
student = [
    {"degrees": nu, "confidence": p, "value": float(scipy.stats.t.ppf(0.5 + p / 2, nu))}
    for nu in degrees
    for p in (0.5, 0.9, 0.95, 0.999)
]
text = json.dumps({"sobol": points, "student": student}, separators=(",", ":"))
(folder / "sweeps.json").write_text(text + "\n", encoding="utf-8")
