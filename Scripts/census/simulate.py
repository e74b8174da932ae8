"""The census simulator in numpy: an independent second implementation of Sources/TabularData/Simulation.

A model is a list of nodes in causal order. Every node of every row has one 64-bit word of noise, a counter hash of
(seed, node, row). Its upper half chooses the code, its lower half the value within the code's band, so that both are
non-decreasing in the word. All arithmetic is on integers.
"""

import numpy as np

MASK = (1 << 64) - 1


def mix(word):
    """The finalizer of SplitMix64, on an array of uint64."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def noise(seed, node, rows):
    """The words of one node for an array of row numbers: output `row` of the SplitMix64 whose seed is the node's key."""
    golden = 0x9E3779B97F4A7C15
    key = mix(np.array([(int(mix(np.array([seed], np.uint64))[0]) + (node + 1) * golden) & MASK], np.uint64))[0]
    return mix(key + (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(golden))


def scaled(halves, total):
    """⌊half · total / 2³²⌋ for 32-bit halves."""
    return (halves * np.uint64(total)) >> np.uint64(32)


def context(parents, codes):
    """The row number in a table whose first parent is the most significant digit."""
    index = 0
    for parent in parents:
        bins = np.asarray(parent["bins"])
        index = index * (bins.max() + 1) + bins[codes[parent["name"]]]
    return index


def simulate(model, count, seed, first=0, setting=None):
    """Columns of `count` rows from row `first`: integers, or strings with '?' for a missing cell.

    `setting` maps names to codes: those nodes take the code instead of their own equation's.
    """
    rows = np.arange(first, first + count)
    codes, columns = {}, {}
    for number, node in enumerate(model["nodes"]):
        name, word = node["name"], noise(seed, number, rows)
        upper, lower = word >> np.uint64(32), word & np.uint64(0xFFFFFFFF)
        if setting and name in setting:
            code = np.full(count, setting[name])
        elif "terms" in node:
            score = sum(np.asarray(term["scores"])[context(term["parents"], codes)] for term in node["terms"])
            sigmoid = np.asarray(node["sigmoid"])
            step = np.clip((score >> node["shift"]) + len(sigmoid) // 2, 0, len(sigmoid) - 1)
            code = (scaled(upper, node["total"]) >= node["total"] - sigmoid[step]).astype(int)
        else:
            cumulative = np.cumsum(np.asarray(node["table"]), axis=1)
            row = context(node["parents"], codes)
            draw = scaled(upper, node["total"])
            if np.ndim(row) == 0:
                row = np.full(count, row)
            code = np.empty(count, int)
            for start in range(0, count, 65536):
                part = slice(start, start + 65536)
                code[part] = (cumulative[row[part]] <= draw[part, None].astype(int)).sum(axis=1)
        codes[name] = code
        if "edges" in node:
            edges = np.asarray(node["edges"])
            width = (edges[1:] - edges[:-1])[code].astype(np.uint64)
            columns[name] = edges[code] + ((lower * width) >> np.uint64(32)).astype(int)
        elif "bands" in node:
            column = np.empty(count, int)
            for band, (values, weights) in enumerate(node["bands"]):
                here = code == band
                cumulative = np.cumsum(weights)
                column[here] = np.asarray(values)[
                    np.searchsorted(cumulative, scaled(lower[here], cumulative[-1]).astype(int), side="right")]
            columns[name] = column
        elif "values" in node:
            columns[name] = np.asarray(node["values"])[code]
        elif not node.get("hidden"):
            columns[name] = np.asarray(node["categories"])[code]
    return columns, codes
