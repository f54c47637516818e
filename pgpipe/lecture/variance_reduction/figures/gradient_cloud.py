"""P3 Gradient estimates on a plane

One panel for each of up to four estimators, on the same axes: a cloud of gradient estimates over two
parameters around the tip of an arrow, the true gradient, with an ellipse that shows their spread; from the
total return to a value baseline the cloud shrinks. The half of the plane that points downhill is shaded.

Each dot is the gradient estimate of one batch, the arrow the exact ∇J, the ellipse two standard deviations
about the mean. Variances are relative to the first panel's. A step into the shaded half lowers J.

All panels show the same batches: only the estimator differs. The policy is half-trained (untrained where no
recipe trains on the line); estimators are those of the lecture's ladder, the first unbiased one of each
kind in the config. *Variance* is the trace of the covariance of these estimates. The ellipse is the mean ±
2 √λ along each eigenvector of the covariance. *Downhill* are estimates ĝ with ĝ·∇J < 0; a step along one of
them lowers J if it is small enough.
"""

from collections.abc import Sequence
from math import ceil, inf

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Polygon
from numpy.typing import NDArray

from pgpipe.lecture.common.ladder import formulas
from pgpipe.lecture.common.style import STAGES, WIDTH, palette, readable
from pgpipe.lecture.common.words import capital
from pgpipe.lecture.variance_reduction.figures._words import percent

Floats = NDArray[np.float64]

ACROSS = 4  # panels side by side


def draw(gradient_samples: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """A cloud for each estimator, with ∇J as an arrow and the ellipse of its covariance."""
    table, truth, parameters = _first_line(gradient_samples)
    clouds = _clouds(table)
    named, colours, variances = formulas(estimators), palette(estimators), _variances(clouds)
    figure, axes = _panels(len(clouds), _limits(list(clouds.values()), truth))
    for ax, (name, cloud) in zip(axes.ravel(), clouds.items(), strict=False):
        _cloud(ax, cloud, truth, colours[name])
        _count_downhill(ax, cloud, truth)
        share = percent(variances[name] / (next(iter(variances.values())) or inf))
        ax.set_title(readable(name), pad=32)
        for said, height in ((named[name], 19), (f"variance {share}", 5)):
            ax.annotate(
                said, (0.5, 1), (0, height), xycoords="axes fraction", textcoords="offset points", ha="center"
            )
        ax.set_xlabel(f"estimate of ∂J/∂{_symbol(parameters[0])}")
    _name_arrow(axes.ravel()[len(clouds) - 1], truth)
    for ax in axes[:, 0]:
        ax.set_ylabel(f"estimate of ∂J/∂{_symbol(parameters[1])}")
    return figure


def headline(gradient_samples: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """What the last estimator leaves of the first one's variance."""
    table, _, _ = _first_line(gradient_samples)
    shares = _variances(_clouds(table))
    if len(shares) < 2 or not min(shares.values()):
        return ""
    (first, total), *_, (last, left) = shares.items()
    if left >= total:
        return f"{capital(readable(last))} scatters no less around ∇J than {readable(first)}"
    share = percent(left / total)
    return f"{capital(readable(last))} leaves {share} of {readable(first)}’s variance around ∇J"


def findings(gradient_samples: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """Where, how many, and how many trajectories in each."""
    table, _, _ = _first_line(gradient_samples)
    row, batches = table.iloc[0], table["batch"].nunique()
    return (
        f"{capital(readable(row['environment']))}, {STAGES[row['policy']]} policy, the same {batches} "
        f"batches of {row['batch_size']} trajectories in all panels."
    )


def _panels(n: int, limits: Sequence[tuple[float, float]]) -> tuple[Figure, NDArray[np.object_]]:
    """Panels of the same scale on both axes, as high as the limits ask for."""
    across = min(ACROSS, n)
    lines = ceil(n / across)
    (left, right), (bottom, top) = limits
    width = (WIDTH - 0.6) / ACROSS
    height = lines * (1.15 + width * min(2.0, max(0.6, (top - bottom) / (right - left))))
    figure, axes = plt.subplots(
        lines, across, figsize=(WIDTH, height), squeeze=False, sharex=True, sharey=True, layout="constrained",
        subplot_kw={"aspect": "equal", "xlim": limits[0], "ylim": limits[1]},
    )  # fmt: skip
    for ax in axes.ravel()[n:]:
        ax.set_axis_off()
    return figure, axes


def _first_line(samples: pd.DataFrame) -> tuple[pd.DataFrame, Floats, Sequence[str]]:
    """The rows of the first environment, stage and size, their ∇J, (2,), and the names of its parameters."""
    shown = ["environment", "policy", "batch_size"]
    table = samples[(samples[shown] == samples[shown].iloc[0]).all(axis=1)]
    exact = table.groupby("parameter", sort=False)["exact"].first()
    return table, exact.to_numpy(), list(exact.index)


def _clouds(table: pd.DataFrame) -> dict[str, Floats]:
    """The estimates, (B, 2), of each estimator that has two or more."""
    wide = table.pivot_table(index=["estimator", "batch"], columns="parameter", values="value")
    wide = wide[table["parameter"].unique()]
    clouds = {str(name): rows.dropna().to_numpy() for name, rows in wide.groupby("estimator")}
    return {name: clouds[name] for name in table["estimator"].unique() if len(clouds.get(name, [])) > 1}


def _variances(clouds: dict[str, Floats]) -> dict[str, float]:
    """The trace of each cloud's covariance."""
    return {name: float(cloud.var(0, ddof=1).sum()) for name, cloud in clouds.items()}


def _downhill(cloud: Floats, truth: Floats) -> int:
    """How many estimates point against ∇J."""
    return int((cloud @ truth < 0).sum())


def _limits(clouds: Sequence[Floats], truth: Floats) -> list[tuple[float, float]]:
    """The range of all dots and ellipses, ∇J and zero on each axis, with a margin."""
    ends = [cloud.mean(0) + 2 * sign * cloud.std(0, ddof=1) for cloud in clouds for sign in (-1, 1)]
    points = np.concatenate([*clouds, ends, truth[None], np.zeros((1, 2))])
    low, high = points.min(0), points.max(0)
    margin = 0.05 * (high - low).max() or 1.0
    return [(a - margin, b + margin) for a, b in zip(low, high, strict=True)]


def _cloud(ax: Axes, cloud: Floats, truth: Floats, colour: str) -> None:
    """Dots, ellipse and arrow, over the half-plane that points downhill."""
    if length := np.linalg.norm(truth):
        far = 4 * np.abs([ax.get_xlim(), ax.get_ylim()]).max()
        up = truth / length
        side = np.array([-up[1], up[0]])
        corners = far * np.array([side, -side, -side - up, side - up])
        ax.add_patch(Polygon(corners, facecolor="0.5", alpha=0.13, lw=0, zorder=0.5))
    ax.plot(*cloud.T, "o", ms=3, color=colour, alpha=0.5, mew=0, zorder=2)
    values, vectors = np.linalg.eigh(np.cov(cloud.T))
    axis = vectors[:, -1]
    ax.add_patch(
        Ellipse(
            tuple(cloud.mean(0)), *(4 * np.sqrt(values.clip(0))[::-1]),
            angle=np.degrees(np.arctan2(axis[1], axis[0])), fill=False, ec=colour, lw=1.6, zorder=3,
        )
    )  # fmt: skip
    for width, shade in ((4.0, "white"), (1.8, "black")):  # a rim parts the arrow from dark dots
        arrow = {"arrowstyle": "-|>", "lw": width, "color": shade, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", tuple(truth), (0, 0), zorder=5, arrowprops=arrow)
    ax.plot(0, 0, "o", ms=4, color="black", zorder=5)


def _count_downhill(ax: Axes, cloud: Floats, truth: Floats) -> None:
    """How many estimates point downhill, in the corner of the shaded half."""
    right, top = truth < 0
    ax.text(
        0.96 if right and abs(truth[0]) > abs(truth[1]) else 0.04, 0.96 if top else 0.04,
        f"{_downhill(cloud, truth)} of {len(cloud)} downhill", transform=ax.transAxes, fontsize=8,
        ha="right" if right and abs(truth[0]) > abs(truth[1]) else "left", va="top" if top else "bottom",
    )  # fmt: skip


def _name_arrow(ax: Axes, truth: Floats) -> None:
    """∇J beside the arrow's first third, where the last cloud leaves room."""
    length = np.linalg.norm(truth) or 1.0
    beside = 11 * np.array([-truth[1], truth[0]]) / length
    ax.annotate(
        "∇J",
        tuple(truth / 4),
        tuple(beside),
        textcoords="offset points",
        ha="center",
        va="center",
        fontweight="bold",
    )


def _symbol(parameter: str) -> str:
    """A parameter as it is written in a formula."""
    return {"sigma": "σ", "log_sigma": "log σ", "sigma_squared": "σ²"}.get(parameter, parameter)
