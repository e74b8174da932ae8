"""Opens the files that a run wrote for TensorBoard, MLflow and DVCLive with these programs' own packages, and compares
what they read with epochs.jsonl and summary.json.

Usage: python trackers.py RUN, a run's folder made with output.trackers=["tensorboard","mlflow","dvclive"]

Python 3.11, versions in requirements-trackers.txt.
"""

import json
import os
import pathlib
import struct
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import dvclive.utils
import mlflow.tracking
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = pathlib.Path(sys.argv[1])
output = run.parent.parent
epochs = [json.loads(line) for line in (run / "epochs.jsonl").read_text().splitlines()]
summary = json.loads((run / "summary.json").read_text())
config = json.loads((run / "config.json").read_text())
SENSITIVE = (
    "pPercentRule",
    "demographicParityDifference",
    "equalizedOddsDifference",
    "equalOpportunityDifference",
    "adversaryAUC",
)


def numbers(record, splits):
    """The numbers of an epoch or a phase by their path."""
    found = {(name,): record[name] for name in ("labelLoss", "adversaryLoss") if record.get(name) is not None}
    for split in splits:
        if split not in record:
            continue
        part = record[split]
        for name in ("accuracy", "rocAUC", "selectionRate"):
            if part[name] is not None:
                found[(split, name)] = part[name]
        for attribute, values in part["sensitive"].items():
            for name in SENSITIVE:
                if values[name] is not None:
                    found[(split, attribute, name)] = values[name]
    return found


SPLITS = ("train", "validation", "test")
series = {}
for number, epoch in enumerate(epochs, 1):
    for path, value in numbers(epoch, SPLITS).items():
        series.setdefault(path, []).append((number, value))
phases = summary["phases"]
final = numbers(phases.get("selected", phases["final"]), SPLITS)
checked = 0


def check(what, found, wanted):
    global checked
    if found != wanted:
        sys.exit(f"{what}: found {str(found)[:200]}, wanted {str(wanted)[:200]}")
    checked += 1


def single(value):
    """The nearest number in single precision, as TensorBoard keeps it."""
    return struct.unpack("f", struct.pack("f", value))[0]


# TensorBoard.
accumulator = EventAccumulator(
    str(run / "tensorboard"), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0}
)
accumulator.Reload()
tags = accumulator.Tags()
check("TensorBoard's scalars", sorted(tags["scalars"]), sorted("/".join(path) for path in series))
for path, points in series.items():
    events = accumulator.Scalars("/".join(path))
    check(f"TensorBoard {path}", [(e.step, e.value) for e in events], [(n, single(v)) for n, v in points])
for tag in tags["histograms"]:
    for event in accumulator.Histograms(tag):
        value = event.histogram_value
        check(f"TensorBoard {tag}", sum(value.bucket), value.num)
        if not (0 <= value.min <= value.sum / value.num <= value.max <= 1):
            sys.exit(f"TensorBoard {tag}: a mean outside of the range")
if not tags["histograms"]:
    sys.exit("TensorBoard: no histograms")

# MLflow.
client = mlflow.tracking.MlflowClient(f"file://{(output / 'mlruns').resolve()}")
experiment = client.get_experiment_by_name(config["name"])
runs = client.search_runs([experiment.experiment_id])
found = next(r for r in runs if r.info.run_name == run.name)
check("MLflow's status", found.info.status, "FINISHED")
check("MLflow's seed", found.data.params["seed"], str(config["seed"]))
check("MLflow's artifacts", found.info.artifact_uri, f"file://{run.resolve()}")
for path, points in series.items():
    history = client.get_metric_history(found.info.run_id, ".".join(path))
    check(f"MLflow {path}", [(m.step, m.value) for m in history], points)
for path, value in final.items():
    check(f"MLflow final {path}", found.data.metrics["final." + ".".join(path)], value)

# DVCLive.
folder = run / "dvclive"
for path, points in series.items():
    rows = dvclive.utils.parse_tsv(folder / "plots/metrics" / ("/".join(path) + ".tsv"))
    check(f"DVCLive {path}", [(int(row["step"]), float(row[path[-1]])) for row in rows], points)
metrics = dvclive.utils.parse_json(folder / "metrics.json")
for path, value in final.items():
    node = metrics
    for key in path:
        node = node[key]
    check(f"DVCLive metrics.json {path}", node, value)
check("DVCLive params.yaml", yaml.safe_load((folder / "params.yaml").read_text()), config)
described = yaml.safe_load((folder / "dvc.yaml").read_text())
check("DVCLive dvc.yaml", described["metrics"] + described["params"], ["metrics.json", "params.yaml"])
print(f"{checked} comparisons, all equal")
