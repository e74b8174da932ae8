"""Puts fairlearn and AIF360 beside `equipoise compare` on Adult (sex) and COMPAS (race), on the same rows.

    python3 -m venv ~/crosscheck && ~/crosscheck/bin/pip install -r Scripts/crosscheck/requirements.txt
    EQUIPOISE_DATA=... ~/crosscheck/bin/python Scripts/crosscheck/methods.py adult compas > table.md

Each tool's methods are trained on 55 % of the rows and their knobs chosen on 15 %: the most accurate whose mean
demographic parity difference on these is within a bound. The numbers are of the other 30 %, means over the seeds 1, 2 and
3. Rows and splits are those of the predictions file of an equipoise run with the same seed. AIF360's methods are left out
where it is not installed, and its adversary where there is no TensorFlow (pip install aif360==0.6.1
tensorflow-cpu==2.21.0). EQUIPOISE_TOOL names another binary than .build/release/equipoise.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import DemographicParity, ExponentiatedGradient, GridSearch
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = os.environ.get("EQUIPOISE_TOOL", str(ROOT / ".build/release/equipoise"))
SEEDS = [1, 2, 3]
BOUNDS = [0.02, 0.05, 0.1]
ADULT = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain "
    "capital-loss hours-per-week native-country income"
).split()


def adult(folder):
    data = pd.read_csv(folder / "adult/adult.data", names=ADULT, skipinitialspace=True)
    features = data.drop(columns=["fnlwgt", "race", "sex", "income"])
    return encoded(features), (data.income == ">50K").to_numpy().astype(int), (data.sex == "Male").to_numpy().astype(int)


def compas(folder):
    data = pd.read_csv(folder / "compas/compas-scores-two-years.csv")
    numbers = ["age", "juv_fel_count", "juv_misd_count", "juv_other_count", "priors_count"]
    label, group = data.two_year_recid.to_numpy(), (data.race == "Caucasian").to_numpy().astype(int)
    return encoded(data[[*numbers, "c_charge_degree"]]), label, group


def encoded(features):
    numeric = features.select_dtypes("number")
    scaled = (numeric - numeric.mean()) / numeric.std()
    texts = features.drop(columns=numeric.columns)
    return pd.concat([scaled, pd.get_dummies(texts)], axis=1).to_numpy().astype(np.float64)


def splits(comparison, seed, folder):
    """Row numbers of the splits, from the predictions of the first method."""
    plan = json.loads((ROOT / f"Configs/{comparison}.json").read_text())
    options = [part for text in plan.get("set", []) for part in ("--set", text)]
    config = ROOT / "Configs" / plan["methods"][0]["config"]
    run = [TOOL, "run", config, "-q", "--json", "--seed", str(seed), "--output", folder, *options]
    subprocess.run([*run, "--set", "training.classifierEpochs=1"], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    newest = max(pathlib.Path(folder).glob("*/*/predictions.csv"), key=lambda path: path.stat().st_mtime)
    rows = pd.read_csv(newest)
    return {name: rows.row[rows.split == name].to_numpy() for name in ["train", "validation", "test"]}


def measured(decisions, y, z):
    decisions = np.asarray(decisions, dtype=float)
    accuracy = np.mean(np.where(y == 1, decisions, 1 - decisions))
    return accuracy, abs(decisions[z == 0].mean() - decisions[z == 1].mean())


# MARK: - The peers. Each yields (method, knob, function from rows to chances of selection).


def fairlearn_methods(x, y, z, seed):
    plain = LogisticRegression(max_iter=1000).fit(x, y)
    yield "logistic regression", None, lambda rows, _: plain.predict(rows)
    for eps in [0.005, 0.01, 0.02, 0.05]:
        model = ExponentiatedGradient(LogisticRegression(max_iter=1000), DemographicParity(), eps=eps)
        model.fit(x, y, sensitive_features=z)
        yield "fairlearn ExponentiatedGradient", eps, lambda rows, _, model=model: model._pmf_predict(rows)[:, 1]
    for weight in [0.25, 0.5, 0.75]:
        model = GridSearch(LogisticRegression(max_iter=1000), DemographicParity(), constraint_weight=weight, grid_size=20)
        model.fit(x, y, sensitive_features=z)
        yield "fairlearn GridSearch", weight, lambda rows, _, model=model: model.predict(rows)
    model = ThresholdOptimizer(estimator=plain, constraints="demographic_parity", prefit=True, predict_method="predict_proba")
    model.fit(x, y, sensitive_features=z)
    yield "fairlearn ThresholdOptimizer", None, lambda rows, z, model=model: model._pmf_predict(rows, sensitive_features=z)[:, 1]


def fairlearn_adversarial(x, y, z, seed):
    import torch
    from fairlearn.adversarial import AdversarialFairnessClassifier

    torch.set_num_threads(1)

    def network(inputs):
        widths, parts = [inputs, 32, 32, 32], []
        for width, following in zip(widths, widths[1:]):
            parts += [torch.nn.Linear(width, following), torch.nn.ReLU()]
        return torch.nn.Sequential(*parts, torch.nn.Linear(32, 1), torch.nn.Sigmoid())

    def adam(model):
        return torch.optim.Adam(model.parameters(), lr=0.001)

    for alpha in [0.3, 1.0, 3.0]:
        torch.manual_seed(seed)
        model = AdversarialFairnessClassifier(
            backend="torch", predictor_model=network(x.shape[1]), adversary_model=network(1), alpha=alpha, epochs=15,
            batch_size=128, shuffle=True, predictor_optimizer=adam, adversary_optimizer=adam, random_state=seed,
        ).fit(x.astype(np.float32), y, sensitive_features=z)  # fmt: skip
        yield "fairlearn adversarial (PyTorch)", alpha, lambda rows, _, model=model: np.ravel(model.predict(rows.astype(np.float32))).astype(float)


def aif360_methods(x, y, z, seed):
    from aif360.datasets import BinaryLabelDataset

    def dataset(rows, label, group):
        frame = pd.DataFrame(rows).rename(columns=str)
        frame["y"], frame["z"] = label, group
        return BinaryLabelDataset(df=frame, label_names=["y"], protected_attribute_names=["z"])

    groups = {"unprivileged_groups": [{"z": 0}], "privileged_groups": [{"z": 1}]}
    from aif360.algorithms.preprocessing import Reweighing

    weights = Reweighing(**groups).fit_transform(dataset(x, y, z)).instance_weights
    model = LogisticRegression(max_iter=1000).fit(x, y, sample_weight=weights)
    yield "AIF360 Reweighing", None, lambda rows, _: model.predict(rows)
    from aif360.algorithms.postprocessing import RejectOptionClassification

    plain = LogisticRegression(max_iter=1000).fit(x, y)

    def scored(rows, group, label=None):
        data = dataset(rows, np.zeros(len(rows)) if label is None else label, group)
        result = data.copy(deepcopy=True)
        result.scores = plain.predict_proba(rows)[:, 1:]
        result.labels = (result.scores > 0.5).astype(float)
        return data, result

    for bound in [0.02, 0.05, 0.1]:
        option = RejectOptionClassification(**groups, metric_ub=bound, metric_lb=-bound, num_ROC_margin=20).fit(*scored(x, z, y))
        yield "AIF360 reject option", bound, lambda rows, z, option=option: option.predict(scored(rows, z)[1]).labels.ravel()
    try:
        import tensorflow.compat.v1 as tf
    except ImportError:
        return
    tf.disable_eager_execution()
    from aif360.algorithms.inprocessing import AdversarialDebiasing

    for weight in [0.1, 1.0]:
        tf.reset_default_graph()
        session = tf.Session()
        model = AdversarialDebiasing(**groups, scope_name="d", sess=session, seed=seed, adversary_loss_weight=weight, num_epochs=15)
        with open(os.devnull, "w") as nowhere:
            kept, sys.stdout = sys.stdout, nowhere
            model.fit(dataset(x, y, z))
            sys.stdout = kept
        yield "AIF360 adversarial", weight, lambda rows, z, model=model: model.predict(dataset(rows, np.zeros(len(rows)), z)).labels.ravel()


def peers(name):
    x, y, z = {"adult": adult, "compas": compas}[name](pathlib.Path(os.environ["EQUIPOISE_DATA"]))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            rows = splits(f"{name}-methods", seed, folder)
            train, validation, test = rows["train"], rows["validation"], rows["test"]
            for methods in [fairlearn_methods, fairlearn_adversarial, aif360_methods]:
                try:
                    start = time.perf_counter()
                    for method, knob, chances in methods(x[train], y[train], z[train], seed):
                        point = [measured(chances(x[part], z[part]), y[part], z[part]) for part in (validation, test)]
                        found.setdefault(method, {}).setdefault(knob, []).append(point)
                        shown = method if knob is None else f"{method} ({knob})"
                        seconds, start = time.perf_counter() - start, time.perf_counter()
                        print(f"{name}, seed {seed}: {shown}, {seconds:.0f} s", file=sys.stderr, flush=True)
                except ImportError as error:
                    print(f"left out: {error}", file=sys.stderr)
    # [validation, test] × [accuracy, gap], means over the seeds.
    return {method: {knob: np.mean(points, axis=0) for knob, points in knobs.items()} for method, knobs in found.items()}


def own(name):
    with tempfile.TemporaryDirectory() as folder:
        command = [TOOL, "compare", ROOT / f"Configs/{name}-methods.json", "-q", "--json", "--output", folder]
        record = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)

    def pair(point, part):
        return [point[part]["accuracy"]["mean"], point[part]["metric"]["mean"]]

    return {
        f"equipoise {method['name']}": {
            place: np.array([pair(point, "judged"), pair(point, "test")])
            for place, point in enumerate(method["points"])
            # Parity of those who decide nearly all rows alike is no result.
            if not point["nearlyConstant"] and not point["failures"]
        }
        for method in record["methods"]
    }


def main():
    for name in sys.argv[1:] or ["adult", "compas"]:
        print(f"## {name}\n\n| method | " + " | ".join(f"≤ {bound}" for bound in BOUNDS) + " |")
        print("|---|" + "---|" * len(BOUNDS))
        for method, knobs in {**own(name), **peers(name)}.items():
            cells = []
            for bound in BOUNDS:
                fitting = [point for point in knobs.values() if point[0][1] <= bound]
                best = max(fitting, key=lambda point: point[0][0], default=None)
                cells.append("–" if best is None else f"{best[1][0]:.3f} ({best[1][1]:.3f})")
            print(f"| {method} | " + " | ".join(cells) + " |", flush=True)
        print()


if __name__ == "__main__":
    main()
