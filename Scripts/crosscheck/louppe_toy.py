#!/usr/bin/env python3
"""Learning to pivot's toy (Louppe, Kagan and Cranmer 2017, arXiv:1611.01046, section 5.1) with `equipoise run`.

    Scripts/crosscheck/louppe_toy.py EQUIPOISE [SEED ...]

With label 0 x ~ N((0, 0), [[1, -0.5], [-0.5, 1]]), with label 1 x ~ N((1, 1 + z), 1), and z ~ N(0, 1) for all. Where the
prediction tells nothing of z, the adversary's loss is the entropy of z, log sqrt(2 pi e) = 1.419. Of 80,000 rows 64,000 train:
a pass of the adversary has the paper's 500 steps of 128 rows. Prints, for lambda 0 and 50, the loss and the maximal correlation.
Needs numpy (Scripts/golden/requirements.txt).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROWS = 80_000
CONFIG = Path(__file__).resolve().parents[2] / "Configs" / "louppe-toy.json"


def write_rows(path):
    draws = np.random.RandomState(1)
    y = draws.randint(0, 2, ROWS)
    z = draws.normal(size=ROWS)
    zero = draws.multivariate_normal([0, 0], [[1, -0.5], [-0.5, 1]], ROWS)
    one = draws.normal(size=(ROWS, 2)) + np.column_stack([np.ones(ROWS), 1 + z])
    x = np.where(y[:, None] == 1, one, zero)
    np.savetxt(
        path, np.column_stack([x, z, y]), delimiter=",", header="x1,x2,z,y", comments="",
        fmt=["%.6f", "%.6f", "%.6f", "%d"],
    )  # fmt: skip


def main(tool, seeds):
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "louppe-toy.csv"
        write_rows(rows)
        for weight in (0, 50):
            for seed in seeds:
                output = Path(folder) / f"runs-{weight}-{seed}"
                settings = [f'data.source.csv=["{rows}"]', f"adversary.lambda={weight}", "output.report=false"]
                command = [tool, "run", str(CONFIG), "-q", "--seed", str(seed), "--output", str(output)]
                for setting in settings:
                    command += ["--set", setting]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                run = next((output / "louppe-toy").iterdir())
                last = json.loads((run / "epochs.jsonl").read_text().splitlines()[-1])
                z = last["test"]["continuous"]["z"]
                print(
                    f"lambda {weight:2}, seed {seed}: adversary's loss {last['adversaryLoss']:.4f}, "
                    f"maximal correlation {z['maximalCorrelation']:.3f}, correlation {z['correlation']:+.3f}, "
                    f"ROC AUC {last['test']['rocAUC']:.3f}"
                )


if __name__ == "__main__":
    main(sys.argv[1], [int(seed) for seed in sys.argv[2:]] or [1, 2, 3])
