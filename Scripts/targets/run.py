#!/usr/bin/env python3
"""Repeats the target-driven experiments on Adult and COMPAS over seeds, and prints means and each seed.

With --configuration CONFIG --seeds 1...20: whether that configuration's conditions hold on the test rows of every seed.

A seed's 70 % of training rows are the first of numpy.random.RandomState(seed).permutation(n). The data folder holds
adult/adult.data and compas/compas-scores-two-years.csv, as EQUIPOISE_DATA does.

Without --seeds the table is printed for the seeds 0, 1, 2, on which the bars are, and for 1 to 5. With
--cross-validate K no test row is touched: each seed's training rows are cut into K parts, and every part is predicted by
a run on the others. That is how settings are chosen.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
ADULT = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain "
    "capital-loss hours-per-week native-country income"
).split()
COMPAS = (
    "age c_charge_degree priors_count juv_fel_count juv_misd_count juv_other_count race sex two_year_recid"
).split()
PARITY = "demographicParityDifference"
# Name, data, conditions, the bars for accuracy and AUC, the figure that the conditions are about, and whether the
# decision reads the groups.
CASES = [
    ("adult DP 0.05", "adult", ["demographic_parity_difference(sex) <= 0.05"], 0.840, None, PARITY, False),
    ("adult DP 0.02", "adult", ["demographic_parity_difference(sex) <= 0.02"], 0.833, None, PARITY, False),
    ("adult EO 0.05", "adult", ["equalized_odds_difference(sex) <= 0.05"], 0.838, None, "equalizedOddsDifference", False),
    ("adult p both", "adult", ["p_percent_rule(sex) >= 0.8", "p_percent_rule(race) >= 0.8"], 0.832, 0.87, "pPercentRule", False),
    ("compas DP 0.05", "compas", ["demographic_parity_difference(race) <= 0.05"], 0.595, None, PARITY, False),
    ("compas reading race", "compas", ["demographic_parity_difference(race) <= 0.05"], 0.668, None, PARITY, True),
]


def adult_rows(folder):
    """Adult's training file, without rows that lack a cell, of two races."""
    with open(folder / "adult" / "adult.data", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    race = ADULT.index("race")
    return ADULT, [row for row in rows if "?" not in row and row[race] in ("White", "Black")]


def compas_rows(folder):
    """COMPAS after ProPublica's filters, of two races, with the columns known at the decision."""
    with open(folder / "compas" / "compas-scores-two-years.csv", newline="") as file:
        rows = list(csv.DictReader(file))

    def is_kept(row):
        days = row["days_b_screening_arrest"]
        return (
            days != ""
            and -30 <= float(days) <= 30
            and row["is_recid"] != "-1"
            and row["c_charge_degree"] != "O"
            and row["score_text"] not in ("N/A", "")
            and row["race"] in ("African-American", "Caucasian")
        )

    return COMPAS, [[row[name] for name in COMPAS] for row in rows if is_kept(row)]


def write(path, names, rows, seed, part=None, parts=1):
    """Writes the rows with their fold; with a part, the training rows alone, of which that part is the test."""
    order = np.random.RandomState(seed).permutation(len(rows))
    training = order[: round(0.7 * len(rows))]
    fold = np.full(len(rows), "test" if part is None else "", dtype=object)
    fold[training] = "train"
    if part is not None:
        fold[training[part::parts]] = "test"
    rows, fold = zip(*[(row, name) for row, name in zip(rows, fold) if name])
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names + ["fold"])
        writer.writerows(row + [part] for row, part in zip(rows, fold))


def configuration(data, path, conditions, seed, reads, options):
    is_adult = data == "adult"
    constraints = {"require": conditions}
    # A bound on Adult is to hold on new rows. On COMPAS a standard error is a third of the bound, and the figure is the
    # accuracy at the bound.
    constraints["margin"] = options.margin if options.margin is not None else 1 if is_adult else 0
    if reads:
        constraints["readsSensitive"] = True
    encoding = {"dropFirst": False, "standardize": "numeric"}
    if options.pieces == "always":
        encoding["numeric"] = "piecewise"
    return {
        "name": "targets",
        "seed": seed,
        "data": {
            "source": {"csv": str(path)},
            "label": {"column": "income", "positive": ">50K"} if is_adult else {"column": "two_year_recid", "positive": "1"},
            "sensitive": [
                {"column": "race", "privileged": "White" if is_adult else "Caucasian"},
                {"column": "sex", "privileged": "Male" if is_adult else "Female"},
            ],
            "drop": ["fnlwgt"] if is_adult else [],
            "encoding": encoding,
            "split": {"column": "fold"},
        },
        "constraints": constraints,
        "evaluation": {"draws": 200},
        "output": {"predictions": False},
    }


def run(tool, config, folder, more):
    path = folder / "target.json"
    path.write_text(json.dumps(config))
    start = time.perf_counter()
    result = subprocess.run(
        [*tool, "run", str(path), "--json", "--quiet", "--output", str(folder / "runs")] + more,
        capture_output=True,
        text=True,
    )
    if result.returncode not in (0, 1):
        sys.exit(result.stderr)
    return json.loads(result.stdout), time.perf_counter() - start


def measure(case, seed, options, rows, folder, more):
    """The figures of one seed: on its test rows, or their means over parts of its training rows."""
    name, data, conditions, _, _, figure, reads = case
    attributes = [condition.split("(")[1].split(")")[0] for condition in conditions]
    parts = options.cross_validate
    found = []
    for part in range(parts) if parts else [None]:
        path = folder / f"{data}-{seed}{'' if part is None else f'-{part}-{parts}'}.csv"
        if not path.exists():
            write(path, *rows[data], seed, part, parts)
        config = configuration(data, path, conditions, seed, reads, options)
        summary, seconds = run([options.tool], config, folder, more)
        test = summary["phases"]["selected"]["test"]
        found.append(
            dict(
                before=summary["phases"]["pretrained"]["test"]["accuracy"],
                accuracy=test["accuracy"],
                area=test["rocAUC"],
                # With a sign the gaps of the parts would cancel; what is wanted is how large they are on new rows.
                figures=[test["sensitive"][attribute][figure] for attribute in attributes],
                status=summary["constraints"]["status"],
                seconds=seconds,
            )
        )
    mean = {key: float(np.mean([one[key] for one in found])) for key in ("before", "accuracy", "area", "seconds")}
    mean["figures"] = [float(value) for value in np.mean([one["figures"] for one in found], axis=0)]
    return dict(mean, seed=seed, attributes=attributes, status=found[0]["status"] if len(found) == 1 else "")


def table(seeds, options, rows, folder, more):
    for case in CASES:
        name, data, conditions, bar, area_bar, _, _ = case
        if options.cases not in name:
            continue
        if data not in rows:
            rows[data] = adult_rows(options.data) if data == "adult" else compas_rows(options.data)
        found = [measure(case, seed, options, rows, folder, more) for seed in seeds]

        def mean(key):
            return sum(entry[key] for entry in found) / len(found)

        attributes = found[0]["attributes"]
        figures = [sum(entry["figures"][index] for entry in found) / len(found) for index in range(len(attributes))]
        print(
            f"{name:19} accuracy {mean('accuracy'):.4f} (bar {bar:.3f}, before {mean('before'):.4f}), "
            f"AUC {mean('area'):.4f}{f' (bar {area_bar})' if area_bar else ''}, "
            + ", ".join(f"{a} {v:.4f}" for a, v in zip(attributes, figures))
            + f", {mean('seconds'):.1f} s a run"
        )
        for entry in found if not options.brief else []:
            print(
                f"    seed {entry['seed']}: {entry['accuracy']:.4f}, AUC {entry['area']:.4f}, "
                + ", ".join(f"{v:.4f}" for v in entry["figures"])
                + (f", {entry['status']}" if entry["status"] else "")
                + f", {entry['seconds']:.1f} s"
            )
        sys.stdout.flush()


def seed_list(text):
    """Seeds such as 0,1,2 or 1...20."""
    if "..." in text:
        first, last = text.split("...")
        return list(range(int(first), int(last) + 1))
    return [int(seed) for seed in text.split(",")]


def check(options, more):
    """Runs one configuration with each seed: whether its conditions hold on the test rows within their 95 % interval."""
    config = json.loads(options.configuration.read_text())
    config.pop("$schema", None)
    config["output"] = dict(config.get("output", {}), predictions=False)
    config["evaluation"] = dict({"draws": 200}, **config.get("evaluation", {}))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in seed_list(options.seeds or "1...20"):
            config["seed"] = seed
            summary, seconds = run([options.tool], config, Path(folder), more)
            test = summary["phases"]["selected"]["test"]
            conditions = summary["constraints"]["conditions"]
            values = [condition["rows"]["test"] for condition in conditions]
            holds = all(
                value["high"] >= condition["bound"] if ">" in condition["condition"] else value["low"] <= condition["bound"]
                for condition, value in zip(conditions, values)
            )
            rate = test["selectionRate"]
            # A collapse that was undone is none of the result; a result that decides nearly all rows alike is one.
            collapsed = rate < 0.01 or rate > 0.99 or test["rocAUC"] < 0.6
            undone = len(summary.get("collapses", []))
            rows.append((test["accuracy"], test["rocAUC"], [value["after"] for value in values], holds, collapsed, seconds))
            print(
                f"seed {seed:2}: accuracy {test['accuracy']:.4f}, AUC {test['rocAUC']:.4f}, "
                + ", ".join(f"{v['after']:.3f} [{v['low']:.3f}, {v['high']:.3f}]" for v in values)
                + f", {summary['constraints']['status']}, target {'holds' if holds else 'MISSED'}, "
                + f"collapse {'YES' if collapsed else 'no'}{f' ({undone} undone)' if undone else ''}, {seconds:.1f} s",
                flush=True,
            )
    count = len(rows)

    def mean(values):
        values = list(values)
        return sum(values) / len(values)

    names = [condition["condition"] for condition in conditions]
    print(f"\n{count} seeds: accuracy {mean(r[0] for r in rows):.4f}, AUC {mean(r[1] for r in rows):.4f}, "
          + ", ".join(f"{name}: {mean(r[2][i] for r in rows):.3f}" for i, name in enumerate(names))
          + f"; the target holds within its interval in {sum(r[3] for r in rows)} of {count}, "
          + f"as a point in {sum(all(points(r[2], conditions)) for r in rows)}; {sum(r[4] for r in rows)} collapsed; "
          + f"{mean(r[5] for r in rows):.1f} s a run")


def points(values, conditions):
    """Whether each value meets its bound."""
    for value, condition in zip(values, conditions):
        yield value >= condition["bound"] if ">" in condition["condition"] else value <= condition["bound"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("EQUIPOISE_DATA"), help="the folder of the data sets")
    parser.add_argument("--tool", default=str(ROOT / "Scripts" / "equipoise"), help="how equipoise is started")
    parser.add_argument("--seeds", default="", help="such as 0,1,2 or 1...20; left out: 0,1,2 and then 1...5")
    parser.add_argument(
        "--configuration", type=Path, help="check this configuration over the seeds, instead of the cases"
    )
    parser.add_argument("--cases", default="", help="only cases whose name contains this")
    parser.add_argument("--margin", type=float, default=None, help="left out: 1 on Adult, 0 on COMPAS")
    parser.add_argument("--pieces", choices=["always", "never"], default="always", help="numbers in pieces")
    parser.add_argument("--cross-validate", type=int, default=0, metavar="K", help="on K parts of the training rows")
    parser.add_argument("--brief", action="store_true", help="means only")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as equipoise run --set")
    options = parser.parse_args()
    more = [argument for change in options.set for argument in ("--set", change)]
    if options.configuration:
        check(options, more)
        return
    if options.data is None:
        parser.error("name the folder of the data sets with --data or EQUIPOISE_DATA")
    options.data = Path(options.data)
    lists = [options.seeds] if options.seeds else ["0,1,2"] if options.cross_validate else ["0,1,2", "1...5"]
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for seeds in lists:
            print(f"Seeds {seeds}" + (f", {options.cross_validate} parts of the training rows" if options.cross_validate else ""))
            table(seed_list(seeds), options, rows, Path(folder), more)


if __name__ == "__main__":
    main()
