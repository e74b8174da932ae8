"""A TFRecord file for Tests/FairnessEvaluationTests, written by the tfrecord package, and the same rows as CSV.

Usage: python tfrecord_file.py Tests/FairnessEvaluationTests/Golden

Python 3.11, tfrecord 1.14.6, protobuf 7.36.2. Floats are exact in single precision, so that both files say the same.
"""

import importlib.metadata
import pathlib
import sys

from tfrecord.writer import TFRecordWriter

PINNED = {"tfrecord": "1.14.6", "protobuf": "7.36.2"}
found = {name: importlib.metadata.version(name) for name in PINNED}
if found != PINNED:
    sys.exit(f"pinned to {PINNED}, found {found}")

folder = pathlib.Path(sys.argv[1])
writer = TFRecordWriter(str(folder / "predictions.tfrecord"))
lines = ["label,score,sex,topics"]
for row in range(60):
    label = int(row % 3 == 0)
    score = ((row * 37) % 64) / 64
    # Text beyond ASCII, a missing group, several values, and integers of more than one byte.
    sex = ["Female", "Male", "nichtbinär"][row % 3 if row % 5 else 0]
    topics = [["x"], ["x", "y"], ["y", "z", "x"], []][row % 4]
    record = {"label": (label, "int"), "score": (score, "float"), "id": (-row * 1_000_003, "int")}
    if row % 7:
        record["sex"] = (sex.encode(), "byte")
    if topics:
        record["topics"] = ([topic.encode() for topic in topics], "byte")
    writer.write(record)
    lines.append(f"{label},{score},{sex if row % 7 else ''},{'|'.join(topics)}")
writer.close()
(folder / "predictions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
