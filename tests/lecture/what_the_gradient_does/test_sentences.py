"""What section 3 says in numbers follows its table, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.what_the_gradient_does.sentences import good_and_bad_risen

COLUMNS = ["environment", "mark", "weighting", "change"]
GOOD = [("line", "good", "likelihood", -0.1), ("line", "good", "likelihood", 0.2)]
BY_RETURN = [("line", "good", "return_minus_mean", 0.1), ("line", "good", "return_minus_mean", 0.2)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (GOOD + BY_RETURN, "| line, good | 1 of 2 | 2 of 2 |"),
        (GOOD + BY_RETURN[:1], "| line, good | 1 of 2 | 1 of 1 |"),
        (GOOD, ""),
        ([(row[0], "neutral", *row[2:]) for row in GOOD + BY_RETURN], ""),
        ([], ""),
    ],
)
def test_how_many_trajectories_rise(rows, words):
    said = good_and_bad_risen(pd.DataFrame(rows, columns=COLUMNS))
    assert words in said
    assert bool(words) == bool(said)
