"""F11 Updates to the optimum, by the start and by the step

Updates over the variance of the start, on logarithmic axes, a line for each rule of the step. Those of plain
and of natural steps with a constant learning rate rise out of the picture as walks start nearer the goal, and
so do those of plain steps to a KL bound; natural steps to a KL bound take three to five everywhere.

Updates with the exact gradient until J is within 1 % of J*, from the first start of the paths above, with the
best of many constant sizes that do not carry σ across 0, by the variance $m_0$ of the walks' start. Hollow
triangles on the dotted line: more than that many, at which the search ends. Neither the bound nor F⁻¹ is
enough by itself: natural steps of a constant α are slower than plain ones, and plain steps to a bound are
slow as well.
"""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.looks import Look, wide_log_axis
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH

LOOKS = {
    "vanilla": Look(DIRECTION_COLOURS["vanilla"], "s", "-", "plain, constant α"),
    "normalised": Look(DIRECTION_COLOURS["normalized"], "D", ":", "plain, constant length"),
    "vanilla to a KL bound": Look(DIRECTION_COLOURS["vanilla"], "s", "--", "plain, to a KL bound"),
    "natural": Look(DIRECTION_COLOURS["natural"], "o", "-", "natural, constant α"),
    "natural to a KL bound": Look(DIRECTION_COLOURS["natural"], "o", "--", "natural, to a KL bound"),
}


def draw(line_updates: pd.DataFrame) -> Figure:
    """One panel."""
    figure, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    most = line_updates["most"].iloc[0]
    for i, (rule, look) in enumerate(LOOKS.items()):
        rows = line_updates[line_updates["rule"] == rule]
        # side by side, where several do not arrive or need the same
        m0, updates = rows["start_std"] ** 2 * 1.06 ** (i - 2), rows["smooth_updates"].fillna(most)
        arrived = [number for number, found in enumerate(rows["smooth_updates"]) if found > 0]
        style: dict[str, Any] = {"color": look.colour, "ls": look.line, "marker": look.marker}
        ax.plot(m0, updates, **style, lw=1.3, ms=4.5, markevery=arrived, label=look.label)
        never = rows["smooth_updates"].isna()
        ax.plot(m0[never], updates[never], "^", ms=7, mfc="white", mec=look.colour, zorder=4)
    ax.axhline(most, color="0.4", lw=0.8, ls=":")
    wide_log_axis(ax)
    wide_log_axis(ax, vertical=True)
    ax.set(
        title=f"within 1 % of the optimum; hollow: more than {most:.0f}",
        xlabel="variance of the start $m_0$", ylabel="updates", ylim=(1, 2.5 * most),
    )  # fmt: skip
    figure.legend(loc="outside right center")
    return figure
