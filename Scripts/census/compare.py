#!/usr/bin/env python3
"""Compares simulated people with UCI Adult: marginals, base rates and models that see neither sex nor race.

    Scripts/census/compare.py <data folder> <CensusModelData.swift>                     prints Markdown
    Scripts/census/compare.py <data folder> <CensusModelData.swift> --golden <folder>   writes golden files for the tests

Golden files: census-adult.json (Adult's shares and base rates), census-rows.json (rows simulated by simulate.py).
Versions: Scripts/census/requirements.txt.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from adult import COLUMNS, NUMERIC, read_adult
from simulate import simulate

# Upper bounds (inclusive) of the bins in which a numeric column's shares are compared.
BOUNDS = {
    "age": [19, 24, 29, 34, 39, 44, 49, 54, 59, 64, 69, 79],
    "fnlwgt": [50000, 100000, 150000, 200000, 250000, 300000, 400000, 500000],
    "education-num": [*range(1, 16)],
    "capital-gain": [0, 2000, 3500, 5000, 7000, 8000, 14000, 15024, 50000],
    "capital-loss": [0, 1500, 1700, 1850, 1900, 2000, 2300],
    "hours-per-week": [9, 14, 19, 24, 29, 34, 35, 39, 40, 44, 45, 49, 50, 54, 59, 60, 69, 79],
}


def read_model(path):
    """The model out of the Swift source; the form is told in CensusModelReader.swift."""
    source = Path(path).read_text().split('#"""\n')[1].split('    """#')[0]
    nodes, parents = [], []
    for line in "\n".join(line[4:] for line in source.split("\n")).replace("\\#\n", "").splitlines():
        key, value = line.split(" ", 1)
        if key == "node":
            parents = []
            nodes.append({"name": value, "parents": parents})
        node = nodes[-1]
        if key == "hidden":
            node["hidden"], width = True, int(value)
        elif key == "categories":
            node["categories"] = value.split(",")
            width = len(node["categories"])
        elif key in ("values", "edges"):
            node[key] = numbers(value)
            width = len(node[key]) - (key == "edges")
        elif key == "band":
            node.setdefault("bands", []).append([numbers(half) for half in value.split("|")])
            width = len(node["bands"])
        elif key == "parent":
            name, bins = value.split(" ", 1)
            parents.append({"name": name, "bins": numbers(bins)})
        elif key == "table":
            unpacked = [share for number in numbers(value) for share in ([number] if number >= 0 else [0] * -number)]
            node["table"] = np.array(unpacked).reshape(-1, width)
        elif key == "scores":
            node.setdefault("terms", []).append({"parents": parents, "scores": numbers(value)})
            parents = []
        elif key == "sigmoid":
            node[key] = numbers(value)
        elif key in ("total", "shift"):
            node[key] = int(value)
    return {"nodes": nodes}


def numbers(text):
    return [int(word) for word in text.split(" ")]


def shares(columns, name):
    """Shares of the categories, or of the bins of BOUNDS."""
    cells = columns[name]
    if name in NUMERIC:
        counts = np.bincount(np.searchsorted(BOUNDS[name], cells, side="left"), minlength=len(BOUNDS[name]) + 1)
        return {str(number): count / len(cells) for number, count in enumerate(counts)}
    names, counts = np.unique(cells, return_counts=True)
    return {str(category): count / len(cells) for category, count in zip(names, counts)}


def distance(p, q):
    """The total variation distance of two distributions."""
    return sum(abs(p.get(key, 0) - q.get(key, 0)) for key in {*p, *q}) / 2


def base_rates(columns, name):
    high = columns["income"] == ">50K"
    return {str(c): [int((columns[name] == c).sum()), float(high[columns[name] == c].mean())]
            for c in np.unique(columns[name])}


def features(columns):
    """One-hot and standardised columns, without sex, race and fnlwgt."""
    blocks = []
    for name in COLUMNS:
        if name in ("sex", "race", "fnlwgt", "income"):
            continue
        cells = columns[name]
        if name in NUMERIC:
            blocks.append(cells[:, None].astype(float))
        else:
            blocks.append((cells[:, None] == np.unique(cells)[None, 1:]).astype(float))
    x = np.hstack(blocks)
    return (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)


def measure(columns, seed):
    """Accuracy, AUC and p%-rules on the half held out, of a logistic regression and of a small network."""
    kept = (columns["race"] == "White") | (columns["race"] == "Black")
    columns = {name: cells[kept][:30940] for name, cells in columns.items()}
    x, y = features(columns), (columns["income"] == ">50K").astype(int)
    train, test = train_test_split(np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed)
    results = {}
    for name, model in [
        ("logistic", LogisticRegression(max_iter=300)),
        ("network", MLPClassifier((32, 32, 32), max_iter=3, batch_size=32, random_state=seed)),
    ]:
        score = model.fit(x[train], y[train]).predict_proba(x[test])[:, 1]
        chosen = score > 0.5
        rates = {c: [chosen[columns[k][test] == c].mean() for c in pair]
                 for k, pair, c in [("race", ("Black", "White"), "race"), ("sex", ("Female", "Male"), "sex")]}
        results[name] = [
            (chosen == y[test]).mean(), roc_auc_score(y[test], score),
            min(rates["race"]) / max(rates["race"]), min(rates["sex"]) / max(rates["sex"])]
    return results


def write_golden(adult, digest, model, folder):
    expected = {
        "source": f"UCI Adult, adult.data, SHA-256 {digest}; Scripts/census/compare.py --golden",
        "rows": len(adult["age"]), "bounds": BOUNDS, "shares": {name: shares(adult, name) for name in COLUMNS},
        "baseRates": {name: base_rates(adult, name) for name in COLUMNS if name not in NUMERIC and name != "income"},
    }
    (folder / "census-adult.json").write_text(json.dumps(expected, indent=1) + "\n")
    samples = []
    codes = {node["name"]: node for node in model["nodes"]}
    for seed, first, count, setting in [
        (0, 0, 60, {}), (7, 123_456_789_000, 40, {}), (2**64 - 1, 5, 40, {"sex": "Female"}),
        (7, 0, 40, {"race": "Black", "education": "Masters"}),
    ]:
        columns, _ = simulate(
            model, count, seed, first, {name: codes[name]["categories"].index(c) for name, c in setting.items()})
        rows = [", ".join(str(columns[name][row]) for name in COLUMNS) for row in range(count)]
        samples.append({"seed": str(seed), "first": first, "setting": setting, "rows": rows})
    (folder / "census-rows.json").write_text(json.dumps(samples, indent=1) + "\n")


def main():
    adult, digest = read_adult(sys.argv[1])
    model = read_model(sys.argv[2])
    if "--golden" in sys.argv:
        write_golden(adult, digest, model, Path(sys.argv[sys.argv.index("--golden") + 1]))
        return
    simulated, _ = simulate(model, 1_000_000, seed=1)
    print("| column | total variation distance |\n|---|---|")
    for name in COLUMNS:
        print(f"| {name} | {distance(shares(adult, name), shares(simulated, name)):.4f} |")
    print("\n| share with >50K | Adult | simulated |\n|---|---|---|")
    for name in ("sex", "race"):
        found = base_rates(simulated, name)
        for category, (count, rate) in base_rates(adult, name).items():
            print(f"| {category} ({count} rows in Adult) | {rate:.3f} | {found[category][1]:.3f} |")
    print("\n| the same 1,000,000 people, all set to | >50K | and not as the other | cells that differ |")
    print("|---|---|---|---|")
    for name, pair in [("sex", ("Female", "Male")), ("race", ("Black", "White"))]:
        categories = next(node["categories"] for node in model["nodes"] if node["name"] == name)
        worlds = [simulate(model, 1_000_000, 1, setting={name: categories.index(c)})[0] for c in pair]
        differ = ", ".join(
            f"{column} {(worlds[0][column] != worlds[1][column]).mean():.1%}"
            for column in ("education", "marital-status", "occupation"))
        for here, there, category in [(*worlds, pair[0]), (*worlds[::-1], pair[1])]:
            high, other = here["income"] == ">50K", there["income"] == ">50K"
            print(f"| {name} = {category} | {high.mean():.1%} | {(high & ~other).mean():.1%} | {differ} |")
    runs = {"Adult": [], "simulated": []}
    for seed in range(1, 7):
        runs["Adult"].append(measure(adult, seed))
        runs["simulated"].append(measure(simulate(model, 40_000, seed)[0], seed))
    print("\n| model, half held out, six seeds | accuracy | ROC AUC | p%-rule race | p%-rule sex |")
    print("|---|---|---|---|---|")
    for name in ("logistic", "network"):
        for source, results in runs.items():
            mean = np.mean([result[name] for result in results], axis=0)
            print(f"| {name}, {source} | " + " | ".join(f"{value:.3f}" for value in mean) + " |")


if __name__ == "__main__":
    main()
