"""F9 Where the gradient points on the line

Arrows over the plane of the two parameters k and σ show the direction of the gradient of J, on contours of
the exact J and a shade for the length of the gradient: for walks that start spread out above, for walks
that start at 0 below. Large the exact gradient, smaller the estimates from a small batch of rollouts; a
star or a line marks the best parameters.

Arrows: the direction of $\\nabla J$ over $\\theta = (k, \\sigma)$; shade: its length; lines: exact $J$.
Rows: the variance $m_0$ of the walks' start.

All arrows have the same length; the shade has one scale for both rows. With $m_0 = 0$ nothing is lost but
by the noise of the actions: the arrows point straight down to a smaller σ and hardly along k, as the
lecture draws them, and at σ = 0 every k is as good as any. With $m_0 > 0$ the derivative by k stays as σ
falls, while that by σ vanishes, and small σ is where the arrows turn along k. Right: one estimate at each
point, reward to go minus the mean of the others.
"""

import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.direction_field import along_k, draw_fields

COLUMNS = ("grad_k", "grad_sigma")


def draw(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> Figure:
    """A row for each spread of the start: exact and sampled."""
    return draw_fields(vector_field, sampled_field, optimum, COLUMNS, "log₁₀ of the length ‖∇J‖")


def headline(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> str:
    """Whether it depends on the start which way the gradient points at a small σ."""
    shares = along_k(vector_field, COLUMNS)
    still, wide = shares[shares.index == 0], shares[shares.index > 0]
    if len(still) and len(wide) and still.max() < 0.3 and wide.min() > 0.7:
        return "For small σ the gradient points along k, or along σ if walks start at 0"
    if shares.min() > 0.7:
        return "For small σ the gradient points along k"
    return "For small σ the gradient points along σ" if shares.max() < 0.3 else ""


def findings(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> str:
    """The share of k at the smallest σ."""
    shares = along_k(vector_field, COLUMNS)
    told = [f"{share:.0%} for $m_0 = {float(start) ** 2:g}$" for start, share in shares[::-1].items()]
    least = vector_field["sigma"].min()
    return f"At σ = {least:g} the share of $k$ in the direction is {', '.join(told)} (median over $k$)."
