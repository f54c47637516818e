"""F10 Where the natural gradient points on the line

The same plane, contours and panels as in F9, with the arrows of the natural gradient: they turn toward the
best k wherever σ is small, whether walks start at 0 or spread out. The shade shows how short it gets there.

The field of F9 for $F^{-1}\\nabla J$, with $F$ the Fisher matrix of the policy per step: arrows are its
direction, the shade its length, lines the exact $J$.

F is diag(m̄/σ², 2/σ²) by (k, σ). A derivative by σ, and with $m_0 = 0$ one by k, is worth the less the
smaller σ is, as the policy then moves the more for a given change of its parameters. All arrows have one
length; the exact field does not depend on how σ is parameterised. Right: ĝ of the same batches as in F9,
with F over their states.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.direction_field import along_k, draw_fields

COLUMNS = ("natural_k", "natural_sigma")


def draw(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> Figure:
    """A row for each spread of the start: exact and sampled."""
    return draw_fields(vector_field, sampled_field, optimum, COLUMNS, "log₁₀ of the length ‖F⁻¹∇J‖")


def headline(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> str:
    """Whether it points toward the best k at a small σ, wherever walks start."""
    lowest = vector_field[vector_field["sigma"] == vector_field["sigma"].min()]
    best = lowest["start_std"].map(optimum.set_index("start_std")["k"])
    toward = (np.sign(lowest["natural_k"]) == np.sign(best - lowest["k"])).mean()
    if toward > 0.9 and along_k(vector_field, COLUMNS).min() > 0.7:
        return "For small σ the natural gradient points toward the best k, wherever walks start"
    return ""


def findings(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> str:
    """The share of k at the smallest σ, beside the gradient's."""
    shares, plain = along_k(vector_field, COLUMNS), along_k(vector_field, ("grad_k", "grad_sigma"))
    told = [
        f"{shares[start]:.0%} for $m_0 = {float(start) ** 2:g}$ (gradient: {plain[start]:.0%})"
        for start in shares.index[::-1]
    ]
    least = vector_field["sigma"].min()
    return f"At σ = {least:g} the share of $k$ in the direction is {', '.join(told)}, median over $k$."
