"""F9 Where the gradient points on the line

Arrows over the plane of the two parameters k and σ show the direction of the exact gradient of J, on a
background coloured by the gradient's length, in one panel for each spread of the start; a star marks the
best parameters.

The vector field of normalised gradients ∇J/‖∇J‖ over the policy's parameters θ = (k, σ). All arrows have
the same length; the background shows how long the gradient really is. The star is θ*, found by climbing the
exact J. How far out walks start decides the picture, most of all at small σ: with a small spread the arrows
point straight down to a smaller σ and hardly along k, as the lecture draws them; with a large spread they
turn toward the best k.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from pgpipe.figures.style import WIDTH


def draw(vector_field: pd.DataFrame, optimum: pd.DataFrame) -> Figure:
    """One panel for each spread of the start."""
    length = np.hypot(vector_field["grad_k"], vector_field["grad_sigma"])
    norm = LogNorm(length[length > 0].quantile(0.01), length.quantile(0.99))
    spreads = vector_field["start_std"].unique()
    figure, axes = plt.subplots(
        1, len(spreads), figsize=(WIDTH, 3.4), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, spread in zip(axes[0], spreads, strict=True):
        mesh = _field(ax, vector_field[vector_field["start_std"] == spread], norm)
        _star(ax, optimum[optimum["start_std"] == spread].iloc[0])
        ax.set(title=f"start spread {spread:g}", xlabel="gain k")
        ax.xaxis.set_major_locator(MultipleLocator(0.5))
        ax.grid(visible=False)
    axes[0, 0].set_ylabel("action spread σ")
    figure.colorbar(mesh, ax=axes[0], label="length of the gradient ‖∇J‖ (return per unit of θ)")
    return figure


def _field(ax: Axes, field: pd.DataFrame, norm: Normalize) -> QuadMesh:
    """Arrows of one length over cells coloured by the gradient's own."""
    grad_k, grad_sigma = (
        field.pivot_table(index="sigma", columns="k", values=name) for name in ("grad_k", "grad_sigma")
    )
    k, sigma, length = grad_k.columns, grad_k.index, np.hypot(grad_k, grad_sigma)
    mesh = ax.pcolormesh(k, sigma, length, norm=norm, cmap="Blues", shading="nearest")
    mesh.set_edgecolor("face")  # or hairlines show between the cells
    arrows: dict[str, Any] = {"angles": "uv", "pivot": "mid", "scale": 26, "width": 0.004, "color": "0.15"}
    ax.quiver(k, sigma, grad_k / length, grad_sigma / length, **arrows)
    return mesh


def _star(ax: Axes, best: pd.Series) -> None:
    """θ*, with its numbers."""
    place = (best["k"], best["sigma"])
    ax.scatter(*place, s=130, marker="*", color="gold", edgecolor="black", lw=0.6, clip_on=False, zorder=5)
    box: dict[str, Any] = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.85}
    words = "θ* = ({:.2f}, {:.2f})".format(*place)
    ax.annotate(words, place, xytext=(8, 9), textcoords="offset points", zorder=6, bbox=box)
