"""What an angle of the tables says of a statement that two directions are the same."""

from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.criteria import CHANCE, STRAIGHT
from pgpipe.lecture.common.cases import PROMISE
from pgpipe.lecture.common.evidence import Case, Says


def widened(interval: Interval, looks: int, chance: float) -> tuple[float, float]:
    """The bounds of one that holds together with `looks` in all, if it is to miss only so often."""
    wider = norm.ppf(1 - chance / 2) / norm.ppf(1 - CHANCE / looks / 2)
    estimate = interval.estimate
    return estimate - wider * (estimate - interval.low), estimate + wider * (interval.high - estimate)


def angle_case(name: str, degrees: float, low: float, high: float, n: float, looks: int) -> Case:
    """For: the interval, one of `looks` that hold together, is within bounds; against: surely beyond."""
    interval = Interval(degrees, low, high, int(n), "95 % interval over all cases together")
    least, most = widened(interval, looks, PROMISE / looks)
    says: Says = "neither"
    if least > STRAIGHT or most < -STRAIGHT:
        says = "against"
    elif low > -STRAIGHT and high < STRAIGHT:
        says = "for"
    return Case(name, interval, says)
