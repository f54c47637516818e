"""Checks and claims of section 5 follow their tables."""

import pytest

from pgpipe.lecture.variance_reduction.claims import baselines


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, "supported"), ({"own": 1.0}, "refuted"), ({"own": 0.9}, "refuted"), ({"scale": 0.8}, "refuted")],
)
def test_c9_turns_with_the_shrinkage(study, changes, expected):
    _, projections, estimators = study(**changes)
    assert baselines.c9(projections, estimators).verdict == expected
