"""An interval knows what its bounds are, and where it lies."""

import math

import pytest

from pgpipe.intervals import Interval


@pytest.mark.parametrize(
    ("low", "high", "within", "outside"),
    [
        (0.96, 1.04, True, False),
        (0.94, 1.04, False, False),
        (1.06, 1.2, False, True),
        (0.8, 0.94, False, True),
    ],
)
def test_where_an_interval_lies(low, high, within, outside):
    found = Interval.by_chance(1.0, low, high, 9)
    assert found.within(1, 0.05) == within
    assert found.outside(1, 0.05) == outside


def test_what_is_unknown_lies_nowhere():
    nothing = Interval.unknown()
    assert not nothing.within(0, 1)
    assert not nothing.outside(0, 1)
    assert nothing.n == 0


def test_a_range_has_the_least_and_the_largest_case_as_its_bounds():
    assert Interval.over_cases(2, [3, 1, 2], 3) == Interval(2, 1, 3, 3, "range over cases")
    assert Interval.over_cases(2, [3, math.nan], 2) == Interval(2, 3, 3, 2, "range over cases")
    assert math.isnan(Interval.over_cases(math.nan, [], 0).low)


def test_a_single_case_is_exact():
    assert Interval.over_cases(2, [2], 7) == Interval(2, 2, 2, 7, "exact")
    # the estimate is not the case's own value, so the bounds say something
    assert Interval.over_cases(math.inf, [2000], 1).kind == "range over cases"


def test_what_was_cut_off_has_one_bound():
    assert Interval.at_least(3.0, 2) == Interval(3.0, 3.0, math.inf, 2, "at least")
    assert Interval.at_least(3.0, 2, estimate=4.0).estimate == 4.0
    assert Interval.at_most(3.0, 2) == Interval(3.0, -math.inf, 3.0, 2, "at most")
    assert Interval.statistic(3.0, 2).kind == "test statistic"
    assert Interval.by_chance(2, 1, 3, 9).together().kind == "95 % interval over all cases together"


def test_bounds_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match=r"^an interval's bounds rise: got low 2, high 1$"):
        Interval.by_chance(1.5, 2, 1, 3)
    with pytest.raises(ValueError, match=r"^an exact number has no bounds but itself: got 1 \[0, 1\]$"):
        Interval(1.0, 0.0, 1.0, 3, "exact")


def test_a_rising_function_moves_all_three():
    assert Interval.by_chance(4, 1, 9, 3).through(math.sqrt) == Interval.by_chance(2, 1, 3, 3)


def test_columns_and_words():
    found = Interval.by_chance(0.5, 0.25, 1, 3)
    assert found.columns("gap") == {"gap": 0.5, "gap_low": 0.25, "gap_high": 1}
    assert list(found.columns("gap")) == ["gap", "gap_low", "gap_high"]
    assert found.named("iqm", "low", "high") == {"iqm": 0.5, "low": 0.25, "high": 1}
    assert Interval.of_row(found.columns("gap"), "gap", 3) == found
    assert f"{found:.2f}" == "0.50 [0.25, 1.00]"
    bare = found.without_bounds()
    assert bare.estimate == 0.5
    assert math.isnan(bare.low)
    assert math.isnan(bare.high)
