"""Studies of section 10: solutions, costs, invariance, directions; and that the claims follow their tables."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable
from samples import CARTPOLE, GRID, LINE, estimator_spec, recipe

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.natural_gradient import fisher_costs, fisher_solves
from pgpipe.lecture.natural_gradient.claims import parameterisations, solves
from pgpipe.lecture.natural_gradient.directions import (
    DirectionsSpec,
    compare_directions,
    kind_of_step,
    steps_to,
)
from pgpipe.lecture.natural_gradient.fisher_solves import SolvesSpec, solve_all
from pgpipe.lecture.natural_gradient.invariance import InvarianceSpec, compare_parameterizations
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.training.spec import ConjugateGradientSpec, TrainingSpec

MEAN = estimator_spec("reward_to_go", "mean")
NATURAL = estimator_spec("reward_to_go", "mean", direction="natural")
SOLVER: ConjugateGradientSpec = {"iterations": 10, "residual": 1e-3, "damping": 1e-3}


@pytest.fixture(scope="module")
def solved():
    return solve_all({"seed": 0, "episodes": 4, "environments": [LINE, GRID, CARTPOLE]})


def whole(claim):
    """Whether a row says all it has to: no text is empty, and a reason stands where it is not supported."""
    assert_readable(claim)
    return len(claim.cases) > 0


def test_c27_and_e42_follow_their_table(solved):
    table = solved["fisher_solves"]
    costs = pd.DataFrame(
        [{"parameters": 10**6, "cg_bytes": 1e7, "dense_bytes": 8e12, "product_over_gradient": 2.0}]
    )
    assert all(check.passed for check in solves.e42(table))
    right = solves.c27(table, costs)
    assert (right.verdict, whole(right)) == ("supported", True)
    wrong = table.assign(difference=1e-2)
    refuted = solves.c27(wrong, costs)
    assert (refuted.verdict, whole(refuted)) == ("refuted", True)
    assert {case.says for case in refuted.cases} == {"against"}
    assert not any(check.passed for check in solves.e42(wrong.assign(product_difference=1e-3)))


def test_the_largest_eigenvalue_of_a_large_matrix_is_found_the_same_way_each_time():
    """Left to itself the search begins at numbers of torch's global generator."""
    network = CARTPOLE | {"policy": {"kind": "categorical_mlp", "hidden": [16, 16]}}
    spec: SolvesSpec = {"seed": 0, "episodes": 2, "environments": [network]}
    one, other = (solve_all(spec)["fisher_solves"] for _ in range(2))
    assert one["parameters"].max() > fisher_solves.SMALL
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_residuals_fall_to_nothing(solved):
    last = solved["fisher_residuals"].groupby("environment")["residual"].last()
    assert (last < 1e-10).all()


def test_costs_are_counted_and_timed_apart():
    spec: fisher_costs.FisherSpec = {
        "seed": 0,
        "environments": [],
        "episodes": 0,
        "parameters": [100, 2_000],
        "steps": 16,
    }
    counted, seconds = fisher_costs.count_costs(spec)
    assert (counted["parameters"] / [100, 2_000] - 1).abs().max() < 0.2
    assert counted["product_over_gradient"].max() < 4
    assert "seconds" not in counted
    assert {"gradient", "dense solve"} <= {name.partition(",")[0] for name in seconds["computation"]}
    again, _ = fisher_costs.count_costs(spec)
    pd.testing.assert_frame_equal(counted, again)


def test_a_networks_size_is_as_near_as_it_comes():
    for size in (100, 10_000, 10**6):
        policy = fisher_costs.network_of(size)
        h = policy.widths[1]
        near = [CategoricalMLP((4, w, w, 2)).n_parameters for w in (h - 1, h + 1)]
        assert all(abs(policy.n_parameters - size) <= abs(other - size) for other in near)


@pytest.fixture(scope="module")
def invariance():
    spec: InvarianceSpec = {
        "seed": 0,
        "environment": LINE,
        "estimator": MEAN,
        "episodes": 16,
        "points": [[-0.3, 0.4], [-0.6, 0.2]],
        "kls": [1e-7, 1e-5, 1e-4, 1e-3],
    }
    return compare_parameterizations(spec)


def test_c26_and_e41_follow_their_tables(invariance):
    differences, sizes = invariance["step_differences"], invariance["step_sizes"]
    claim = parameterisations.c26(differences, sizes)
    assert (claim.verdict, whole(claim)) == ("supported", True)
    assert claim.interval.estimate == pytest.approx(1, abs=0.05)  # the difference, over ε, falls as ε does
    assert claim.interval.n == 6  # three pairs at two points
    assert claim.reason == "It holds in the limit of small, KL-normalised steps."
    far = differences[differences["epsilon"] == 1e-3].assign(epsilon=0.1, ratio=0.11)
    conditioned = parameterisations.c26(pd.concat([differences, far]), sizes)
    assert (conditioned.verdict, conditioned.reason) == (
        "supported",
        "It holds in the limit of small, KL-normalised steps; at ε = 0.1 the difference is still 11% of ε.",
    )
    vanilla = differences[differences["direction"] == "vanilla"]
    mixed = pd.concat([vanilla, vanilla.assign(direction="natural")])
    refuted = parameterisations.c26(mixed, sizes)
    assert (refuted.verdict, whole(refuted)) == ("refuted", True)
    assert "by two parameterisations lead to policies" in refuted.reason
    uneven = parameterisations.c26(differences, sizes.assign(ratio=1.5))
    assert (uneven.verdict, uneven.reason) == ("refuted", "The KL of a natural step is off by 50% of ε.")


def test_c26_is_undecided_where_plain_steps_do_not_depend_on_it_either(invariance):
    differences = invariance["step_differences"]
    alike = differences.assign(ratio=differences["ratio"].where(differences["direction"] == "natural", 1e-6))
    claim = parameterisations.c26(alike, invariance["step_sizes"])
    assert (claim.verdict, whole(claim)) == ("undecided", True)
    slower = differences.assign(ratio=np.sqrt(differences["epsilon"]) / 100)
    plain = differences["direction"] == "vanilla"
    slower["ratio"] = slower["ratio"].mask(plain, differences["ratio"])
    claim = parameterisations.c26(slower, invariance["step_sizes"])
    assert (claim.verdict, claim.reason) == ("undecided", "The difference does not clearly vanish as ε does.")


def test_e41_holds_what_it_says(invariance):
    """The plain step to second order; the one that goes back at every ε, and never above it."""
    sizes = invariance["step_sizes"]
    checks = parameterisations.e41(sizes)
    assert len(checks) == 8
    assert all(check.passed for check in checks)
    assert not all(check.passed for check in parameterisations.e41(sizes.assign(taken=1.001)))
    assert not all(check.passed for check in parameterisations.e41(sizes.assign(taken=0.4)))
    beyond = sizes.assign(ratio=1 + 4 * sizes["epsilon"] ** 0.5)
    assert not any(check.passed for check in parameterisations.e41(beyond)[:4])


def test_c27_needs_a_large_network(solved):
    costs = pd.DataFrame(
        [{"parameters": 40, "cg_bytes": 1e4, "dense_bytes": 2e4, "product_over_gradient": 2.0}]
    )
    claim = solves.c27(solved["fisher_solves"], costs)
    assert claim.verdict == "undecided"
    assert claim.because == "undecided: a network of 40 parameters is too small to tell"


def trainings(environment: EnvironmentSpec) -> dict[str, TrainingSpec]:
    vanilla = recipe(environment, estimator=MEAN, optimizer="sgd", learning_rate=1e-3, updates=3, episodes=4)
    natural = vanilla | {
        "estimator": NATURAL,
        "kl": 0.01,
        "learning_rate": 1.0,
        "conjugate_gradient": SOLVER,
    }
    return {"plain": vanilla, "natural": natural}


def test_directions_are_compared_on_the_same_seeds():
    spec: DirectionsSpec = {
        "seed": 0,
        "environment": "line",
        "recipes": trainings(LINE),
        "seeds": [0, 1, 2, 3],
        "target": -5.0,
        "resamples": 100,
    }
    tables = compare_directions(spec)
    curves = tables["direction_curves"]
    first = curves[curves["update"] == 0].pivot_table(index="seed", columns="recipe", values="mean_return")
    assert (first["plain"] == first["natural"]).all()
    bounded = curves[(curves["step"] == "natural") & (curves["update"] < 3)]
    assert (bounded["kl"] <= 0.01).all()
    assert curves.loc[curves["update"] == 3, "kl"].isna().all()
    assert set(tables["direction_speed"]["step"]) == {"vanilla", "natural"}
    bounds = tables["direction_summary"].groupby("step")["bound"].first()
    assert bounds["natural"] == 0.01
    assert pd.isna(bounds["vanilla"])


def test_kinds_of_steps():
    parts = trainings(LINE)
    assert kind_of_step(parts["natural"]) == "natural"
    assert kind_of_step(parts["plain"]) == "vanilla"
    assert kind_of_step(parts["plain"] | {"optimizer": "adam"}) == "adam"


def test_steps_to_a_return_are_counted_from_the_first_batch_that_has_it():
    curve = pd.DataFrame(
        [(0, 100, 1.0), (0, 200, 9.0), (0, 300, 2.0), (0, 400, 9.0), (1, 100, 0.0), (1, 200, 0.0)],
        columns=["seed", "env_steps", "mean_return"],
    )
    assert steps_to(curve, 9.0).tolist() == [200, np.inf]
