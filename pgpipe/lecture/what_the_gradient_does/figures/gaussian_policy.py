"""F1 A Gaussian policy along a real rollout

In each column the upper panel is a heat map of the policy's density over the action at every time step of
one episode, with the mean as a line and the actions drawn as points scattered around it; the lower panel
shows the state over the same steps.

A Gaussian policy π_θ(a|s) = N(f_θ(s), σ²) at the last stage of its training. Shade: the density of the
action at each time step; line: the mean f_θ(s_t), on the pendulum the output of a neural network; points:
the actions that were drawn. The state below moves the mean above; the spread is the same in every state.
The pendulum's motor does what it can, up to ±2 N m: the density is that of the action as drawn, before the
environment cuts it.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from scipy.stats import norm

from pgpipe.lecture.common.style import COLOURS, STAGES, WIDTH, readable

ACTIONS = 161  # heights of the heat map
SPREADS = 3.5  # how far it reaches beyond the means, in σ


def draw(gaussian_rollouts: pd.DataFrame) -> Figure:
    """One column for each environment: the density above, the state below."""
    environments = gaussian_rollouts["environment"].unique()
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 4.6), sharex="col", squeeze=False, layout="constrained",
        height_ratios=[5, 3],
    )  # fmt: skip
    for (density, state), environment in zip(axes.T, environments, strict=True):
        episode = gaussian_rollouts[gaussian_rollouts["environment"] == environment]
        mesh = _density(density, episode)
        density.set_title(f"{readable(environment)}, {STAGES[episode['policy'].iloc[0]]}")
        figure.colorbar(mesh, ax=density, label="density π(a|s)")
        state.plot(episode["step"], episode["value"], color="0.25", lw=1)
        state.set(xlabel="time step t", ylabel=episode["quantity"].iloc[0])
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=2)
    return figure


def _density(ax: Axes, episode: pd.DataFrame) -> QuadMesh:
    """N(a; f(s_t), σ²) over time steps and actions, the mean, and the actions drawn."""
    mean, sigma, action = (episode[name].to_numpy() for name in ("mean", "sigma", "action"))
    low = min(action.min(), (mean - SPREADS * sigma).min())
    high = max(action.max(), (mean + SPREADS * sigma).max())
    heights = np.linspace(low, high, ACTIONS)
    density = norm.pdf(heights[:, None], mean, sigma)  # (ACTIONS, T)
    mesh = ax.pcolormesh(
        episode["step"], heights, density, cmap="Blues", shading="nearest", vmin=0, rasterized=True
    )
    ax.plot(episode["step"], mean, color=COLOURS[1], lw=1.4, label="mean f(s)")
    ax.plot(episode["step"], action, ".", color="black", ms=3, label="action drawn")
    ax.set_ylabel(episode["action_quantity"].iloc[0])
    ax.grid(visible=False)
    return mesh
