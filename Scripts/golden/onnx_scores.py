"""Scores rows with onnxruntime by the golden ONNX files of Tests/ModelFilesTests, for ONNXTests.

    pip install -r Scripts/crosscheck/requirements-onnx.txt
    python Scripts/golden/onnx_scores.py

Writes Tests/ModelFilesTests/Golden/onnx_scores.json. The rows have missing cells, categories without a training row, and
texts that need escaping.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/ModelFilesTests/Golden"
COLUMNS = ["age", "job", "town", "sex"]
ROWS = [
    ["20", "a", 'x, "y"', "F"],
    ["25.5", "b", "é", "M"],
    ["-3", "a", "/", "F"],
    ["44.25", "?", "é", "M"],
    ["", "a", "\\\\", "F"],
    ["1e6", "b", "/", ""],
    ["50", "never seen", "é", "F"],
    ["?", "c", "x", "M"],
    ["60", "", "", "?"],
    ["65", "b", "/", "other"],
    ["70.125", "a", "nowhere", "F"],
    ["75", "c", "?", "M"],
]
MISSING = ("", "?")


def inputs(session):
    values = {}
    for column in session.get_inputs():
        cells = [row[COLUMNS.index(column.name)] for row in ROWS]
        if column.type == "tensor(double)":
            values[column.name] = np.array([[np.nan if c in MISSING else float(c)] for c in cells], dtype=np.float64)
        else:
            values[column.name] = np.array([[c] for c in cells], dtype=object)
    return values


def main():
    result = {"columns": COLUMNS, "rows": ROWS, "scores": {}, "decisions": {}}
    for path in sorted(FOLDER.glob("*.onnx")):
        onnx.checker.check_model(str(path), full_check=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        probability, decision = session.run(["probability", "decision"], inputs(session))
        result["scores"][path.stem] = [float(value) for value in probability[:, 0]]
        result["decisions"][path.stem] = [int(value) for value in decision[:, 0]]
    text = json.dumps(result, indent=1, ensure_ascii=False)
    (FOLDER / "onnx_scores.json").write_text(text + "\n", encoding="utf-8")


main()
