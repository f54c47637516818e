"""F4 The same three samples, a constant added to every return

The picture of F3 with the return curve lifted above zero. Now all three samples pull the mean of the policy
to themselves, the bad one too, and the step ends elsewhere than in F3.

Returns $r(x) + c$: nothing about the problem has changed, and the samples are those of F3. But no return is
negative any more, so every sample raises its own probability, and the policy after the step is another one.
"""

import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.variance.figures._three_samples import draw_case, say_case

CASE = "constant_added"


def draw(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> Figure:
    """All returns positive."""
    return draw_case(CASE, three_samples, three_steps, three_curves)


def findings(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> str:
    """The step in numbers."""
    return say_case(CASE, three_samples, three_steps)
