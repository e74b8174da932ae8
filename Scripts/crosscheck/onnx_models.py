"""Holds exported ONNX files against `equipoise predict`, row by row.

    python3 -m venv ~/crosscheck && ~/crosscheck/bin/pip install -r Scripts/crosscheck/requirements-onnx.txt
    EQUIPOISE_DATA=... ~/crosscheck/bin/python Scripts/crosscheck/onnx_models.py

Trains models on UCI Adult (a game, a game on columns with pieces of numbers and other activations, a decision corrected
for constraints, and a number of hours) and on COMPAS (a decision that reads race, and three classes), exports each, checks the file with onnx.checker, and scores
with onnxruntime all of Adult's test rows and, besides, rows with missing cells and with categories that no model knows.
Prints the largest difference of each; ends with status 1 where one is above 1e-5 (of hours, times 40), or where decisions differ for a score
that is not within that of the threshold. EQUIPOISE_TOOL names another binary than .build/release/equipoise.
"""

import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = os.environ.get("EQUIPOISE_TOOL", str(ROOT / ".build/release/equipoise"))
TOLERANCE = 1e-5
SHORT = ["--set", "training.classifierEpochs=2", "--set", "training.adversaryEpochs=1", "--set", "training.gameEpochs=3"]
MODELS = [
    ("game", "adult.json", SHORT),
    (
        "pieces, tanh, no category dropped",
        "adult.json",
        SHORT + ["--set", "data.encoding.numeric=piecewise", "--set", "data.encoding.pieces=8"]
        + ["--set", "data.encoding.dropFirst=false", "--set", "classifier.activation=tanh"],
    ),
    ("corrected decision", "adult-target.json", []),
    ("corrected, reads race", "compas-target.json", ["--set", "constraints.readsSensitive=true"]),
    ("classes", "compas-risk-level.json", SHORT),
    ("hours", "adult-hours.json", SHORT),
]


def tool(*arguments):
    result = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: status {result.returncode}\n{result.stderr}")
    return result.stdout


def rows_of(config):
    """The header and the rows of the data set's test file, as texts."""
    data = pathlib.Path(os.environ["EQUIPOISE_DATA"])
    if config.startswith("compas"):
        with open(data / "compas/compas-scores-two-years.csv", newline="") as file:
            rows = list(csv.reader(file))
        return rows[0], rows[1:]
    with open(data / "adult/adult.test", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if len(row) > 1]
    return None, rows


def damaged(header, rows, generator):
    """Copies of rows with an empty cell, a `?` or an unknown category in every third place; equal in columns of one name."""
    copies = []
    for row in rows[:2000]:
        copy = list(row)
        for place in range(len(copy)):
            kind = generator.integers(0, 9)
            if kind < 2:
                copy[place] = ["", "?"][kind]
            elif kind == 2 and not is_number(copy[place]):
                copy[place] = "never seen"
            copy[place] = copy[header.index(header[place])]
        copies.append(copy)
    return copies


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return text in ("", "?")


def scores(session, header, rows):
    inputs = {}
    for column in session.get_inputs():
        cells = [row[header.index(column.name)] for row in rows]
        if column.type == "tensor(double)":
            values = [[float(cell) if cell not in ("", "?") else np.nan] for cell in cells]
            inputs[column.name] = np.array(values, dtype=np.float64)
        else:
            inputs[column.name] = np.array([[cell] for cell in cells], dtype=object)
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, inputs)
    return outputs[0], outputs[1][:, 0] if len(outputs) > 1 else None


def compare(ours, found, decided, properties):
    """The largest difference, and how many decisions differ without being near to a tie."""
    if "prediction" in ours[0]:
        expected = np.array([[float(row["prediction"])] for row in ours])
        return float(np.max(np.abs(found - expected))) / 40, 0
    if "score" in ours[0]:
        expected = np.array([[float(row["score"])] for row in ours])
        decisions = np.array([int(row["decision"]) for row in ours])
        near = np.abs(expected[:, 0] - float(properties["threshold"])) <= TOLERANCE
    else:
        classes = json.loads(properties["classes"])
        expected = np.array([[float(row[f"score.{name}"]) for name in classes] for row in ours])
        decisions = np.array([classes.index(row["decision"]) for row in ours])
        ordered = np.sort(expected, axis=1)
        near = ordered[:, -1] - ordered[:, -2] <= 2 * TOLERANCE
    return float(np.max(np.abs(found - expected))), int(np.sum((decisions != decided) & ~near))


def main():
    generator = np.random.default_rng(1)
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, config, options in MODELS:
            run = f"{folder}/{name.replace(' ', '-').replace(',', '')}"
            tool("run", ROOT / "Configs" / config, "--quiet", "--output", run, "--seed", "1", *options)
            run = next(iter(sorted(pathlib.Path(run).rglob("model")))).parent
            tool("export", run, "--format", "onnx", "--decision")
            path = run / "export/model.onnx"
            onnx.checker.check_model(str(path), full_check=True)
            session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            properties = session.get_modelmeta().custom_metadata_map
            header, rows = rows_of(config)
            if header is None:
                schema = json.loads((run / "model/model.json").read_text())["schema"]["columns"]
                header = [column["name"] for column in schema]
            for kind, chosen in [("all rows", rows), ("missing and unknown cells", damaged(header, rows, generator))]:
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows([header] + chosen)
                table = f"{folder}/rows.csv"
                pathlib.Path(table).write_text(text.getvalue())
                ours = list(csv.DictReader(tool("predict", run, table, "--quiet").splitlines()))
                found, decided = scores(session, header, chosen)
                difference, wrong = compare(ours, found, decided, properties)
                print(f"{name}, {kind}: {len(chosen)} rows, difference {difference:.1e}, {wrong} decisions differ")
                worst = max(worst, difference, float(wrong))
    print(f"largest difference {worst:.1e}")
    sys.exit(0 if worst <= TOLERANCE else 1)


main()
