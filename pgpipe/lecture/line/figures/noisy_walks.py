"""F8 Noisy walks toward 0

Many walks over time as thin lines, in a panel for each spread of the start: those that start spread out are
drawn toward 0, those that start at 0 are spread by the noise of the actions; a band shows the exact
standard deviation, and dots the measured one.

Rollouts of the configured policy, by the variance $m_0$ of the start. The dark line is the exact mean, the
band the exact mean ± the exact standard deviation $\\sqrt{m_t}$, from $m_{t+1} = (1+k)^2 m_t + σ^2 + ν^2$.
Dots are mean ± standard deviation over all measured walks, of which few are drawn.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, WIDTH


def draw(line_walks: pd.DataFrame, line_spread: pd.DataFrame) -> Figure:
    """One panel for each spread of the start."""
    spreads = line_spread["start_std"].unique()
    figure, axes = plt.subplots(
        1, len(spreads), figsize=(WIDTH, 3.0), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, start in zip(axes[0], spreads, strict=True):
        exact = line_spread[line_spread["start_std"] == start]
        walks = line_walks[line_walks["start_std"] == start]
        for _, walk in walks.groupby("walk"):
            ax.plot(walk["step"], walk["place"], color=COLOURS[0], lw=0.5, alpha=0.35)
        low, high = exact["mean"] - exact["spread"], exact["mean"] + exact["spread"]
        ax.fill_between(exact["step"], low, high, color=COLOURS[4], alpha=0.35, lw=0, label="exact mean ± sd")
        ax.plot(exact["step"], exact["mean"], color="black", lw=1.2)
        for sign in (-1, 1):
            ax.plot(
                exact["step"], exact["measured_mean"] + sign * exact["measured_spread"], "o", ms=3,
                color="black", label=f"measured, {exact['walks'].iloc[0]} walks" if sign > 0 else None,
            )  # fmt: skip
        ax.set(title=f"$m_0 = {start**2:g}$", xlabel="step t")
    axes[0, 0].set_ylabel("place s")
    figure.legend(*axes[0, -1].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
