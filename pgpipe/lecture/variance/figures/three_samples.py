r"""F3 One gradient step on three samples

A Gaussian policy over one axis, on which a return curve rises from bad on the left to good on the right.
Three samples, one bad and two good; after one gradient step the policy has moved to the right, toward the
good ones.

One dimension stands for the trajectory. Above, the return $r(x)$, the returns of three samples as bars, and
the push $\alpha \, (x_i - \mu)/\sigma^2 \, r_i$ that each of them would give to the mean of the policy: a
good sample pulls the mean to itself, a bad one drives it away. Below, the policy
$\mathcal N(\mu, \sigma^2)$ before and after one step along the sample gradient
$\frac1N \sum_i \nabla \log p(x_i) \, r_i$ by $\mu$ and $\log\sigma$; the arrow of its mean is the average of
the three pushes. Samples are drawn from the policy until two are good and one is bad, at least half a
$\sigma$ apart and at most two from $\mu$.
"""

import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.variance.figures._three_samples import draw_case, say_case

CASE = "returns"


def draw(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> Figure:
    """The returns as they are."""
    return draw_case(CASE, three_samples, three_steps, three_curves)


def findings(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> str:
    """The step in numbers."""
    return say_case(CASE, three_samples, three_steps)
