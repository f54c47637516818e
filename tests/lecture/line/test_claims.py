"""Claims of section 9 follow their tables."""

import numpy as np
import pandas as pd
import pytest
from samples import LINE

from pgpipe.lecture.line import claims
from pgpipe.lecture.line.optimum import best_parameters
from pgpipe.lecture.line.shape import conditions, derivatives


def test_claims_of_the_line_follow_their_tables():
    line = LINE | {"kwargs": {"horizon": 10, "start_std": 1.0, "noise_std": 0.0}}
    optima = best_parameters([0.95, 1.0])
    assert claims.c22(optima).verdict == "refuted"
    assert claims.c22(optima.assign(k=-1.0)).verdict == "supported"
    both = derivatives(line, [1.0, 0.0])
    assert claims.c23(both).verdict == "refuted"
    dominates = both[both["start_std"] == 0].assign(by_sigma=lambda t: 1 / t["sigma"])
    assert claims.c23(dominates).verdict == "supported"
    bent = conditions(line, [1.0, 0.0])
    assert claims.c25(bent).verdict == "refuted"
    assert claims.c25(bent[bent["start_std"] == 0]).verdict == "supported"


@pytest.mark.parametrize(
    ("updates", "expected"), [([np.nan, 5000.0], "supported"), ([3.0, np.nan], "refuted")]
)
def test_c24_follows_its_table(updates, expected):
    table = pd.DataFrame({"start_std": [1.0, 0.1], "rule": "vanilla", "updates": updates, "most": 9000})
    ends = pd.DataFrame({"direction": ["vanilla", "natural"], "k": [-0.255, -0.618]}).assign(
        regime="average reward", start=0, start_k=-0.2, start_sigma=0.3, expected_k=-0.255
    )
    assert claims.c24(table, ends).verdict == expected


@pytest.mark.parametrize(
    ("most", "expected", "lacks"),
    [
        (400, "undecided", "line_study.updates stops at 400, and the criterion asks for 1000"),
        (1000, "supported", ""),
    ],
)
def test_updates_that_were_not_tried_are_not_long(most, expected, lacks):
    """No step size arrived in the 400 updates that the config allows: that is not more than 1000."""
    table = pd.DataFrame({"start_std": [1.0], "rule": "vanilla", "updates": [np.nan], "most": most})
    ends = pd.DataFrame({"direction": ["vanilla", "natural"], "k": [-0.255, -0.618]}).assign(
        regime="average reward", start=0, start_k=-0.2, start_sigma=0.3, expected_k=-0.255
    )
    claim = claims.c24(table, ends)
    assert (claim.verdict, claim.lacks) == (expected, lacks)
