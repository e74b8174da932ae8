"""Golden values for the tests of Mitigation: linear programmes and choices between iterates, from SciPy.

    pip install numpy==2.4.6 scipy==1.17.1
    python Scripts/golden/selection.py programs > Tests/MitigationTests/Golden/programs.json
    python Scripts/golden/selection.py choices > Tests/MitigationTests/Golden/choices.json

The inputs are random but for the seed, and stored with the results, rounded to a few digits so that both sides read the
same numbers.
"""

import json
import sys

import numpy as np
import scipy
from scipy.optimize import linprog
from scipy.stats import rankdata

STATUS = {0: "optimal", 2: "infeasible", 3: "unbounded"}


def solve(c, a, b, e, d):
    result = linprog(
        c, A_ub=a or None, b_ub=b or None, A_eq=e or None, b_eq=d or None, bounds=(0, None), method="highs"
    )
    return STATUS[result.status], result.fun if result.status == 0 else None


def programs(random):
    cases = []
    for number in range(60):
        n = int(random.integers(1, 9))
        m = int(random.integers(0, 7))
        k = int(random.integers(0, min(3, n)))
        digits = 0 if number % 2 else 2  # whole numbers make degenerate vertices
        c = random.normal(0, 2, n).round(digits)
        a = random.normal(0, 2, (m, n)).round(digits)
        b = random.normal(1, 2, m).round(digits)
        e = random.normal(0, 2, (k, n)).round(digits)
        # Half of the equalities have a solution for sure.
        d = (e @ random.random(n).round(1) if number % 4 < 2 else random.normal(0, 2, k)).round(6)
        if number % 3 == 0:  # a box, so that the optimum exists
            a = np.vstack([a, np.eye(n)])
            b = np.concatenate([b, np.full(n, 3.0)])
        arrays = [x.tolist() for x in (c, a, b, e, d)]
        status, value = solve(*arrays)
        cases.append(dict(zip(("c", "a", "b", "e", "d"), arrays), status=status, value=value))
    return cases


def choices(random):
    cases = []
    for number in range(40):
        t = int(random.integers(1, 30))
        m = int(random.integers(1, 5))
        digits = 1 if number % 2 else 3  # few digits make ties
        f = random.random(t).round(digits)
        g = (random.normal(0.15 if number % 3 == 0 else 0, 0.1, (t, m))).round(digits)
        ones = np.ones((1, t))
        strict = linprog(f, A_ub=g.T, b_ub=np.zeros(m), A_eq=ones, b_eq=[1], method="highs")
        least = linprog(
            np.append(np.zeros(t), 1), A_ub=np.hstack([g.T, -np.ones((m, 1))]), b_ub=np.zeros(m),
            A_eq=np.append(ones, [[0]], axis=1), b_eq=[1], method="highs",
        )
        bound = 0.0 if strict.status == 0 else float(least.fun)
        best = strict if strict.status == 0 else linprog(
            f, A_ub=g.T, b_ub=np.full(m, bound), A_eq=ones, b_eq=[1], method="highs"
        )
        # The rank heuristic: the smallest maximum of two ranks, then the smallest objective.
        rank = np.maximum(rankdata(f, "min"), rankdata(np.maximum(0, g.max(axis=1)), "min"))
        cases.append({
            "objectives": f.tolist(), "violations": g.tolist(), "mixtureViolation": bound,
            "mixtureObjective": float(best.fun) if best.status == 0 else None,
            "bestRank": int(rank.min()), "ranks": rank.astype(int).tolist(),
        })
    return cases


if __name__ == "__main__":
    what = sys.argv[1]
    random = np.random.default_rng(20261122)
    cases = {"programs": programs, "choices": choices}[what](random)
    made_with = {"numpy": np.__version__, "scipy": scipy.__version__, "python": sys.version.split()[0]}
    print(json.dumps({"madeWith": made_with, "cases": cases}))
