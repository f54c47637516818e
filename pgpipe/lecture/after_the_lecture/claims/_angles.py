"""What an angle of the tables says of a statement that two directions are the same."""

from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.angles import widened
from pgpipe.lecture.after_the_lecture.criteria import STRAIGHT
from pgpipe.lecture.common.cases import PROMISE
from pgpipe.lecture.common.evidence import Case, Says


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
