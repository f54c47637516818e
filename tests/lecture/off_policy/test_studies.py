"""The off-policy study: targets at the distances asked for, warnings, checks and verdicts that follow the data."""

import importlib
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from samples import CARTPOLE, GRID, LINE, estimator_spec, some_theta

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composed import Composed
from pgpipe.estimators.parts import part_names
from pgpipe.lecture.off_policy.claims import bias, equations, first_order, forms, past, steps
from pgpipe.lecture.off_policy.gradients import Compared
from pgpipe.lecture.off_policy.horizons import HorizonsSpec, horizon_tables
from pgpipe.lecture.off_policy.problem import length_at
from pgpipe.lecture.off_policy.tables import OffPolicySpec, off_policy_tables
from pgpipe.lecture.off_policy.weights import effective_share, warning
from pgpipe.statistics import resample_counts

GROUP = {
    "reward_to_go": estimator_spec("reward_to_go"),
    "weighted_return": estimator_spec("total_return", importance="trajectory"),
    **{
        form: estimator_spec("reward_to_go", importance=form)
        for form in part_names("importance")
        if form not in ("none", "trajectory")
    },
}
ESTIMATORS = pd.DataFrame(
    [{"estimator": name, **line, **Composed.from_line(line).columns()} for name, line in GROUP.items()]
)
ORACLES = {"line": "pgpipe.oracles.line", "grid": "pgpipe.oracles.grid"}


def spec_of(
    environment: EnvironmentSpec,
    distances: Sequence[float] = (0.01, 0.1),
    batch_size: int = 16,
    replicates: int = 60,
) -> OffPolicySpec:
    oracle = ORACLES.get(environment["name"])
    group = {name: line for name, line in GROUP.items() if oracle or name != "marginal"}
    return {
        "seed": 0,
        "environment": environment,
        "policy": "untrained",
        "distances": list(distances),
        "random_directions": 1,
        "batch_size": batch_size,
        "replicates": replicates,
        "group": group,
        "yardstick": "weighted_return",
        "causal": None,
        "unbiased": "per_decision",
        "iterated": "no_future",
        "module": oracle,
        "known": oracle and f"{oracle}_off_policy",
        "dynamics": "pgpipe.dynamics.grid" if environment["name"] == "grid" else None,
        "resamples": 100,
    }


def tables_of(spec: OffPolicySpec) -> dict[str, pd.DataFrame]:
    tables = off_policy_tables(spec, some_theta(spec["environment"])[0])
    return {name.removeprefix("off_policy_"): table for name, table in tables.items()}


@pytest.mark.parametrize("environment", [LINE, GRID], ids=lambda spec: spec["name"])
def test_targets_lie_at_the_distances_asked_for(environment):
    weights = tables_of(spec_of(environment))["weights"]
    np.testing.assert_allclose(weights["kl"], weights["distance"], rtol=1e-3)
    assert set(weights["direction"]) == {"gradient", "random 1"}
    assert (
        weights.groupby(["direction", "distance"])["horizon"].max().eq(environment["kwargs"]["horizon"]).all()
    )


def test_where_nothing_is_exact_the_distance_is_sampled():
    tables = tables_of(spec_of(CARTPOLE, replicates=8))
    np.testing.assert_allclose(tables["weights"]["kl"], tables["weights"]["distance"], rtol=0.3)
    assert tables["weights"]["exact_second_moment"].isna().all()
    assert tables["paths"].empty
    assert tables["limits"].empty
    assert "marginal" not in set(tables["gradients"]["estimator"])


def test_a_wall_is_not_leapt_over():
    """σ' = 1 - length: the divergence grows without bound, and is small again behind the wall."""

    def divergence(length):
        sigma = abs(1 - length)
        return np.log(sigma) + 1 / (2 * sigma**2) - 0.5

    for distance in (0.01, 1.0, 50.0):
        length = length_at(divergence, distance)
        assert length < 1
        assert divergence(length) == pytest.approx(distance, rel=1e-3)


def test_a_distance_that_no_step_reaches_is_an_error():
    """Along some directions a policy soon stands still, and its divergence with it."""
    with pytest.raises(ArithmeticError, match=r"no step has a KL of 1 nats; one of length .* has 0.5"):
        length_at(lambda length: 0.5 * np.tanh(length) ** 2, 1.0)


def test_warnings():
    assert warning(np.inf, 0.9) == "infinite second moment"
    assert warning(2.0, 0.09) == warning(None, 0.09) == "effective sample size under 10 %"
    assert warning(2.0, 0.5) == ""
    even, lonely = torch.zeros(8, dtype=torch.float64), torch.tensor([800.0] + [0.0] * 7, dtype=torch.float64)
    assert effective_share(even) == pytest.approx(1)
    assert effective_share(lonely) == pytest.approx(1 / 8)


def evidence(spec: OffPolicySpec) -> dict[str, bool | str]:
    """Which equations' checks pass, and some verdicts."""
    tables = tables_of(spec)
    identities = tables["identities"]
    found: dict[str, bool | str] = {}
    for number in range(22, 35):
        checks = equations.IDENTITIES.checks(identities, f"E{number}")
        found[f"E{number}"] = all(check.passed for check in checks)
    found["C12"] = bias.c12(tables["gradients"], identities, ESTIMATORS).verdict
    return found


CLAIMS: dict[str, Callable[..., Any]] = {
    "c11": bias.c11,
    "c12": bias.c12,
    "c14": forms.c14,
    "c15": steps.c15,
    "c16": first_order.c16,
    "c34": past.c34,
}
SCALING = pd.DataFrame(
    {"estimator": ["first_order", "first_order"], "horizon": [1, 4], "cost": [1.0, 1.1], "n": 60}
).assign(cost_low=0.9, cost_high=1.2, exact_second_moment=2.0, shift=-0.08)


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_without_its_rows_no_claim_is_silent(claim):
    """No estimator in the config, and no environment whose expectations are exact."""
    tables = tables_of(spec_of(LINE, distances=[0.002, 0.01], replicates=10))
    asked = {f"off_policy_{name}": table for name, table in tables.items()}
    asked |= {f"off_policy_{name}": tables[name].head(0) for name in ("paths", "limits")}
    asked |= {"off_policy_scaling": SCALING, "estimators": ESTIMATORS.head(0)}
    function = CLAIMS[claim]
    found = function(*(asked[name] for name in signature(function).parameters))
    assert found.verdict == "undecided"
    assert found.because.startswith(("undecided: no", "undecided: the "))


def a_step_too_short(form):
    """The same weights without ratio t before the score of t."""

    def short(log_ratios):
        weights = form(log_ratios)
        return weights._replace(on_score=weights.on_score - log_ratios)

    return short


def test_equations_hold_and_a_part_that_is_wrong_fails_its_own(monkeypatch):
    """With ratio t left out of the weights before the score E29 and E30 fail, and nothing else."""
    right = evidence(spec_of(GRID, batch_size=32, replicates=100))
    assert {name for name, value in right.items() if value is False} == set()
    assert right["C12"] != "refuted"
    for form in ("per_decision", "no_future"):
        module = importlib.import_module(f"pgpipe.estimators.importance.{form}")
        monkeypatch.setattr(module, form, a_step_too_short(getattr(module, form)))
    wrong = evidence(spec_of(GRID, batch_size=32, replicates=100))
    assert {name for name in wrong if wrong[name] is False} == {"E29", "E30"}


def test_unweighted_samples_refute_c12(monkeypatch):
    module = importlib.import_module("pgpipe.estimators.importance.trajectory")
    right = module.trajectory
    monkeypatch.setattr(module, "trajectory", lambda log_ratios: right(0 * log_ratios))
    assert evidence(spec_of(GRID, distances=[0.1, 0.5], batch_size=32, replicates=100))["C12"] == "refuted"


def test_the_line_by_its_horizon():
    """Measured moments stay near the exact ones, and where these end nothing is measured."""
    environment = LINE | {"kwargs": {"horizon": 5, "start_std": 1.0, "noise_std": 0.0}}
    theta = torch.tensor([-0.4, 0.4], dtype=torch.float64)
    spec: HorizonsSpec = {
        "seed": 0,
        "environment": environment,
        "policy": "untrained",
        "shifts": [-0.1, 0.3],
        "horizons": [2, 4],
        "scaling_shift": -0.1,
        "trajectories": 2000,
        "farthest": 20,
        "batch_size": 16,
        "replicates": 60,
        "group": GROUP,
        "module": "pgpipe.oracles.line",
        "known": "pgpipe.oracles.line_off_policy",
    }
    tables = {name.removeprefix("off_policy_"): table for name, table in horizon_tables(spec, theta).items()}
    moments = tables["moments"]
    assert np.isinf(moments.loc[(moments["shift"] == 0.3) & (moments["horizon"] == 4), "exact"]).all()
    assert moments.loc[np.isinf(moments["exact"]), "measured"].isna().all()
    sure = moments.dropna(subset="measured_low")
    error = (sure["measured_high"] - sure["measured_low"]) / 4
    assert len(sure) >= 4
    assert ((sure["measured"] - sure["exact"]).abs() < 5 * error).all()
    assert (tables["boundary"]["first_infinite"] >= 0).all()
    assert set(tables["scaling"]["horizon"]) == {2, 4, 8, 16}
    assert (tables["scaling"].dropna(subset="cost_low")["cost"] > 0).all()


def test_one_batch_that_met_a_reward_has_a_spread_and_no_crash():
    """In a resample that misses it all rows are alike, and rounding may leave their variance below zero."""
    rng = np.random.default_rng(0)
    rows = np.zeros((40, 3))
    rows[7] = [0.1, 0.2, 0.3]
    for _ in range(20):
        counts = resample_counts(40, 100, rng)
        row = Compared(np.ones((1, 3)), 1.0, counts).row(rows, None)
        assert row["std_low"] >= 0
