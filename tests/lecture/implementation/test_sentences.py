"""What section 7 says in numbers follows its table, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.implementation.sentences import what_is_saved

COLUMNS = ["way", "parameters", "samples", "operations", "bytes_moved", "calls"]
LOOP = ("loop", 1000, 100, 2e9, 5e9, 4000.0)
LOSS = ("pseudo_loss", 1000, 100, 1e9, 1e7, 50.0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([LOOP, LOSS], "With 1,000 parameters and 100 samples the pseudo-loss takes 50 % of the loop's operations, but "
                       "moves 0.2 % of its bytes, in 50 calls instead of 4,000."),
        ([LOOP, LOSS, ("loop", 10, 100, 1.0, 1.0, 1.0)], "With 1,000 parameters"),
        ([LOOP, (*LOSS[:3], 2e9, *LOSS[4:])], "takes 100 % of"),
        ([LOSS], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_what_one_backward_pass_saves(rows, words):
    said = what_is_saved(pd.DataFrame(rows, columns=COLUMNS))
    assert words in said
    assert bool(words) == bool(said)
