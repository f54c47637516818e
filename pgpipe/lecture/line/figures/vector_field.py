"""F9 Where the gradient points on the line

Arrows over the plane of the two parameters k and σ show the direction of the gradient of J on contours of
the exact J, for walks that start spread out above and for walks that start at 0 below, each exactly on the
left and from a small batch of rollouts on the right; a star or a line marks the best parameters.

The vector field of normalised gradients ∇J/‖∇J‖ over θ = (k, σ), on contours of the exact J, for each
variance $m_0$ of the start. All arrows have the same length. Where walks start decides the picture, and it
turns round. With $m_0 = 0$ nothing is lost but by the noise of the actions: the arrows point straight down
to a smaller σ and hardly along k, as the lecture draws them, and at σ = 0 every k is as good as any. With
$m_0 > 0$ the derivative by k stays as σ falls, while that by σ vanishes, and small σ is where the arrows
turn along k. Right: one estimate at each point, reward to go minus the mean of the others.
"""

import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.direction_field import draw_fields


def draw(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> Figure:
    """A row for each spread of the start: exact and sampled."""
    return draw_fields(vector_field, sampled_field, optimum, ("grad_k", "grad_sigma"))
