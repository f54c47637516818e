"""Checks and claims of section 2 follow their tables."""

import numpy as np
import pytest

from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.direct_differentiation import claims as direct_differentiation


@pytest.mark.parametrize(
    ("scale", "expected"), [(1.0, "supported"), (1.03, "refuted"), (1.2, "refuted"), (-1.0, "refuted")]
)
def test_c4_turns_with_the_estimates(study, scale, expected):
    """With the wrong sign, or 3 % too long where errors are small, the verdict changes."""
    components, projections, estimators = study(scale)
    assert direct_differentiation.c4(components, projections, estimators).verdict == expected


@pytest.mark.parametrize(("off", "expected"), [(1e-13, "supported"), (1e-9, "refuted"), (np.nan, "refuted")])
def test_c2_and_c3_turn_with_the_largest_difference(identities, off, expected):
    c2 = direct_differentiation.c2(identities(off))
    c3 = direct_differentiation.c3(identities(off, "E10"))
    assert c2.verdict == c3.verdict == expected
    assert c2.interval.n == 1000


def test_no_row_of_an_identity_decides_nothing(identities):
    assert direct_differentiation.c3(identities()).verdict == "undecided"
    assert identity_checks(identities(), "E10") == []


@pytest.mark.parametrize(
    ("slope", "low", "high", "expected"),
    [
        (-0.5, 0.6, 0.9, "supported"),
        (-0.5, 0.4, 0.9, "undecided"),
        (-0.5, 0.2, 0.4, "refuted"),
        (-0.3, 0.6, 0.9, "refuted"),
        (-0.55, 0.6, 0.9, "undecided"),
    ],
)
def test_c28_needs_the_slope_and_the_gain(errors, slope, low, high, expected):
    """At the largest N alone: with few trajectories steps may go down."""
    table = errors(slope).assign(raised=0.95, raised_low=0.9, raised_high=1.0)
    table.loc[table["n_trajectories"] == 1, ["raised", "raised_low", "raised_high"]] = (0.5, 0.4, 0.6)
    table.loc[len(table) - 1, ["raised", "raised_low", "raised_high"]] = ((low + high) / 2, low, high)
    claim = direct_differentiation.c28(table)
    assert claim.verdict == expected
    assert ("grid trained" in claim.found) == (low <= 0.5)
