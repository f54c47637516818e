"""Small tables of groups, divisors and trainings, with the columns of the real ones."""

from itertools import combinations

import numpy as np
import pandas as pd

from pgpipe.oracles import groups

FORMS = ("leave_one_out", "own_mean", "normalized")
NAMES = ("total_return", "mean_baseline")


def ratios(off=0.0, width=0.05, successes=(0.1, 0.5), sizes=(2, 8), form=None):
    """Measured ratios on the exact ones; those of a form off by so much."""
    rows = [(p, G, f, groups.ratio(f, G, p)) for p in successes for G in sizes for f in FORMS]
    table = pd.DataFrame(rows, columns=["success", "group_size", "form", "exact"])
    table["ratio"] = table["exact"] + np.where(table["form"] == form, off, 0.0)
    return table.assign(low=table["ratio"] - width, high=table["ratio"] + width, groups=1000)


def directions(angle=10.0, width=1.0, sizes=(2, 8, 64)):
    """Normalised groups turn by this angle, but for groups of two."""
    rows = [(G, f, angle if f == "normalized" and G > 2 else 0.0) for G in sizes for f in FORMS]
    table = pd.DataFrame(rows, columns=["group_size", "form", "exact"])
    table = table.assign(degrees=table["exact"], low=table["exact"] - width, high=table["exact"] + width)
    cosine = np.cos(np.radians(table["exact"]))
    return table.assign(exact_cosine=cosine, groups=1000, prompts=2, limit=15.0, limit_cosine=0.966)


def divisors(angle=10.0, width=1.0, sizes=(1, 2, 8)):
    """Each by its own length is off by this angle, all else by none."""
    rows = [
        (where, d, b, n, angle if d == "each" else 0.0)
        for where in ("two decisions", "prompts")
        for d in ("trajectories", "steps", "each", "constant")
        for b in ("none", "exact", "mean")
        for n in sizes
        if n > 1 or b != "mean"
    ]
    table = pd.DataFrame(rows, columns=["environment", "divisor", "baseline", "batch_size", "exact_degrees"])
    a = table["exact_degrees"]
    table = table.assign(degrees=a, degrees_low=a - width, degrees_high=a + width, replicates=500)
    for name, column in (("exact", a), ("cosine", a), ("cosine_low", a + width), ("cosine_high", a)):
        table[name] = np.cos(np.radians(column))
    two, wrong = table["environment"] == "two decisions", table["divisor"] == "each"
    table["long"] = np.where(two, np.where(wrong, -0.02, 0.05), np.nan)
    for name in ("right", "exact_long", "exact_right"):
        table[name] = np.where(two, 0.1, np.nan)
    return table


def summary(names=NAMES, updates=8, longer=2.0):
    """Two environments, of which the first has wrong responses; the last estimator's become longer."""
    rows = [
        (where, f"{where}_{name}", name, u, longer * u / updates if name == names[-1] else 0.0)
        for where in ("prompts", "grouped_cartpole")
        for name in names
        for u in range(updates + 1)
    ]
    table = pd.DataFrame(rows, columns=["environment", "recipe", "estimator", "update", "more"])
    table["iqm"] = 0.1 * table["update"]
    table["length"] = 3.0 + table["more"]
    table["wrong_length"] = (3.5 + table["more"]).where(table["environment"] == "prompts")
    for name in ("length", "wrong_length"):
        table[f"{name}_low"], table[f"{name}_high"] = table[name] - 0.1, table[name] + 0.1
    table = table.assign(low=table["iqm"] - 0.1, high=table["iqm"] + 0.1, seeds=4, diverged=0)
    return table.assign(env_steps=100.0 * table["update"]).drop(columns="more")


def differences(names=NAMES, difference=0.5, width=0.1):
    """The first estimator of a pair has so much more of every measure."""
    rows = [
        (where, m, one, one, other, other, difference)
        for where in ("prompts", "grouped_cartpole")
        for m in ("final return", "return over training", "final length", "length over training")
        for one, other in combinations(names, 2)
    ]
    columns = ["environment", "measure", "recipe", "estimator", "other", "other_estimator", "difference"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(value=1.0, other_value=0.5, low=difference - width, high=difference + width, seeds=4)


def tables():
    """What the figures read."""
    curves = pd.DataFrame([(p, G) for G in (2, 8) for p in (0.02, 0.1, 0.5, 0.9)])
    curves.columns = ["success", "group_size"]
    exact = [
        groups.ratio("normalized", G, p) for p, G in zip(curves["success"], curves["group_size"], strict=True)
    ]
    return {
        "group_ratios": ratios(),
        "group_curves": curves.assign(exact=exact, limit=curves["success"].map(groups.ratio_limit)),
        "group_directions": directions(),
        "divisor_directions": divisors(),
        "recent_summary": summary(),
        "recent_differences": differences(),
    }
