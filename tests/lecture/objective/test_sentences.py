"""What section 1 says of the error follows its table, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.objective.sentences import error_in_returns

COLUMNS = ["environment", "policy", "n_trajectories", "exact", "rmse"]
LINE = [("line", "half_trained", 1, -4.0, 2.0), ("line", "half_trained", 16, -4.0, 0.5)]
GRID = [("grid", "untrained", 1, 0.1, 0.3), ("grid", "untrained", 16, 0.1, 0.075)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (LINE, "largest on line, half-trained: where $J$ is −4, a single return misses it by 2 (root mean square), "
               "and the mean of 16 by 0.5."),
        (LINE + GRID, "largest on grid, untrained: where $J$ is 0.1, a single return misses it by 0.3"),
        ([(*row[:2], row[2] * 4, *row[3:]) for row in LINE], "the mean of 4 returns misses it by 2"),
        (LINE[:1], ""),
        ([(*row[:3], 0.0, row[4]) for row in LINE], ""),
        ([(*row[:4], float("nan")) for row in LINE], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_the_error_where_it_is_largest(rows, words):
    said = error_in_returns(pd.DataFrame(rows, columns=COLUMNS))
    assert words in said
    assert bool(words) == bool(said)
