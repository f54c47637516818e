"""What says nothing decides nothing, is not said, and leaves an axis that can be drawn."""

from math import inf, nan

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from pgpipe.intervals import Interval
from pgpipe.lecture.common.empty import say_what_is_open, say_where_empty
from pgpipe.lecture.common.evidence import Claim, settled
from pgpipe.lecture.common.extents import limits, log_limits, log_scale
from pgpipe.lecture.common.lacks import why_not
from pgpipe.lecture.common.words import counted, open_where_none, without_none
from pgpipe.statistics import bootstrap_interval, interquartile_mean_intervals


@pytest.mark.parametrize(
    ("interval", "nothing"),
    [
        (Interval.by_chance(1, 0, 2, 30), False),
        (Interval.by_chance(16, 16, 16, 1), True),  # one seed has no interval
        (Interval.by_chance(1, nan, nan, 30), True),
        (Interval.unknown(), True),
        (Interval.over_cases(nan, [], 0), True),
        (Interval.over_cases(1, [1], 1), False),  # exact
        (Interval.at_least(100, estimate=nan), False),  # a bound is known
        (Interval.statistic(3, 5), False),
    ],
)
def test_a_claim_is_decided_by_a_number_that_says_something(interval, nothing):
    claim = Claim("", "", "", "", interval, "", "refuted", "")
    assert settled(claim).verdict == ("undecided" if nothing else "refuted")
    assert bool(settled(claim).because) == nothing


def test_sentences_without_a_number_are_left_out():
    words = "Slope nan [nan, nan]; none. At N = 1.5 all is well. ∇J is -nan% of it."
    assert without_none(words) == "At N = 1.5 all is well."
    assert without_none("No finance.  Two spaces.") == "No finance.  Two spaces."
    assert open_where_none("below nan (nan%), on nan_obs") == "below ? (?%), on nan_obs"


def test_why_nothing_can_be_made_of_tables():
    empty, lost = pd.DataFrame({"x": []}), pd.DataFrame({"x": [1.0], "y": [nan]})
    assert why_not(ValueError("?"), {"a": empty, "b": lost}) == "a has no row; b has no number in y"
    assert why_not(ValueError("?"), {"a": lost[["x"]]}) == "ValueError: ?"


def test_an_axis_of_one_number_or_none():
    assert (limits(1, 3), limits(2, 2), limits(nan, 2), limits(0, inf)) == (
        (1, 3),
        (1.5, 2.5),
        (0, 1),
        (0, 1),
    )
    assert (log_limits(1, 3), log_limits(2, 2), log_limits(0, 2)) == ((1, 3), (1, 4), (0.1, 1))


@pytest.mark.parametrize(("value", "scale"), [(0.0, "linear"), (-1.0, "linear"), (1.0, "log")])
def test_a_logarithmic_axis_needs_a_positive_number(value, scale):
    _, ax = plt.subplots()
    ax.plot([1, 2], [value, value])
    log_scale(ax, vertical=True)
    plt.close("all")
    assert ax.get_yscale() == scale


def test_a_panel_in_which_nothing_is_drawn_says_so():
    """Lines across all of it, and lines without a number, are nothing."""
    figure, (one, other, third) = plt.subplots(1, 3)
    one.axhline(1)
    one.plot([1, 2], [nan, nan])
    other.plot(1, 1, "o")
    other.set_title("best: nan, σ = 1")
    third.set_axis_off()
    say_where_empty(figure)
    say_what_is_open(figure)
    plt.close("all")
    assert [[text.get_text() for text in ax.texts] for ax in figure.axes] == [["nothing measured"], [], []]
    assert other.get_title() == "best: ?, σ = 1"


def test_a_single_seed_has_no_interval():
    rng = np.random.default_rng(0)
    (alone,) = interquartile_mean_intervals(np.array([[16.0]]), 50, rng)
    assert (alone.estimate, alone.n, alone.says_nothing) == (16, 1, True)
    assert bootstrap_interval(16.0, np.full(50, 16.0), 1).says_nothing
    assert not bootstrap_interval(16.0, np.full(50, 16.0), 2).says_nothing
    assert (counted(1, "seed"), counted(3, "seed")) == ("1 seed", "3 seeds")
