"""P19 and C37: the oracle against all batches, the study against the oracle, and verdicts by their tables."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from lecture.after_the_lecture import planted_groups as planted
from samples import PROMPTS, estimator_spec

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.lecture.after_the_lecture import divisors as study
from pgpipe.lecture.after_the_lecture.claims.divisors import IDENTITIES, c37
from pgpipe.lecture.after_the_lecture.specs.groups import DIVISORS, _line
from pgpipe.oracles import prompts, two_decisions
from pgpipe.oracles.divisors import expected_gradient
from pgpipe.rollout import policy_for

KWARGS = {"targets": [2, 4], "vocabulary": 2, "limit": 3}
ALONE: EnvironmentSpec = {
    "name": "prompts",
    "id": "pgpipe/Prompts-v0",
    "kwargs": KWARGS,
    "max_episode_steps": None,
    "gamma": 1.0,
    "policy": PROMPTS["policy"],
}
LINES = {d: {b: _line(d, b) for b in ("none", "mean")} for d in DIVISORS}


def spec(**more):
    return {
        "seed": 0,
        "environment": ALONE,
        "batch_sizes": [1, 2, 4],
        "replicates": 1000,
        "lines": LINES,
    } | more


@pytest.fixture(scope="module")
def measured():
    return study.compare_divisors(spec())


def subtracting(J):
    """The baseline J."""
    return lambda credit: torch.full_like(credit, J)


def listings():
    """Two decisions, also at settings that stand nowhere, and prompts."""
    theta = np.array([0.7, -1.1])
    pays = {"long": 0.4, "short": 2.0}
    yield two_decisions.outcomes(np.array(two_decisions.LOGITS)), 8
    yield two_decisions.outcomes(theta, (5, 3), pays), 5
    theta = 0.8 * np.sin(1.7 * np.arange(policy_for(ALONE).n_parameters))
    yield prompts.outcomes(theta, ALONE), 3


@pytest.mark.parametrize("divisor", DIVISORS)
@pytest.mark.parametrize("baseline", ["none", "exact", "mean"])
def test_expectations_are_those_over_all_batches(divisor, baseline):
    for listed, longest in listings():
        more = {"longest": longest} if divisor == "constant" else {}
        line = estimator_spec(
            "total_return", "mean" if baseline == "mean" else "none", aggregate=divisor, **more
        )
        estimator = Estimator.from_spec(line, 1.0)
        if baseline == "exact":
            J = float(listed.mean(listed.rewards.sum(1)))
            estimator = replace(estimator, baseline=subtracting(J))
        for n in (1, 2) if len(listed.mask) > 4 else (1, 2, 3):
            if n > 1 or baseline != "mean":
                found = expected_gradient(listed, divisor, baseline, n, longest)
                np.testing.assert_allclose(
                    found, two_decisions.expectation(listed, estimator, n), atol=1e-12, err_msg=f"{n}"
                )


def test_a_batch_of_one_has_no_others():
    (listed, longest), *_ = listings()
    with pytest.raises(ValueError, match=r"^the mean of the others needs at least 2 trajectories, got 1$"):
        expected_gradient(listed, "each", "mean", 1, longest)


def test_the_numbers_of_math_md(measured):
    """Cosines by ΣT without a baseline, and with J subtracted, for batches of 1, 2 and 4."""
    rows = measured["divisor_directions"]
    rows = rows[(rows["environment"] == "two decisions") & (rows["divisor"] == "steps")]
    for baseline, cosines in (("none", [0.7789, 0.9030, 0.9739]), ("exact", [0.99922, 0.99968, 0.99991])):
        own = rows[rows["baseline"] == baseline]
        assert own["exact"].tolist() == pytest.approx(cosines, abs=5e-5)
    single = rows[(rows["baseline"] == "none") & (rows["batch_size"] == 1)].iloc[0]
    assert (single["long"], single["right"]) == pytest.approx((-0.023624, 0.057186), abs=5e-7)


def test_measured_angles_hold_the_exact_ones(measured):
    rows = measured["divisor_directions"]
    inside = (rows["degrees_low"] <= rows["exact_degrees"]) & (rows["exact_degrees"] <= rows["degrees_high"])
    assert inside.all()
    sharp = rows[(rows["divisor"] == "each") & (rows["baseline"] == "none") & (rows["batch_size"] == 4)]
    assert (sharp.loc[sharp["environment"] == "two decisions", "degrees_low"] > 20).all()
    checks = IDENTITIES.checks(measured["divisor_identities"], "E46")
    assert len(checks) == 2 * (3 * len(DIVISORS) + 1)
    assert all(check.passed for check in checks)


def test_padding_in_a_length_is_seen(monkeypatch):
    """T_i that counts padding makes every length the longest one's."""
    from pgpipe.estimators.aggregates import each

    def padded(mask):
        return torch.full_like(mask[..., :1], 1 / mask.shape[-1], dtype=torch.float64)

    monkeypatch.setattr(each, "each", padded)
    tables = study.compare_divisors(spec(replicates=300))
    assert not all(check.passed for check in IDENTITIES.checks(tables["divisor_identities"], "E46"))


def test_where_all_right_responses_are_as_long_nothing_turns():
    """Without a baseline they are all that counts, so even each by its own length keeps the direction."""
    same = ALONE | {"kwargs": KWARGS | {"targets": [1, 3], "limit": 2}}
    rows = study.compare_divisors(spec(environment=same, replicates=200))["divisor_directions"]
    own = rows[(rows["environment"] == "prompts") & (rows["baseline"] == "none")]
    assert own["exact"].to_numpy() == pytest.approx(1)


@pytest.mark.parametrize(("angle", "width", "expected"), [
    (10.0, 1.0, "refuted"), (-10.0, 1.0, "refuted"), (0.5, 1.0, "supported"), (2.5, 1.0, "undecided"),
])  # fmt: skip
def test_c37_follows_the_angle(angle, width, expected):
    claim = c37(planted.divisors(angle, width))
    assert claim.verdict == expected
    if expected == "refuted":
        assert claim.interval.estimate == angle
        assert claim.because.endswith("Divided by ΣT and by T_max the gradient is only rescaled.")
        assert "In 8 of them a parameter's expectation has the wrong sign." in claim.found


def test_c37_without_divisors_is_open():
    table = planted.divisors()
    claim = c37(table[table["divisor"] == "trajectories"])
    assert claim.verdict == "undecided"
    assert "the divisor study has no divisor but the number of trajectories" in claim.because
