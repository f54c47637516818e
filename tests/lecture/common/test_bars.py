"""Error bars reach from a value to the ends of its interval."""

import numpy as np
import pandas as pd

from pgpipe.lecture.common.bars import bars

ROWS = pd.DataFrame({"x": [2.0, 2.0, 1.0], "x_low": [1.0, -1.0, np.nan], "x_high": [4.0, 4.0, np.nan]})


def test_bars_are_distances_in_the_unit():
    assert bars(ROWS, "x").tolist() == [[1, 3, 0], [2, 2, 0]]
    assert bars(ROWS, "x", -2).tolist() == [[1, 1, 0], [0.5, 1.5, 0]]
    assert bars(ROWS, "x", pd.Series([1, 2, 1])).tolist() == [[1, 1.5, 0], [2, 1, 0]]


def test_a_bar_that_reaches_zero_has_no_end_on_a_logarithmic_axis():
    assert bars(ROWS, "x", logarithmic=True).tolist() == [[1, 0, 0], [2, 2, 0]]


def test_a_value_outside_of_its_interval_has_a_bar_on_one_side():
    outside = pd.DataFrame({"x": [5.0], "x_low": [1.0], "x_high": [4.0]})
    assert bars(outside, "x").tolist() == [[4], [0]]
