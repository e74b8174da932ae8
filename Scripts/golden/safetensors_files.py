"""Golden files for Tests/ModelFilesTests, from the Python package safetensors.

Usage: python safetensors_files.py RUN/model/weights.safetensors Tests/ModelFilesTests/Golden

Python 3.11, numpy 2.4.6, safetensors 0.8.0. The weights are those of any small run, such as
`Scripts/equipoise run Configs/quickstart.json --set classifier.hidden=[4,3] --set training.gameEpochs=5`.

Writes into the folder:
- equipoise.safetensors: the weights given, as Equipoise wrote them;
- python.safetensors: tensors of one and two dimensions, written by the Python package;
- safetensors_files.json: what the Python package reads from both, values as the bits of their 32-bit numbers.
"""

import json
import os
import shutil
import sys

import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

PINNED = {"numpy": "2.4.6", "safetensors": "0.8.0"}
found = {"numpy": np.__version__, "safetensors": safetensors.__version__}
if found != PINNED:
    sys.exit(f"pinned to {PINNED}, found {found}")


def described(folder, name):
    """What the package reads from a file."""
    path = os.path.join(folder, name)
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    tensors = [
        {"name": key, "shape": list(value.shape), "bits": [int(bits) for bits in value.view(np.uint32).ravel()]}
        for key, value in sorted(load_file(path).items())
    ]
    return {"file": name, "metadata": metadata or {}, "tensors": tensors}


weights, folder = sys.argv[1:]
shutil.copyfile(weights, os.path.join(folder, "equipoise.safetensors"))
limits = np.finfo(np.float32)
tensors = {
    "layers.0.weight": np.random.default_rng(3).standard_normal((5, 3)).astype(np.float32),
    "layers.0.bias": np.array([0.0, -0.0, 1 / 3], dtype=np.float32),
    "limits": np.array([[limits.max, limits.min], [limits.tiny, limits.smallest_subnormal]], dtype=np.float32),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "größe \"x\"": np.array([[7.25]], dtype=np.float32),
}
save_file(tensors, os.path.join(folder, "python.safetensors"), metadata={"made by": "safetensors", "é": "\"/\""})
golden = {
    "madeWith": found,
    "cases": [described(folder, "equipoise.safetensors"), described(folder, "python.safetensors")],
}
with open(os.path.join(folder, "safetensors_files.json"), "w", encoding="utf-8") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
