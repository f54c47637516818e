"""F9 How the derivatives and the conditioning change as σ falls

Four panels over the action spread σ, which falls to the right, on logarithmic axes. A line for each
variance of the start, the least and the largest in colour, those between in grey. Above, the size of the
derivative by σ, and its ratio to that by k; below, the eigenvalue ratios of the Fisher matrix and of the
Hessian, with a line at the limit from which a problem counts as ill-conditioned.

Exact, at the configured $k$, by the variance $m_0$ of the start; grey lines are starts between. Powers of σ
are those of the last decade.

Above: $|∂J/∂σ|$, and $|∂J/∂σ|/|∂J/∂k|$, which grows like 1/σ while σ is larger than the spread of the
start, and falls like σ from there on. Below: largest over smallest absolute eigenvalue of the Fisher matrix
per step and of the Hessian of J, both with respect to (k, σ). C23 asks for the powers, C25 for the ratios
at the smallest σ.
"""

from math import inf, isnan, nan
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.extents import log_limits
from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import WIDTH
from pgpipe.lecture.line.claims._parts import FAR, NEAR, with_parts
from pgpipe.lecture.line.claims.shape import ILL, POWER

LOOKS = {NEAR: ("#B2182B", "-"), FAR: ("#1F2A44", (0, (5, 1.5)))}
BETWEEN: dict[str, Any] = {"color": "0.72", "lw": 0.9, "ls": "-", "zorder": 1}
DERIVATIVES = {
    "by_sigma": ("size of ∂J/∂σ", "|∂J/∂σ|"),
    "ratio": ("∂J/∂σ relative to ∂J/∂k", "|∂J/∂σ| / |∂J/∂k|"),
}
MATRICES = {"fisher": "conditioning of the Fisher matrix", "hessian": "conditioning of the Hessian of J"}


def draw(line_derivatives: pd.DataFrame, line_conditions: pd.DataFrame) -> Figure:
    """Derivatives above, eigenvalue ratios below."""
    figure, (above, below) = plt.subplots(2, 2, figsize=(WIDTH, 5.4), sharex=True, layout="constrained")
    derivatives, conditions = _parts(line_derivatives), _parts(line_conditions)
    for ax, (column, (title, words)) in zip(above, DERIVATIVES.items(), strict=True):
        told = {part: f"like {_of_sigma(_power(rows, column))}" for part, rows in _ends(derivatives)}
        _panel(ax, derivatives, column, told)
        ax.set(title=title, ylabel=words)
    above[1].axhline(1, color="0.4", lw=0.8)
    for ax, (matrix, title) in zip(below, MATRICES.items(), strict=True):
        own = conditions[conditions["matrix"] == matrix]
        _panel(ax, own, "ratio", {part: _number(_last(rows, "ratio")) for part, rows in _ends(own)})
        ax.axhline(ILL, color="0.4", lw=0.9, ls=":")
        ax.annotate(
            "ill-conditioned", (own["sigma"].max(), ILL), (4, 4), textcoords="offset points",
            fontsize=8, color="0.3",
        )  # fmt: skip
        ax.set(title=title, xlabel="action spread σ, falling")
    below[0].set_ylabel("largest / smallest |eigenvalue|")
    return figure


def headline(line_derivatives: pd.DataFrame, line_conditions: pd.DataFrame) -> str:
    """Whether both hold for walks that start near the goal, and for walks that start far off."""
    powers = {part: _power(rows, "ratio") for part, rows in _ends(_parts(line_derivatives))}
    bent = {part: _least_ratio(rows) > ILL for part, rows in _ends(_parts(line_conditions))}
    both = {part: powers[part] < -POWER and bent[part] for part in powers.keys() & bent.keys()}
    neither = {part: powers[part] > -POWER and not bent[part] for part in both}
    if both.keys() < LOOKS.keys():
        return ""
    if both[NEAR] and neither[FAR]:
        return "As σ falls ∂J/∂σ dominates, and J is ill-conditioned, only for starts near 0"
    if all(both.values()):
        return "As σ falls ∂J/∂σ dominates, and J is ill-conditioned, wherever walks start"
    return ""


def findings(line_derivatives: pd.DataFrame, line_conditions: pd.DataFrame) -> str:
    """Eigenvalue ratios at the smallest σ."""
    least = line_conditions["sigma"].min()
    told = []
    for _, rows in _ends(_parts(line_conditions)):
        ratios = [_number(_last(own, "ratio")) for _, own in rows.groupby("matrix")]
        told.append(f"{' and '.join(ratios)} for {_start(rows)}")
    return f"At σ = {least:g} the eigenvalue ratios of F and Hessian are {', '.join(told)}."


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    """As the claims part the starts: near the goal, far off, between; σ from the largest down."""
    return with_parts(table, table["sigma"].min()).sort_values("sigma", ascending=False, kind="stable")


def _ends(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Near and far, as far as the config has them."""
    return [(part, rows) for part in LOOKS if len(rows := table[table["part"] == part])]


def _power(rows: pd.DataFrame, column: str) -> float:
    """Of σ, over its last decade, as in C23; NaN where fewer than two values are positive."""
    last = rows[(rows["sigma"] <= 10.1 * rows["sigma"].min()) & (rows[column] > 0)]
    if last["sigma"].nunique() < 2:
        return nan
    return float(np.polyfit(np.log(last["sigma"]), np.log(last[column]), 1)[0])


def _last(rows: pd.DataFrame, column: str) -> float:
    return float(rows.loc[rows["sigma"].idxmin(), column])


def _least_ratio(rows: pd.DataFrame) -> float:
    """The smaller of both matrices' ratios at the smallest σ."""
    return float(rows.loc[rows["sigma"] == rows["sigma"].min(), "ratio"].min())


def _of_sigma(power: float) -> str:
    """σ to a power, `σ` to the first."""
    if isnan(power):
        return "no power of σ"
    rounded = f"{power:.2g}".replace("-", "−")
    return "σ" if rounded == "1" else f"σ$^{{\\mathdefault{{{rounded}}}}}$"


def _number(value: float) -> str:
    """Two digits, and no power of ten below a hundred thousand."""
    if not 1e5 <= value < inf:
        return f"{float(f'{value:.2g}'):,g}"
    power = int(np.floor(np.log10(value)))
    return f"{value / 10**power:.1f}$\\times 10^{{{power}}}$"


def _start(rows: pd.DataFrame) -> str:
    return f"$m_0 = {_variance(rows)}$"


def _variance(rows: pd.DataFrame) -> str:
    """Of the start."""
    return f"{rows['start_std'].iloc[0] ** 2:.1g}"


def _panel(ax: Axes, table: pd.DataFrame, column: str, told: dict[str, str]) -> None:
    """A line for each start; at the ends of those near and far what is told of them."""
    for _, rows in table[~table["part"].isin(LOOKS)].groupby("start_std"):
        ax.plot(rows["sigma"], rows[column], **BETWEEN)
    ends = []
    for part, rows in _ends(table):
        colour, line = LOOKS[part]
        ax.plot(rows["sigma"], rows[column], color=colour, ls=line, lw=1.9)
        text = f"m₀ = {_variance(rows)}:\n{told[part]}"
        ends.append(End(rows["sigma"].min(), _last(rows, column), text, colour))
    if len(ends) > 1 and len(set(told.values())) == 1 and np.isclose(ends[0].y, ends[1].y):
        ends = [End(ends[0].x, ends[0].y, f"every m₀:\n{told[NEAR]}", "0.2")]
    wide_log_axis(ax)
    wide_log_axis(ax, vertical=True)
    ax.set_xlim(log_limits(table["sigma"].max(), table["sigma"].min()))
    label_ends(ax, ends, apart=0.17)
