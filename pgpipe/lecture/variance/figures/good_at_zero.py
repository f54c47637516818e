r"""F5 The same three samples, the good ones at zero

The picture of F3 with the return curve cut off at a plateau and shifted so that the plateau is zero. The
two good samples have return zero and push nothing; the bad one alone drives the mean of the policy away
from itself.

Returns $\min(r(x), b) - b$, with $b$ the lower of the two good returns of F3: the good samples earn the
same, and that is zero. They are the best there is, and they do not act at all; the whole step comes from
the bad one.
"""

import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.variance.figures._three_samples import draw_case, say_case

CASE = "good_at_zero"


def draw(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> Figure:
    """The good samples' returns equal, and zero."""
    return draw_case(CASE, three_samples, three_steps, three_curves)


def findings(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> str:
    """The step in numbers."""
    return say_case(CASE, three_samples, three_steps)
