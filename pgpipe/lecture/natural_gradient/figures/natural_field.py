"""F10 Where the natural gradient points on the line

The same plane, contours and panels as in F9, with the arrows of the natural gradient: they turn toward the
best k wherever σ is small, whether walks start at 0 or spread out.

The field of F9 for the natural direction F⁻¹∇J, of which all arrows again have one length. F is the Fisher
matrix of the policy per step, diag(m̄/σ², 2/σ²) by (k, σ). A derivative by σ, and with $m_0 = 0$ one by k,
is worth the less the smaller σ is, as the policy then moves the more for a given change of its parameters.
The exact field does not depend on how σ is parameterised. Right: ĝ of the same batches as in F9, with F
over their states.
"""

import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.direction_field import draw_fields


def draw(vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame) -> Figure:
    """A row for each spread of the start: exact and sampled."""
    return draw_fields(vector_field, sampled_field, optimum, ("natural_k", "natural_sigma"))
