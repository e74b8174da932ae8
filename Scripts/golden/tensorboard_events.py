"""An event file for Tests/RunRecordsTests, written by the tensorboard package.

Usage: python tensorboard_events.py Tests/RunRecordsTests/Golden

Python 3.11, tensorboard 2.21.0, protobuf 7.36.2.
"""

import importlib.metadata
import pathlib
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

PINNED = {"tensorboard": "2.21.0", "protobuf": "7.36.2"}
found = {name: importlib.metadata.version(name) for name in PINNED}
if found != PINNED:
    sys.exit(f"pinned to {PINNED}, found {found}")

path = pathlib.Path(sys.argv[1]) / "events.bin"
with path.open("wb") as file:
    writer = RecordWriter(file)

    def write(event):
        writer.write(event.SerializeToString(deterministic=True))

    write(event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2"))
    for step in (1, 300):
        values = [
            summary_pb2.Summary.Value(tag="labelLoss", simple_value=0.5 / step),
            summary_pb2.Summary.Value(tag="test/sex/pPercentRule", simple_value=0.0),
            summary_pb2.Summary.Value(tag="test/größe", simple_value=-1.25),
        ]
        write(event_pb2.Event(wall_time=1700000000.5 + step, step=step, summary=summary_pb2.Summary(value=values)))
    scores = [0.0, 0.25, 0.5, 0.5, 0.75, 0.984375, 1.0]
    counts = [0.0] * 50
    for score in scores:
        counts[min(49, int(score * 50))] += 1
    histogram = summary_pb2.HistogramProto(
        min=min(scores),
        max=max(scores),
        num=len(scores),
        sum=sum(scores),
        sum_squares=sum(score * score for score in scores),
        bucket_limit=[edge / 50 for edge in range(1, 51)],
        bucket=counts,
    )
    value = summary_pb2.Summary.Value(tag="scores/test", histo=histogram)
    write(event_pb2.Event(wall_time=1700000999.0, step=171, summary=summary_pb2.Summary(value=[value])))
    writer.flush()
