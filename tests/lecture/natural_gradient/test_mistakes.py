"""A mistake in a natural step is seen by a check of section 10: without it all pass, with it one fails."""

import numpy as np
import pandas as pd
import pytest
from samples import GRID, LINE, estimator_spec

from pgpipe.lecture.line import flows, walks
from pgpipe.lecture.natural_gradient import fisher_solves, invariance
from pgpipe.lecture.natural_gradient.claims import parameterisations, solves
from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import fisher_product, mean_kl
from pgpipe.natural.step import Step, length_for
from pgpipe.oracles.line import fisher

MEAN = estimator_spec("reward_to_go", "mean")


def e40():
    rows = walks.walk_line(
        {"environment": LINE, "seed": 0, "start_stds": [1.0], "episodes": 1_000, "walks": 5}
    )
    ends = flows.follow_flows(LINE, [1.0], [(-0.2, 0.3), (-1.2, 0.8)])["flow_ends"]
    return solves.e40(rows["line_identities"], ends)


def e41():
    spec: invariance.InvarianceSpec = {
        "seed": 0, "environment": LINE, "estimator": MEAN, "episodes": 16, "points": [[-0.3, 0.4]],
        "kls": [1e-5, 1e-3, 1e-1],
    }  # fmt: skip
    return parameterisations.e41(invariance.compare_parameterizations(spec)["step_sizes"])


def e42():
    return solves.e42(
        fisher_solves.solve_all({"seed": 0, "episodes": 4, "environments": [LINE, GRID]})["fisher_solves"]
    )


def fisher_is_the_trajectorys(monkeypatch):
    """The sum over the steps, where the mean is said."""
    monkeypatch.setattr(walks, "fisher", lambda theta, line: 5 * fisher(theta, line))


def the_natural_flow_divides_by_nothing(monkeypatch):
    """It follows ∇J: in the average reward it stalls."""

    def plain(parameterization, k, sigma, right=flows._average):
        J, vanilla, _ = right(parameterization, k, sigma)
        return J, vanilla, vanilla

    monkeypatch.setattr(flows, "_average", plain)


def the_two_is_left_out(monkeypatch):
    """α = √(ε/dᵀFd)."""
    monkeypatch.setattr(invariance, "length_for", lambda bound, *of: length_for(bound / 2, *of))


def the_step_does_not_go_back(monkeypatch):
    """The plain length, at any ε."""

    def plain(bound, direction, product, kl):
        step = length_for(bound, direction, product) * direction
        return Step(step, kl(step), "within the bound")

    monkeypatch.setattr(invariance, "step_to_bound", plain)


def the_bound_is_that_of_another_kl(monkeypatch):
    """KL(π' ‖ π) in the line search, which a smaller σ makes smaller."""
    monkeypatch.setattr(
        invariance, "mean_kl", lambda policy, here, there, obs: mean_kl(policy, there, here, obs)
    )


def a_product_is_halved(monkeypatch):
    """Half of F v: one of the two derivatives of the KL is that of its half."""
    monkeypatch.setattr(fisher_solves, "fisher_product", lambda *of: lambda v: fisher_product(*of)(v) / 2)


def the_damping_is_forgotten(monkeypatch):
    """Conjugate gradient solves F x = g."""
    monkeypatch.setattr(
        fisher_solves,
        "conjugate_gradient",
        lambda *of, damping, **more: conjugate_gradient(*of, damping=0.0, **more),
    )


MISTAKES = [
    (e40, fisher_is_the_trajectorys),
    (e40, the_natural_flow_divides_by_nothing),
    (e41, the_two_is_left_out),
    (e41, the_step_does_not_go_back),
    (e41, the_bound_is_that_of_another_kl),
    (e42, a_product_is_halved),
    (e42, the_damping_is_forgotten),
]


@pytest.mark.parametrize(("checks", "mistake"), MISTAKES, ids=lambda function: function.__name__)
def test_a_mistake_fails_a_check(checks, mistake, monkeypatch):
    assert all(check.passed for check in checks())
    mistake(monkeypatch)
    assert not all(check.passed for check in checks())


def test_c26_sees_a_direction_that_depends_on_the_parameter(monkeypatch):
    """Without F⁻¹ the steps of three parameterisations part."""
    monkeypatch.setattr(
        invariance, "conjugate_gradient", lambda product, g, **how: type("Found", (), {"x": np.asarray(g)})
    )
    spec: invariance.InvarianceSpec = {
        "seed": 0, "environment": LINE, "estimator": MEAN, "episodes": 16, "points": [[-0.6, 0.1]],
        "kls": [1e-7, 1e-5, 1e-4, 1e-3],
    }  # fmt: skip
    tables: dict[str, pd.DataFrame] = invariance.compare_parameterizations(spec)
    claim = parameterisations.c26(tables["step_differences"], tables["step_sizes"])
    assert claim.verdict == "refuted"
