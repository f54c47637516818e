"""Claims of section 9 follow their tables, part by part: walks that start near the goal, and far off."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable
from samples import LINE

from pgpipe.lecture.line.claims import optimum, shape, speed
from pgpipe.lecture.line.optimum import best_parameters
from pgpipe.lecture.line.shape import conditions, derivatives
from pgpipe.lecture.line.speed import updates_needed

EXACT = LINE | {"kwargs": {"horizon": 10, "start_std": 1.0, "noise_std": 0.0}}
ENDS = pd.DataFrame({"direction": ["vanilla", "natural"], "k": [-0.255, -0.618]}).assign(
    regime="average reward", start=0, start_k=-0.2, start_sigma=0.3, expected_k=-0.255, best_k=-0.618
)


def says(claim, start):
    """What the cases whose names start so say, by what they are of."""
    return {
        c.name.partition(": ")[2]: c.says
        for c in claim.cases
        if c.name.startswith(start) and "at σ" not in c.quantity
    }


def whole(claim):
    """Whether a row says all it has to: no text is empty, and a reason stands where it is not supported."""
    assert_readable(claim)
    return len(claim.cases) > 0


def test_c22_follows_its_table():
    optima = best_parameters([0.95, 1.0])
    claim = optimum.c22(optima)
    assert (claim.verdict, whole(claim)) == ("refuted", True)
    assert claim.interval.estimate == pytest.approx(-0.603732, abs=1e-6)
    right = optimum.c22(optima.assign(k=-1.0))
    assert (right.verdict, whole(right)) == ("supported", True)
    some = optima.assign(k=np.where(optima["horizon"] > 5, -1.0, -0.6))
    assert (optimum.c22(some).verdict, whole(optimum.c22(some))) == ("undecided", True)


def test_c23_says_which_half_holds_in_which_part():
    both = derivatives(EXACT, [1.0, 0.1, 0.0])
    claim = shape.c23(both)
    assert (claim.verdict, whole(claim)) == ("refuted", True)
    near, far = says(claim, "m₀ → 0 (m₀ = 0)"), says(claim, "m₀ of order one (m₀ = 1)")
    assert near == {shape.RELATIVE: "for", shape.ABSOLUTE: "against"}
    assert far == {shape.RELATIVE: "against", shape.ABSOLUTE: "against"}
    assert claim.reason == (
        "As σ falls, ∂J/∂σ relative to ∂J/∂k grows only for m₀ → 0; in absolute size it shrinks for every m₀."
    )


def test_c23_is_supported_where_both_halves_hold_in_both_parts():
    both = derivatives(EXACT, [1.0, 0.0])
    grows = both.assign(by_sigma=1 / both["sigma"], ratio=1 / both["sigma"])
    assert (shape.c23(grows).verdict, whole(shape.c23(grows))) == ("supported", True)
    still = both.assign(by_sigma=1.0, ratio=1 / both["sigma"])
    assert (shape.c23(still).verdict, whole(shape.c23(still))) == ("undecided", True)


def test_a_derivative_by_sigma_is_one_whatever_the_policys_own_parameter():
    other = EXACT | {"policy": EXACT["policy"] | {"parameterization": "log_sigma"}}
    pd.testing.assert_frame_equal(derivatives(EXACT, [1.0]), derivatives(other, [1.0]))


def test_c25_says_where_the_problem_is_ill_conditioned():
    bent = conditions(EXACT, [1.0, 0.0])
    claim = shape.c25(bent)
    assert (claim.verdict, whole(claim)) == ("refuted", True)
    assert set(says(claim, "m₀ → 0").values()) == {"for"}
    assert set(says(claim, "m₀ of order one").values()) == {"against"}
    assert claim.reason.startswith(
        "It depends on m₀: at σ = 0.001 both ratios exceed 100 for m₀ of 0 or less, but are"
    )
    wide = shape.c25(conditions(EXACT, [1.0, 0.1, 0.0]))
    assert "for m₀ of 0.01 or less" in wide.reason
    beside = {case.quantity for case in claim.cases if case.says == "neither"}
    assert beside == {"eigenvalue ratio at σ = 0.1", "eigenvalue ratio at σ = 0.01"}
    assert (shape.c25(bent.assign(ratio=1e3)).verdict, whole(shape.c25(bent.assign(ratio=1e3)))) == (
        "supported", True,
    )  # fmt: skip
    one = bent.assign(ratio=np.where(bent["matrix"] == "fisher", 1e3, 10.0))
    assert (shape.c25(one).verdict, whole(shape.c25(one))) == ("undecided", True)


@pytest.mark.parametrize("claim", [lambda: shape.c23(derivatives(EXACT, [1.0, 0.1])), lambda: shape.c25(conditions(EXACT, [1.0, 0.1]))])  # fmt: skip
def test_a_part_that_the_config_leaves_out_is_named(claim):
    assert claim().lacks == "line_study.shape_start_stds has no spread of 0.001 or less (m₀ → 0)"


def updates(near, far, most=9000):
    """Two starts: m₀ = 1 and m₀ = 1e-4; NaN where no size arrives."""
    table = pd.DataFrame({"start_std": [1.0, 0.01], "smooth_updates": [far, near]})
    table = table.assign(rule="vanilla", most=most, updates=2.0)  # lucky sizes decide nothing
    return pd.concat([table, table.assign(rule="natural"), table.assign(rule="natural to a KL bound")])


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [(np.nan, 5000.0, "supported"), (np.nan, 3.0, "refuted"), (3.0, np.nan, "refuted"), (3.0, 3.0, "refuted")],
)  # fmt: skip
def test_c24_follows_its_table(near, far, expected):
    claim = speed.c24(updates(near, far), ENDS)
    assert (claim.verdict, whole(claim)) == (expected, True)


def test_the_end_of_the_search_is_no_result():
    """More than 2000: a bound from below, nowhere the number 2000 itself."""
    claim = speed.c24(updates(np.nan, np.nan, 2000), ENDS)
    assert claim.verdict == "supported"
    for interval in (claim.interval, claim.cases[0].interval):
        assert np.isnan(interval.estimate)
        assert (interval.low, interval.high) == (2000, np.inf)
    assert "more than 2,000 for m₀ → 0" in claim.found
    refuted = speed.c24(updates(np.nan, 3.0, 2000), ENDS)
    assert (refuted.interval.estimate, refuted.interval.high) == (3, 3)
    assert refuted.reason == (
        "It depends on m₀: more than 1,000 updates for m₀ of 0.0001 or less, 3 at m₀ = 1."
    )
    assert (refuted.interval.n, refuted.n_counts) == (2, "values of m₀ that the rule asks for")
    assert "ends at k = -0.26, the best k is -0.62; the natural flow arrives" in refuted.found
    near_is_quick = speed.c24(updates(3.0, np.nan, 2000), ENDS)
    assert near_is_quick.reason.startswith("It takes very long only for m₀ of order one")


@pytest.mark.parametrize(
    ("most", "expected", "lacks"),
    [
        (400, "undecided", "line_study.updates stops at 400, and the criterion asks for 1000"),
        (1000, "supported", ""),
    ],
)
def test_updates_that_were_not_tried_are_not_long(most, expected, lacks):
    """No step size arrived in the 400 updates that the config allows: that is not more than 1000."""
    claim = speed.c24(updates(np.nan, np.nan, most), ENDS)
    assert (claim.verdict, claim.lacks) == (expected, lacks)


def test_c24_from_real_updates():
    """At m₀ = 1 a few updates are enough, so the search may be short; near the goal they are not."""
    table = updates_needed(EXACT, [1.0, 0.01], 1100, (-0.2, 0.3))
    lucky = table[(table["rule"] == "vanilla") & (table["start_std"] == 0.01)].iloc[0]
    assert lucky["updates"] < 100  # at this γ a size near the limit of stability throws σ to and fro
    assert np.isnan(lucky["smooth_updates"])
    claim = speed.c24(table, ENDS)
    assert claim.verdict == "refuted"
    assert says(claim, "m₀ → 0")["vanilla"] == "for"
    assert says(claim, "m₀ of order one")["vanilla"] == "against"
