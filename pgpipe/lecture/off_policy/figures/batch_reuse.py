"""P11 Training that uses each batch several times

On the left, large, the return after the last batch over the number of updates from each, a named line for
each form of importance weights and one without weights. On the right, learning curves of the same forms
over the batches, for few updates from each above and for many below.

Each batch gives K updates, all but the first off-policy. Interquartile mean over the seeds, with its 95 %
bootstrap interval; every training takes the same number of batches from the same initial parameters. The
lines keep their markers on the right.

The estimators are those with the mean as baseline, and differ in their importance weights alone. A seed
that diverged counts as the worst. The return is undiscounted, and that of the batch.
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.style import WIDTH, markers, palette, readable
from pgpipe.lecture.common.words import counted
from pgpipe.lecture.off_policy.figures._forms import WORDS, drawn_as

FEW, MANY = 2, 8  # updates from a batch whose learning curves are shown, if they were tried
APART = 0.025  # between the lines' points at one number of updates, in powers of ten


def draw(reuse_summary: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """What is reached by the number of updates, and beside it learning curves for few and for many."""
    figure, panels = plt.subplot_mosaic(
        [["last", "few"], ["last", "many"]], figsize=(WIDTH, 4.6), layout="constrained", width_ratios=(3, 2)
    )
    _last(panels["last"], reuse_summary, estimators)
    seeds, place = reuse_summary["seeds"].max(), readable(reuse_summary["environment"].iloc[0])
    panels["last"].set_title(
        f"after {reuse_summary['batch'].max()} batches ({place}, {counted(seeds, 'seed')})"
    )
    for ax, reuse in zip((panels["few"], panels["many"]), _chosen(reuse_summary), strict=True):
        _curves(ax, reuse_summary[reuse_summary["reuse"] == reuse], _looks(reuse_summary, estimators))
        ax.set(title=f"K = {reuse}", ylabel="return per episode", ylim=panels["last"].get_ylim())
    panels["few"].tick_params(labelbottom=False)
    panels["many"].set_xlabel("batches used")
    return figure


def headline(reuse_summary: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """What many updates from a batch bring without weights and with the best of the weights."""
    many = _chosen(reuse_summary)[1]
    last = reuse_summary[reuse_summary["batch"] == reuse_summary["batch"].max()]
    own = last[last["reuse"] == many].dropna(subset="iqm").set_index("estimator")
    plain = [name for name, form in _forms(estimators).items() if form == "none" and name in own.index]
    weighted = own.drop(index=plain)
    if many < 2 or len(plain) != 1 or weighted.empty:
        return ""
    without, best = own.loc[plain[0]], weighted.loc[weighted["iqm"].idxmax()]
    if best["low"] > without["high"]:
        ends = [f"{r:.0f}" if abs(r) >= 10 else f"{r:.2g}" for r in (without["iqm"], best["iqm"])]
        return f"With {many} updates a batch the return is {ends[0]} without weights, up to {ends[1]} with"
    return f"With {many} updates a batch, weights make no clear difference to the return"


def _last(ax: Axes, table: pd.DataFrame, estimators: pd.DataFrame) -> None:
    texts, looks = _texts(table, estimators), _looks(table, estimators)
    last = table[table["batch"] == table["batch"].max()]
    groups = list(last.groupby("estimator", sort=False))
    ends = []
    for place, (name, rows) in enumerate(groups):
        x = rows["reuse"] * 10 ** (APART * (place - (len(groups) - 1) / 2))
        bars = [rows["iqm"] - rows["low"], rows["high"] - rows["iqm"]]
        colour, marker = looks[name]
        ax.errorbar(
            x, rows["iqm"], [bar.fillna(0).clip(lower=0) for bar in bars],
            fmt=f"{marker}-", ms=5, lw=1.6, elinewidth=1, color=colour,
        )  # fmt: skip
        ends.append(End(float(x.iloc[-1]), float(rows["iqm"].iloc[-1]), texts[name], colour))
    ax.set(xscale="log", xlabel="updates K from each batch", ylabel="return per episode")
    ax.set_xticks(sorted(last["reuse"].unique()), [f"{k}" for k in sorted(last["reuse"].unique())])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_ylim(bottom=min(0.0, table["low"].min()))
    label_ends(ax, ends, apart=0.07)


def _curves(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, tuple[str, str]]) -> None:
    for name, own in rows.groupby("estimator", sort=False):
        colour, marker = looks[str(name)]
        ax.fill_between(own["batch"], own["low"], own["high"], color=colour, alpha=0.12, lw=0)
        ax.plot(own["batch"], own["iqm"], f"{marker}-", ms=4, markevery=3, lw=1.4, color=colour)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def _chosen(table: pd.DataFrame) -> tuple[int, int]:
    """Few and many updates: the usual ones, or else the least above one and the most that were tried."""
    tried = sorted(int(k) for k in table["reuse"].unique())
    few = FEW if FEW in tried else next((k for k in tried if k > 1), tried[0])
    return few, MANY if MANY in tried else tried[-1]


def _forms(estimators: pd.DataFrame) -> Mapping[str, str]:
    """Each estimator's form of weights; none where it corrects for nothing."""
    return {
        row.estimator: "none" if row.corrects == "nothing" else row.importance
        for row in estimators.itertuples()
    }


def _looks(table: pd.DataFrame, estimators: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Each estimator's colour and marker: those of its form in P9 and P10."""
    colours, shapes = palette(estimators), markers(estimators)
    drawn = drawn_as(_texts(table, estimators), estimators)
    return {name: (colours[other], shapes[other]) for name, other in drawn.items()}


def _texts(table: pd.DataFrame, estimators: pd.DataFrame) -> dict[str, str]:
    """What an estimator is called: by its form, if no other one of these has it, or by its name."""
    forms, names = _forms(estimators), list(table["estimator"].unique())
    shared = [forms[name] for name in names]
    return {
        name: WORDS[forms[name]]
        if forms[name] in WORDS and shared.count(forms[name]) == 1
        else readable(name)
        for name in names
    }
