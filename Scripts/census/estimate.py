#!/usr/bin/env python3
"""Estimates the census simulator's tables from UCI Adult and writes them as Swift source.

    Scripts/census/estimate.py <data folder> Sources/TabularData/Simulation/CensusModelData.swift

The data folder holds adult/adult.data. Versions: Scripts/census/requirements.txt.

Every conditional table is a chain of back-offs: with the parents in order of importance, the shares given the first k
are mixed with the shares given the first k − 1, which weigh as `strength` rows. Income is a logistic model of binned
main effects and pairs. The causal order is an assumption; see TabularData.docc/CensusSimulator.md.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from adult import read_adult
from simulate import simulate

SEXES = ["Female", "Male"]
RACES = ["White", "Black", "Asian-Pac-Islander", "Amer-Indian-Eskimo", "Other"]
EDUCATION = [
    "Preschool", "1st-4th", "5th-6th", "7th-8th", "9th", "10th", "11th", "12th", "HS-grad", "Some-college",
    "Assoc-voc", "Assoc-acdm", "Bachelors", "Masters", "Prof-school", "Doctorate",
]
MARITAL = [
    "Never-married", "Separated", "Divorced", "Widowed", "Married-spouse-absent", "Married-AF-spouse",
    "Married-civ-spouse",
]
RELATIONSHIP = ["Own-child", "Other-relative", "Not-in-family", "Unmarried", "Husband", "Wife"]
# By region, so that a table of the other race moves a person to a country near by where it can.
COUNTRIES = [
    ["United-States", "Outlying-US(Guam-USVI-etc)"],
    ["?"],
    ["Canada", "England", "Scotland", "Ireland", "France", "Germany", "Holand-Netherlands", "Italy", "Portugal",
     "Greece", "Hungary", "Poland", "Yugoslavia"],
    ["Mexico"],
    ["Puerto-Rico", "Cuba", "Dominican-Republic", "Haiti", "Jamaica", "Trinadad&Tobago", "El-Salvador", "Guatemala",
     "Honduras", "Nicaragua", "Columbia", "Ecuador", "Peru"],
    ["India", "Iran", "China", "Hong", "Taiwan", "Japan", "South", "Cambodia", "Laos", "Philippines", "Thailand",
     "Vietnam"],
]


class Estimator:
    """Builds nodes one after the other; `codes` are those of Adult's rows."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = len(columns["age"])
        self.codes, self.nodes = {}, []

    def encode(self, name, categories):
        lookup = {category: code for code, category in enumerate(categories)}
        return np.array([lookup[cell] for cell in self.columns[name].tolist()])

    def bins(self, name, groups):
        """`groups`: the bin of every code, or upper bounds (inclusive) of numeric bins."""
        return {"name": name, "bins": [int(group) for group in groups]}

    def add(self, node, codes, parents, sizes, total, strength=20.0, exact=1, floor=0.25):
        """Adds a node with a smoothed table; below `exact` parents nothing is mixed in.

        A share that rounds to less than `floor` of one part in `total` becomes 0.
        """
        width, context, shares = sizes, np.zeros(self.rows, int), None
        count = 1
        for level in range(len(parents) + 1):
            if level > 0:
                bins = np.asarray(parents[level - 1]["bins"])
                radix = bins.max() + 1
                context = context * radix + bins[self.codes[parents[level - 1]["name"]]]
                shares = np.repeat(shares, radix, axis=0)
                count *= radix
            counts = np.zeros((count, width))
            np.add.at(counts, (context, codes), 1)
            weight = counts.sum(axis=1, keepdims=True)
            if level == 0:
                shares = counts / weight
            elif level < exact:
                shares = np.where(weight > 0, counts / np.maximum(weight, 1), shares)
            else:
                shares = (counts + strength * shares) / (weight + strength)
        node |= {"parents": parents, "total": total, "table": apportion(shares, total, floor)}
        self.codes[node["name"]] = codes
        self.nodes.append(node)


def apportion(shares, total, floor=0.25):
    """Rows of integers that sum to `total`, by largest remainder."""
    result = []
    for row in shares:
        row = np.where(row * total < floor, 0, row)
        row = row / row.sum() * total
        whole = np.floor(row).astype(int)
        order = np.argsort(whole - row, kind="stable")
        whole[order[: total - whole.sum()]] += 1
        result.append(whole.tolist())
    return result


def cut(values, bounds):
    """The bin of every value: the number of bounds below it (bounds are inclusive upper ends)."""
    return np.searchsorted(np.asarray(bounds), np.asarray(values), side="left")


def groups_of(categories, groups):
    """The bin of every category: the number of the group that names it; the last bin for those that no group names."""
    lookup = {category: number for number, group in enumerate(groups) for category in group}
    return [lookup.get(category, len(groups)) for category in categories]


def banded(values, bounds):
    """Contiguous bands of a numeric column: for every band its values and their counts."""
    bands = []
    codes = cut(values, bounds)
    for band in range(len(bounds) + 1):
        distinct, counts = np.unique(values[codes == band], return_counts=True)
        bands.append([distinct.tolist(), counts.tolist()])
    return codes, bands


def purest_bounds(values, labels, leaves, minimum):
    """Bounds between bands of non-zero values that tell the labels apart best; 0 is a band of its own."""
    present = values > 0
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=minimum, random_state=0)
    tree.fit(values[present, None], labels[present])
    thresholds = tree.tree_.threshold[tree.tree_.feature >= 0]
    return [0] + sorted(int(np.floor(threshold)) for threshold in thresholds)


def by_income(columns, name):
    """The categories of a column, from the lowest share of incomes above 50K to the highest."""
    cells, high = columns[name], columns["income"] == ">50K"
    return sorted(set(cells.tolist()), key=lambda category: (high[cells == category].mean(), category))


def estimate(columns):
    """The whole model, as the list of nodes in causal order."""
    e = Estimator(columns)
    high = (columns["income"] == ">50K").astype(int)

    # Who is in the sample. Sex, race and age are not independent in it, and none of them causes another: all three
    # hang on a hidden stratum, so that setting one leaves the others alone.
    sex, race = e.encode("sex", SEXES), e.encode("race", RACES)
    strata = [f"{s}, {r}" for s in SEXES for r in RACES]
    e.add({"name": "stratum", "hidden": True, "categories": strata}, sex * 5 + race, [], 10, 65535)
    stratum = e.bins("stratum", range(10))
    e.add({"name": "sex", "categories": SEXES}, sex, [e.bins("stratum", [0] * 5 + [1] * 5)], 2, 65535, exact=2)
    e.add({"name": "race", "categories": RACES}, race, [e.bins("stratum", [*range(5)] * 2)], 5, 65535, exact=2)
    ages = np.unique(columns["age"])
    e.add({"name": "age", "values": ages.tolist()}, np.searchsorted(ages, columns["age"]), [stratum], len(ages), 9999)

    by_sex, by_race = e.bins("sex", [0, 1]), e.bins("race", range(5))
    three_races, four_races = e.bins("race", [0, 1, 2, 2, 2]), e.bins("race", [0, 1, 2, 3, 3])
    black = e.bins("race", [0, 1, 0, 0, 0])

    def by_age(*bounds):
        return e.bins("age", cut(ages, bounds))

    edges = np.unique(np.quantile(columns["fnlwgt"], np.linspace(0, 1, 65)).round().astype(int))
    edges[-1] += 1
    e.add({"name": "fnlwgt", "edges": edges.tolist()}, np.searchsorted(edges, columns["fnlwgt"], side="right") - 1,
          [three_races, by_sex], len(edges) - 1, 9999)

    countries = sum(COUNTRIES, [])
    e.add({"name": "native-country", "categories": countries}, e.encode("native-country", countries), [by_race],
          len(countries), 65535, strength=5)
    region = [number for number, group in enumerate(COUNTRIES) for _ in group]
    # For schooling: born in the States or unknown; Europe and Canada; Mexico; the rest of Latin America; Asia.
    by_region = e.bins("native-country", [{0: 0, 1: 0, 2: 1, 3: 2, 4: 3, 5: 4}[r] for r in region])

    e.add({"name": "education", "categories": EDUCATION}, e.encode("education", EDUCATION),
          [by_age(17, 18, 19, 20, 22, 24, 29, 39, 49, 59), by_sex, by_region, four_races], 16, 4999)
    e.add({"name": "education-num", "values": [*range(1, 17)]}, columns["education-num"] - 1,
          [e.bins("education", range(16))], 16, 1, exact=2)
    seven_schools = e.bins("education", [0] * 8 + [1, 2, 3, 3, 4, 5, 6, 6])
    four_schools = e.bins("education", [0] * 8 + [1, 2, 2, 2, 3, 3, 3, 3])

    e.add({"name": "marital-status", "categories": MARITAL}, e.encode("marital-status", MARITAL),
          [by_age(19, 21, 23, 25, 27, 30, 35, 40, 50, 60, 70), by_sex, three_races, four_schools], 7, 9999)
    married = e.bins("marital-status", [0, 0, 0, 0, 0, 1, 1])

    e.add({"name": "relationship", "categories": RELATIONSHIP}, e.encode("relationship", RELATIONSHIP),
          [e.bins("marital-status", range(7)), by_sex, by_age(20, 24, 29, 39, 54), three_races], 6, 9999,
          exact=3)

    workclasses = by_income(columns, "workclass")
    e.add({"name": "workclass", "categories": workclasses}, e.encode("workclass", workclasses),
          [by_age(19, 24, 34, 54, 61, 66), by_sex, seven_schools, married, black], 9, 2999)
    five_classes = e.bins("workclass", groups_of(
        workclasses, [["?", "Never-worked"], ["Private", "Without-pay"], ["Self-emp-not-inc"], ["Self-emp-inc"]]))

    occupations = by_income(columns, "occupation")
    e.add({"name": "occupation", "categories": occupations}, e.encode("occupation", occupations),
          [five_classes, by_sex, seven_schools, by_age(24, 34), married, black],
          len(occupations), 2999, exact=2)
    six_trades = e.bins("occupation", groups_of(occupations, [
        ["?"], ["Exec-managerial", "Prof-specialty"], ["Adm-clerical", "Tech-support", "Protective-serv"],
        ["Craft-repair", "Machine-op-inspct", "Transport-moving", "Handlers-cleaners", "Armed-Forces"],
        ["Farming-fishing"]]))
    three_classes = e.bins("workclass", groups_of(workclasses, [["Self-emp-inc"], ["Self-emp-not-inc", "Without-pay"]]))

    hours, bands = banded(columns["hours-per-week"], [19, 24, 29, 34, 39, 40, 44, 49, 54, 59, 69])
    e.add({"name": "hours-per-week", "bands": bands}, hours,
          [by_age(20, 24, 61), six_trades, e.bins("relationship", [0, 1, 1, 1, 2, 2]), three_classes, by_sex,
           black], len(bands), 1999)

    gains, bands = banded(columns["capital-gain"], purest_bounds(columns["capital-gain"], high, 14, 20))
    e.add({"name": "capital-gain", "bands": bands}, gains,
          [married, by_age(29, 39, 49), four_schools, by_sex, e.bins("workclass", groups_of(
              workclasses, [["Self-emp-inc", "Self-emp-not-inc"]])), black], len(bands), 9999)
    losses, bands = banded(columns["capital-loss"], purest_bounds(columns["capital-loss"], high, 10, 20))
    gained = e.bins("capital-gain", [0] + [1] * (gains.max()))
    e.add({"name": "capital-loss", "bands": bands}, losses,
          [gained, married, by_age(29, 39, 49), four_schools, by_sex, black], len(bands), 9999, exact=2)

    add_income(e, high, workclasses, occupations, region)
    return e.nodes


def add_income(e, high, workclasses, occupations, region):
    """Income: sigmoid of a sum of scores, one for each term; a term is one parent or a pair of them, in bins."""
    whole = {node["name"]: e.bins(node["name"], range(len(node["table"][0]))) for node in e.nodes}
    ages = next(node["values"] for node in e.nodes if node["name"] == "age")
    age = e.bins("age", cut(ages, [21, 24, 27, 30, 33, 36, 40, 45, 50, 55, 60, 65, 70]))
    married = e.bins("marital-status", [0, 1, 1, 1, 1, 2, 2])
    trade, school = whole["occupation"], e.bins("education", [0] * 5 + [1] * 3 + [2, 3, 4, 4, 5, 6, 7, 7])
    hours = whole["hours-per-week"]
    sex, race = whole["sex"], whole["race"]
    terms = [
        [age, school], [age, married], [whole["education"]], [school, married], [trade, married], [trade, school],
        [whole["relationship"], sex], [whole["workclass"], school], [trade, e.bins("workclass", groups_of(
            workclasses, [["?", "Never-worked", "Without-pay"], ["Private"], ["Self-emp-not-inc"], ["Self-emp-inc"]]))],
        [hours, married], [hours, school], [hours, trade], [hours, age], [whole["capital-gain"]],
        [whole["capital-loss"]], [sex, school], [sex, trade], [sex, age], [sex, hours], [race, sex], [race, married],
        [e.bins("native-country", region), married],
    ]

    blocks, indices = [], []
    for term in terms:
        index = 0
        for parent in term:
            bins = np.asarray(parent["bins"])
            index = index * (bins.max() + 1) + bins[e.codes[parent["name"]]]
        size = int(np.prod([max(parent["bins"]) + 1 for parent in term]))
        blocks.append(csr_matrix((np.ones(e.rows), (np.arange(e.rows), index)), shape=(e.rows, size)))
        indices.append((index, size))
    model = LogisticRegression(C=1, max_iter=2000, tol=1e-6).fit(hstack(blocks).tocsr(), high)

    unit, shift = 256, 3
    scores = np.rint(model.coef_[0] * unit).astype(int)
    node_terms, start = [], 0
    for term, (_, size) in zip(terms, indices):
        node_terms.append({"parents": term, "scores": scores[start:start + size].tolist()})
        start += size
    # The last two scores of the race × sex term take the intercept and the correction to the base rates.
    position = next(i for i, term in enumerate(terms) if term == [race, sex])
    offset = np.asarray(node_terms[position]["scores"]) + int(round(model.intercept_[0] * unit))
    total = 65535
    steps = (np.arange(-256, 256) + 0.5) / (unit >> shift)
    sigmoid = np.rint(total / (1 + np.exp(-steps))).astype(int).tolist()
    income = {"name": "income", "categories": ["<=50K", ">50K"], "terms": node_terms, "sigmoid": sigmoid,
              "shift": shift, "total": total}
    e.nodes.append(income)

    # The simulated parents are a little less dependent than Adult's; race × sex scores are moved until the simulated
    # base rates equal Adult's, as far as Adult's rows (with 30 more at the total rate) tell them.
    stratum = e.codes["sex"] + 2 * e.codes["race"]
    rate = high.mean()
    wanted = np.array([(high[stratum == s].sum() + 30 * rate) / ((stratum == s).sum() + 30) for s in range(10)])
    correction = np.zeros(10)
    for _ in range(6):
        node_terms[position]["scores"] = (offset + np.rint(correction * unit).astype(int)).tolist()
        columns, codes = simulate({"nodes": e.nodes}, 400_000, seed=1)
        simulated = codes["sex"] + 2 * codes["race"]
        found = np.array([max(codes["income"][simulated == s].mean(), 1e-3) for s in range(10)])
        correction += np.log(wanted / (1 - wanted)) - np.log(found / (1 - found))
    print("base rates by race × sex wanted", wanted.round(4), "found", found.round(4), file=sys.stderr)


# MARK: - Writing

def packed(rows):
    """Integers in one string, row after row; a run of n ≥ 2 zeros is written −n."""
    parts, zeros = [], 0
    for number in [*rows, None]:
        if number == 0:
            zeros += 1
            continue
        if zeros:
            parts.append("0" if zeros == 1 else str(-zeros))
            zeros = 0
        if number is not None:
            parts.append(str(number))
    return " ".join(parts)


def plain(numbers):
    return " ".join(str(number) for number in numbers)


def lines_of(node):
    """A node in the form that CensusModelReader.swift describes."""
    yield f"node {node['name']}"
    yield f"total {node['total']}"
    if "hidden" in node:
        yield f"hidden {len(node['categories'])}"
    elif "categories" in node:
        yield "categories " + ",".join(node["categories"])
    for key in ("values", "edges"):
        if key in node:
            yield f"{key} {plain(node[key])}"
    for values, weights in node.get("bands", []):
        yield f"band {plain(values)}|{plain(weights)}"
    yield from (f"parent {parent['name']} {plain(parent['bins'])}" for parent in node.get("parents", []))
    if "table" in node:
        yield "table " + packed([share for row in node["table"] for share in row])
    for term in node.get("terms", []):
        yield from (f"parent {parent['name']} {plain(parent['bins'])}" for parent in term["parents"])
        yield f"scores {plain(term['scores'])}"
    if "sigmoid" in node:
        yield f"sigmoid {plain(node['sigmoid'])}"
        yield f"shift {node['shift']}"


def swift_source(text, digest):
    """The text in a Swift raw string, its lines broken into shorter ones that the compiler joins again."""
    body = []
    for line in text.splitlines():
        while len(line) > 110:
            # A line must not end in a blank, which the formatter would take away.
            end = 110
            while line[end - 1] == " ":
                end -= 1
            body.append(line[:end] + "\\#")
            line = line[end:]
        body.append(line)
    joined = "\n    ".join(body)
    return f'''/// The tables of the census simulator, written by Scripts/census/estimate.py; do not edit.
///
/// Source: UCI Adult (Becker and Kohavi 1996, doi 10.24432/C5XW20, CC BY 4.0), adult.data with the SHA-256
/// {digest}.
/// The rows themselves are not in here.
enum CensusModelData {{
  /// The form is told at `CensusModelReader`.
  static let text: StaticString = #"""
    {joined}
    """#
}}
'''


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    columns, digest = read_adult(sys.argv[1])
    # Three rows contradict themselves; without them there are no husbands among women.
    crossed = ((columns["sex"] == "Female") & (columns["relationship"] == "Husband")
               | (columns["sex"] == "Male") & (columns["relationship"] == "Wife"))
    columns = {name: cells[~crossed] for name, cells in columns.items()}
    nodes = estimate(columns)
    texts = ["\n".join(lines_of(node)) + "\n" for node in nodes]
    Path(sys.argv[2]).write_text(swift_source("".join(texts), digest))
    for node, text in zip(nodes, texts):
        print(f"{node['name']:16} {len(node.get('table', [])):5} contexts {len(text):7} bytes", file=sys.stderr)
    print(f"{sum(map(len, texts))} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
