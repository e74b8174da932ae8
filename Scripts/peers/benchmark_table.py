"""How Scripts/benchmark sums up its turns, and prints them."""

import os
import platform
import statistics
from pathlib import Path

from benchmark_setup import UNSET


def spread(values):
    return {"median": statistics.median(values), "minimum": min(values), "maximum": max(values), "values": values}


def summarised(turns):
    """Median, minimum and maximum of each figure over the turns; what is not a number is taken from the last turn."""
    failures = [turn["failed"] for turn in turns if "failed" in turn]
    whole = [turn for turn in turns if "failed" not in turn]
    summary = {}
    for key in whole[-1] if whole else []:
        values = [turn[key] for turn in whole if key in turn]
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
        summary[key] = spread(values) if numbers else values[-1]
    return {**summary, **({"failures": failures} if failures else {})}


def part(results, name, key, which="median"):
    figure = results.get(name, {}).get(key)
    return figure[which] if isinstance(figure, dict) and "median" in figure else None


def ratios(results, keys):
    """Each contestant's median over Equipoise's or the plain game's (or, without them, the fastest one's), by figure."""
    made = {}
    for key in keys:
        medians = {name: part(results, name, key) for name in results}
        medians = {name: value for name, value in medians.items() if value}
        if not medians:
            continue
        known = [name for name in ("equipoise", "prediction") if name in medians]
        base = known[0] if known else min(medians, key=medians.get)
        made[key] = {"over": base, **{name: value / medians[base] for name, value in medians.items()}}
    return made


def print_results(heading, titles, results):
    """Prints a table of each figure, and returns the ratios."""
    made = ratios(results, titles)
    print(f"\n{heading}")
    for key, title in titles.items():
        base = made.get(key, {}).get("over")
        heading = f"  {title:32}{'median':>10}{'minimum':>10}{'maximum':>10}{'ratio':>9}"
        print(heading + (f"  to {base}" if base else ""))
        for name, figures in results.items():
            if part(results, name, key) is not None:
                cells = "".join(f"{figures[key][column]:>10.2f}" for column in ["median", "minimum", "maximum"])
                print(f"    {name:30}{cells}{made[key][name]:>8.2f}×")
    for name, figures in results.items():
        for failure in sorted(set(figures.get("failures", []))):
            print(f"  {name} failed: {failure}")
    return made


def print_limits(size, results):
    """Prints what one core can do, and how close the step comes to it; returns the shares."""
    peak = part(results, "ceilings", "fmaGigaflops", "maximum")
    if not peak:
        return {}
    limits = results["ceilings"]
    print(f"  one core: FMA {peak:.0f} GFLOP/s, sgemm at 1024 "
          f"{part(results, 'ceilings', 'sgemm1024Gigaflops', 'maximum'):.0f} GFLOP/s; a classifier step's products: "
          f"{part(results, 'ceilings', 'stepProductsMicroseconds', 'minimum'):.2f} µs in OpenBLAS "
          f"({limits['openBLASCore']})")
    shares = {}
    operations = part(results, "ceilings", "stepOperations")
    for name in ["equipoise", "fused", "fused-dense"]:
        step = part(results, name, "classifierStepMicroseconds", "minimum")
        if step:
            shares[name] = operations / step / 1e3 / peak
            print(f"  {name}: {operations / step / 1e3:.0f} GFLOP/s counted dense ({operations / size:.0f} a row), "
                  f"{shares[name]:.0%} of the FMA peak")
    return shares


def machine():
    model = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    return {
        "processor": model, "architecture": platform.machine(), "cores": os.cpu_count(), "system": platform.platform(),
        "load": list(os.getloadavg()), "unset": [name for name in UNSET if name in os.environ],
    }


# What Equipoise aims at: name, what it is, whether more or less is better, the aim.
AIMS = [
    ("overFusedLimit", "classifier step over the fused limit, batch 32", "at most", 1.6),
    ("articleOverEquipoise", "game epoch: the article's PyTorch over Equipoise", "at least", 100),
    ("jaxOverEquipoise", "game epoch: JAX over Equipoise", "at least", 4),
    ("shareOfPeak512", "share of the FMA peak, batch 512", "at least", 0.6),
    ("shareOfPeak4096", "share of the FMA peak, batch 4096", "at least", 0.6),
    ("encodingRatio", "CSV to matrices: pandas and scikit-learn over Equipoise", "at least", 5),
    ("adultRunSeconds", "whole Adult run, s", "at most", 1.0),
    ("seedsRatio", "eight seeds: one after the other over two at a time", "at least", 1.85),
    ("metricsSeconds", "metrics of 10⁷ rows, s", "at most", 0.4),
    ("startMilliseconds", "start-up of equipoise --version, ms", "at most", 10),
]


def print_aims(found):
    """Prints which aims are met, of those that were measured."""
    measured = [aim for aim in AIMS if found.get(aim[0]) is not None]
    if measured:
        print("\nAims, from the minima")
    for key, title, sense, aim in measured:
        met = found[key] <= aim if sense == "at most" else found[key] >= aim
        print(f"  {title:58}{found[key]:>9.3g}  {sense} {aim:g}: {'met' if met else 'not met'}")
