"""F1 A Gaussian policy along a real rollout

A column for each environment. Above, over the time steps of one episode, the policy's density over the action
as a shaded band around a line, the mean, with the actions that were drawn as dots scattered around it; dashed
lines are the environment's limits of the action, and dots beyond them are hollow. Below, the state over the
same steps.

A Gaussian policy $\\pi_\\theta(a|s) = N(f_\\theta(s), \\sigma^2)$, trained, along one episode. The state
below moves the mean above. The environment cuts an action to its limits, which the policy does not know.

The policy is that of the last stage of training; on the pendulum a neural network computes its mean. The
episode is the one of middle return among several. The density is that of the action as drawn, before the
environment cuts it. An angle counts whole turns.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.stats import norm

from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.style import COLOURS, STAGES, WIDTH, readable

ACTIONS = 161  # heights of the shade
SPREADS = 3.5  # how far it reaches beyond the means, in σ
MEAN, DENSITY = COLOURS[1], COLOURS[0]

# From nothing at all to the colour: on a dark page it lies on dark.
SHADE = LinearSegmentedColormap.from_list("shade", [(*to_rgb(DENSITY), 0.0), (*to_rgb(DENSITY), 0.85)])


def draw(gaussian_rollouts: pd.DataFrame) -> Figure:
    """One column for each environment: the density above, the state below."""
    environments = gaussian_rollouts["environment"].unique()
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 4.7), sharex="col", squeeze=False, layout="constrained",
        height_ratios=[5, 3.2],
    )  # fmt: skip
    for (density, state), environment in zip(axes.T, environments, strict=True):
        episode = gaussian_rollouts[gaussian_rollouts["environment"] == environment]
        _density(density, episode)
        _limits(density, episode)
        density.set_title(f"{readable(environment)}, {STAGES[episode['policy'].iloc[0]]}")
        state.axhline(0, color="0.5", lw=0.8, zorder=1)
        state.plot(episode["step"], episode["value"], color="0.25", lw=1.2)
        state.set(xlabel="time step t", ylabel=episode["quantity"].iloc[0])
    figure.align_ylabels()
    _key(figure, axes[0], cut=bool(_beyond(gaussian_rollouts).any()))
    return figure


def headline(gaussian_rollouts: pd.DataFrame) -> str:
    """Whether the mean goes further than the spread, which is the same in every state."""
    by_environment = gaussian_rollouts.groupby("environment")
    moved = (by_environment["mean"].max() - by_environment["mean"].min()) > by_environment["sigma"].max()
    if moved.all() and (by_environment["sigma"].min() == by_environment["sigma"].max()).all():
        return "The state moves the mean of the action, not the spread"
    return ""


def findings(gaussian_rollouts: pd.DataFrame) -> str:
    """The spreads, and how many actions are cut."""
    said = []
    for environment, episode in gaussian_rollouts.groupby("environment", sort=False):
        limited = episode[["lowest", "highest"]].notna().any(axis=None)
        cut = f", and {_beyond(episode).mean():.0%} of the actions are cut" if limited else ""
        said.append(f"{readable(str(environment))}: $\\sigma = {episode['sigma'].iloc[0]:.2g}${cut}")
    return f"{'; '.join(said).capitalize()}."


def _beyond(episode: pd.DataFrame) -> "pd.Series[bool]":
    """Which actions lie beyond a limit."""
    return (episode["action"] < episode["lowest"]) | (episode["action"] > episode["highest"])


def _density(ax: Axes, episode: pd.DataFrame) -> None:
    """N(a; f(s_t), σ²) over time steps and actions, the mean, and the actions drawn."""
    mean, sigma, action = (episode[name].to_numpy() for name in ("mean", "sigma", "action"))
    reached = np.concatenate([action, mean - SPREADS * sigma, mean + SPREADS * sigma])
    known = reached[np.isfinite(reached)]
    heights = np.linspace(*limits(known.min(), known.max()), ACTIONS)
    density = norm.pdf(heights[:, None], mean, np.where(sigma > 0, sigma, np.nan))  # (ACTIONS, T)
    ax.pcolormesh(episode["step"], heights, density, cmap=SHADE, shading="nearest", vmin=0, rasterized=True)
    ax.plot(episode["step"], mean, color=MEAN, lw=1.5)
    for cut, face in ((False, "black"), (True, "none")):
        rows = episode[_beyond(episode) == cut]
        ax.plot(rows["step"], rows["action"], "o", mfc=face, mec="black", mew=0.6, ms=2.4)
    ax.set_ylabel(episode["action_quantity"].iloc[0])
    ax.grid(visible=False)


def _limits(ax: Axes, episode: pd.DataFrame) -> None:
    """Dashed lines where the environment cuts the action, if it does."""
    for limit in episode[["lowest", "highest"]].iloc[0].dropna():
        ax.axhline(limit, color="0.25", lw=1, ls=(0, (4, 2)), zorder=2)
        words = f"limit {limit:g}".replace("-", "\N{MINUS SIGN}")
        ax.text(1.015, limit, words, transform=ax.get_yaxis_transform(), va="center", fontsize=8.5)


def _key(figure: Figure, panels: np.ndarray, cut: bool) -> None:
    """What shade, line and dots are."""
    line = Line2D([], [], color=MEAN, lw=1.5, label="mean f(s)")
    dots = [Line2D([], [], marker="o", ls="", mfc="black", mec="black", ms=3, label="action drawn")]
    if cut:
        dots.append(
            Line2D(
                [],
                [],
                marker="o",
                ls="",
                mfc="none",
                mec="black",
                mew=0.7,
                ms=3,
                label="… beyond a limit: cut",
            )
        )
    shade = Patch(facecolor=DENSITY, alpha=0.6, label="density π(a|s)")
    figure.legend(handles=[shade, line, *dots], loc="outside upper center", ncols=4)
