"""What F9 and F10 share: a field of directions over (k, σ), exact and sampled, on shades of their length."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from scipy.interpolate import RectBivariateSpline

from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.style import WIDTH

# Values of J at which contours are drawn, those that occur.
LEVELS = tuple(-level for level in (100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01))
ARROWS = 9  # on each axis, at most
LONG, HEAD = 0.19, 0.06  # inches, of an arrow and of its head
FINE = 40  # points on each axis of a contour
EDGE = 0.04  # share of a panel along its frame where a number would be cut
ROOM = 0.05  # shares of a panel between a number and the middle of an arrow, at least

# From nothing at all to the colour: on a dark page it lies on dark.
ORANGE = to_rgb("#D55E00")
SHADE = LinearSegmentedColormap.from_list("length", [(*ORANGE, 0.0), (*ORANGE, 0.8)], N=10)


def draw_fields(
    vector_field: pd.DataFrame,
    sampled_field: pd.DataFrame,
    optimum: pd.DataFrame,
    columns: tuple[str, str],
    length: str,
) -> Figure:
    """A row for each spread of the start: the exact field, and smaller the sampled one."""
    spreads = vector_field["start_std"].unique()
    figure, axes = plt.subplots(
        len(spreads), 2, figsize=(WIDTH, 0.6 + 2.7 * len(spreads)), sharex=True, sharey=True, squeeze=False,
        width_ratios=[1.55, 1], layout="constrained",
    )  # fmt: skip
    length_here = np.hypot(vector_field[columns[0]], vector_field[columns[1]])
    known = np.log10(length_here[(length_here > 0) & (length_here < np.inf)])
    shades = limits(float(known.quantile(0.02)), float(known.quantile(0.98)))
    for (left, right), spread in zip(axes, spreads, strict=True):
        exact, sampled = (field[field["start_std"] == spread] for field in (vector_field, sampled_field))
        best = optimum[optimum["start_std"] == spread].iloc[0]
        shade = _shade(left, exact, columns, shades)
        left.set(xlim=(exact["k"].min(), exact["k"].max()), ylim=(0, exact["sigma"].max()))
        _contours(left, exact)
        for ax in (left, right):
            _mark(ax, best)
            ax.xaxis.set_major_locator(MultipleLocator(0.5))
            ax.grid(visible=False)
        left.set(title=f"exact, m₀ = {spread**2:g}: {_where(best)}", ylabel="action spread σ")
        right.set_title(f"estimates, {sampled['episodes'].iloc[0]} episodes each")
    for ax in axes[-1]:
        ax.set_xlabel("gain k")
    figure.colorbar(shade, ax=axes, location="bottom", shrink=0.5, aspect=35, label=length)
    figure.draw_without_rendering()  # lays the panels out: arrows have a length on paper
    for line, spread in zip(axes, spreads, strict=True):
        for ax, field in zip(line, (vector_field, sampled_field), strict=True):
            _arrows(ax, field[field["start_std"] == spread], columns)
    return figure


def along_k(field: pd.DataFrame, columns: tuple[str, str]) -> "pd.Series[float]":
    """By spread of the start: at the smallest σ, the share of k in the direction, median over k."""
    lowest = field[field["sigma"] == field["sigma"].min()]
    share = lowest[columns[0]].abs() / np.hypot(lowest[columns[0]], lowest[columns[1]])
    return share.groupby(lowest["start_std"]).median()


def _grid(field: pd.DataFrame, values: "pd.Series[float]") -> pd.DataFrame:
    """Values over σ (rows) and k."""
    return field.assign(shown=values).pivot_table(index="sigma", columns="k", values="shown")


def _finer(grid: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, which have to be smooth, at more k and σ."""
    rows, columns = grid.index.to_numpy(float), grid.columns.to_numpy(float)
    smooth = RectBivariateSpline(
        rows, columns, grid.to_numpy(), kx=min(3, len(rows) - 1), ky=min(3, len(columns) - 1)
    )
    sigma, k = np.linspace(rows[0], rows[-1], FINE), np.linspace(columns[0], columns[-1], FINE)
    return k, sigma, smooth(sigma, k)


def _shade(ax: Axes, field: pd.DataFrame, columns: tuple[str, str], shades: tuple[float, float]) -> Any:
    """log₁₀ of the direction's length."""
    length = np.hypot(field[columns[0]], field[columns[1]])
    grid = _grid(field, np.log10(length.clip(lower=1e-12)))
    (k, k_end), (sigma, sigma_end) = ((axis[0], axis[-1]) for axis in (grid.columns, grid.index))
    cell = (k_end - k) / (len(grid.columns) - 1) / 2, (sigma_end - sigma) / (len(grid) - 1) / 2
    low, high = shades
    return ax.imshow(
        grid, cmap=SHADE, origin="lower", aspect="auto", interpolation="bilinear", vmin=low, vmax=high,
        extent=(k - cell[0], k_end + cell[0], sigma - cell[1], sigma_end + cell[1]), zorder=0,
    )  # fmt: skip


def _contours(ax: Axes, field: pd.DataFrame) -> None:
    """Lines of equal J, with their values where arrows leave room for them."""
    k, sigma, logs = _finer(_grid(field, np.log(-field["objective"].clip(upper=-1e-12))))
    J = -np.exp(logs)
    levels = [level for level in LEVELS if J.min() < level < J.max()]
    lines = ax.contour(k, sigma, J, levels=levels, colors="#0072B2", linewidths=0.8, linestyles="solid")
    apart = [level for level in levels if level <= -1]  # the others lie close together
    arrows = _places(_thinned(_grid(field, field["objective"]))).reshape(-1, 2)
    pieces = [piece for level in apart for piece in lines.allsegs[levels.index(level)]]
    if places := [place for piece in pieces for place in _clearest(ax, piece, arrows)]:
        ax.clabel(
            lines, apart, fontsize=7.5, fmt=lambda J: f"{J:g}".replace("-", "−"), inline_spacing=2,
            manual=places,
        )  # fmt: skip


def _clearest(ax: Axes, line: np.ndarray, arrows: np.ndarray) -> list[tuple[float, float]]:
    """The point of a line farthest from all arrows; none where they, or the frame, leave no room."""
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    at, taken = ((points - low) / (high - low) for points in (line, arrows))
    inside = ((at > EDGE) & (at < 1 - EDGE)).all(axis=1)
    free = np.where(inside, np.linalg.norm(at[:, None] - taken, axis=-1).min(axis=1), 0)
    return [tuple(line[free.argmax()])] if free.max() > ROOM else []


def _arrows(ax: Axes, field: pd.DataFrame, columns: tuple[str, str]) -> None:
    """Arrows of one length on paper, at some points of the grid, as one path.

    An arrow is its shaft and its head, (..., 2) each; a gap is between them.
    """
    by_k, by_sigma = (_thinned(_grid(field, field[name])) for name in columns)
    direction = np.stack([by_k, by_sigma], axis=-1)
    size = np.linalg.norm(direction, axis=-1, keepdims=True)
    direction = direction / np.where(size > 0, size, np.nan)  # (σ, k, 2); none where there is no direction
    across = direction[..., ::-1] * (-1, 1)
    tip, barb = LONG / 2 * direction, HEAD * (0.5 * across - direction)
    gap = np.full_like(tip, np.nan)
    strokes = np.stack([-tip, tip, gap, tip + barb, tip, tip + barb - HEAD * across, gap], axis=-2)
    places = _places(by_k)[:, :, None]
    inches = np.array(ax.bbox.size) / ax.figure.dpi / np.ptp([ax.get_xlim(), ax.get_ylim()], axis=1)
    x, y = (places + strokes / inches).reshape(-1, 2).T
    ax.plot(x, y, color="0.15", lw=1.2, solid_joinstyle="miter", zorder=3)


def _places(grid: pd.DataFrame) -> np.ndarray:
    """(k, σ) of a grid's points.  -> (σ, k, 2)"""
    return np.stack(np.meshgrid(grid.columns, grid.index), axis=-1)


def _thinned(grid: pd.DataFrame) -> pd.DataFrame:
    """Few points, from within the grid where it is large."""
    steps = [-(-count // (ARROWS + 1)) for count in grid.shape]
    return grid.iloc[steps[0] // 2 :: steps[0], steps[1] // 2 :: steps[1]]


def _where(best: pd.Series) -> str:
    """The best parameters, in words."""
    if best["unique"]:
        return f"best at k = {best['k']:.2f}, σ = {best['sigma']:g}".replace("-", "−")
    return "any k is best at σ = 0"


def _mark(ax: Axes, best: pd.Series) -> None:
    """A star at the best parameters, or where every k is optimal at σ = 0 a line."""
    ends: dict[str, Any] = {"xlim": ax.get_xlim(), "ylim": (0, ax.get_ylim()[1])}
    gold: dict[str, Any] = {"clip_on": False, "zorder": 5}
    if best["unique"]:
        ax.plot(best["k"], best["sigma"], "*", ms=13, color="gold", mec="black", mew=0.6, **gold)
    else:
        ax.plot(ends["xlim"], [0, 0], color="gold", lw=4, solid_capstyle="butt", **gold)
    ax.set(**ends)
