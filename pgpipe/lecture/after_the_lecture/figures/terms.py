"""P24 Where the variance of a gradient sits

A panel for each environment with a logarithmic vertical axis, from the untrained policy to the trained one:
the parts of the variance that come from the states, from the actions, and from the rest of the trajectory.
Without a baseline the part of the actions is by far the largest; with the state's value subtracted it falls
by orders of magnitude, below that of the trajectory or near it, and the part of the states is small
throughout.

The variance $N\\,\\mathrm{tr}\\,\\mathrm{Cov}\\,\\hat g$ of rewards to go, split step by step into what
states, actions and the rest of the trajectory contribute, at policies on the way of training; covariances
between steps are left out. Thick lines are exact; large dots are measured by nested sampling, with 95 %
intervals, and joined by thin lines where nothing is exact.

A baseline of the state takes from the actions' part alone. One that depends on the action, too, could take
no more than what is left of that part. The trajectory's part goes with a better estimate of the action
value; the states' part stays whatever is done. A number whose interval reaches zero has a bar without a
lower end.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.extents import log_scale
from pgpipe.lecture.common.style import COLOURS, STAGES, WIDTH, legend_above, named_in, readable, stages
from pgpipe.lecture.common.words import percent

LOOKS = {
    ("action", "none"): ("actions, no baseline", COLOURS[0], "o", "-"),
    ("action", "value"): ("actions, less V", COLOURS[5], "s", (0, (4, 2))),
    ("trajectory", "none"): ("trajectory", COLOURS[1], "^", "-"),
    ("state", "none"): ("states", COLOURS[2], "D", (0, (1, 1.2))),
}


def draw(variance_terms: pd.DataFrame) -> Figure:
    """A panel for each environment."""
    names = list(variance_terms["environment"].unique()) or [""]
    figure, axes = plt.subplots(1, len(names), figsize=(WIDTH, 3.3), layout="constrained", squeeze=False)
    for ax, name in zip(axes[0], names, strict=True):
        own = variance_terms[variance_terms["environment"] == name]
        _panel(ax, own)
        ax.set_title(readable(str(name)))
    axes[0][0].set_ylabel("part of N tr Cov ĝ")
    figure.supxlabel("policy", fontsize=9.5)
    shown = named_in(figure)
    legend_above(figure, [look for look in LOOKS.values() if look[0] in shown])
    return figure


def headline(variance_terms: pd.DataFrame) -> str:
    """What a value does to the actions' part, and what is the largest part then."""
    left = _left(variance_terms)
    if left.empty or not (left["less"] < 0.5 * left["bare"]).all():
        return ""
    rest = "; what is left is the trajectory's" if (left["trajectory"] > left["less"]).all() else ""
    return f"A value takes most of what the actions add to the variance{rest}"


def findings(variance_terms: pd.DataFrame) -> str:
    """The range of what is left of the actions' part, and how many pairs are behind a dot."""
    left = _left(variance_terms)
    if left.empty:
        return ""
    share = left["less"] / left["bare"]
    pairs = variance_terms.loc[variance_terms["kind"] == "nested", "n"].max()
    behind = f" Behind each dot are {pairs:,.0f} pairs of walks." if pairs == pairs else ""
    return f"Of the actions' part a value leaves {percent(share.min())} to {percent(share.max())}.{behind}"


def _left(terms: pd.DataFrame) -> pd.DataFrame:
    """The actions' part without and with a value, and the trajectory's; exact where that is known."""
    kept = terms.sort_values("kind").drop_duplicates(["environment", "policy", "baseline", "term"])
    wide = kept.pivot_table("value", ["environment", "policy"], ["term", "baseline"])
    asked = {"bare": ("action", "none"), "less": ("action", "value"), "trajectory": ("trajectory", "none")}
    if not set(asked.values()) <= set(wide.columns):
        return pd.DataFrame(columns=list(asked))
    found = pd.DataFrame({name: wide[column] for name, column in asked.items()}).dropna()
    return found[(found["bare"] > 0) & (found["less"] > 0)]


def _panel(ax: Axes, terms: pd.DataFrame) -> None:
    """Lines through exact parts, dots at measured ones; the stages side by side."""
    order = stages(terms)
    for number, ((term, baseline), (name, colour, marker, line)) in enumerate(LOOKS.items()):
        own = terms[(terms["term"] == term) & (terms["baseline"] == baseline) & (terms["value"] > 0)]
        shift = 0.06 * (number - 1.5)
        exact, nested = (own[own["kind"] == kind] for kind in ("exact", "nested"))
        places = [order.index(stage) + shift for stage in exact["policy"]]
        rows = exact.assign(place=places).sort_values("place")
        ax.plot(rows["place"], rows["value"], color=colour, ls=line, lw=1.5, marker=marker, ms=3, label=name)
        found = nested["value"]
        places = [order.index(stage) + shift for stage in nested["policy"]]
        joined = line if exact.empty else ""
        across = pd.DataFrame({"place": places, "value": found.to_numpy()}).sort_values("place")
        if joined:
            ax.plot(across["place"], across["value"], color=colour, ls=line, lw=0.8)
        reach = bars(nested, "value", logarithmic=True)
        ax.errorbar(places, found, reach, fmt=marker, color=colour, ms=4.5, lw=1, label=name)
    log_scale(ax, vertical=True)
    ax.set_xticks(
        range(len(order)), [STAGES[stage].replace("half-trained", "half-\ntrained") for stage in order]
    )
    ax.set_xlim(-0.4, max(0.4, len(order) - 0.6))
