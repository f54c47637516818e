"""What figures of sections 7 and 8 share: looks of optimisers, learners and forms, none an estimator's."""

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from pgpipe.lecture.common.extents import log_scale


class Look(NamedTuple):
    """Colour, marker and line of a series, and what it is called."""

    colour: str
    marker: str
    line: str
    label: str


OPTIMISERS = {
    "sgd": Look("#7F7F7F", "s", ":", "SGD"),
    "momentum": Look("#2E8B8B", "^", "--", "SGD with momentum"),
    "adam": Look("#8B1E3F", "o", "-", "Adam"),
}
LEARNERS = {
    "policy_gradient": Look("#1F2A44", "o", "-", "policy gradient"),
    "supervised": Look("#C07A1E", "s", "--", "supervised"),
}
FORMS = {
    "loop": Look("#5B5B5B", "s", ":", "a backward pass for each sample"),
    "rows": Look("#B0413E", "^", "--", "all rows at once (torch.func)"),
    "pseudo_loss": Look("#1B6B4B", "o", "-", "pseudo-loss"),
}


def wide_log_axis(ax: Axes, *, vertical: bool = False, most: int = 6) -> None:
    """A logarithmic axis with few numbers, at powers of ten."""
    axis = ax.yaxis if vertical else ax.xaxis
    log_scale(ax, vertical=vertical)
    if axis.get_scale() != "log":
        return
    axis.set_major_locator(LogLocator(numticks=most))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
