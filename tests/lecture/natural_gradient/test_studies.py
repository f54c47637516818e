"""Studies of section 10: solutions, costs, invariance, step sizes; and that the claims follow their tables."""

import numpy as np
import pandas as pd
import pytest
from samples import CARTPOLE, GRID, LINE, estimator_spec, recipe

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.natural_gradient import claims as natural_gradient
from pgpipe.lecture.natural_gradient import fisher_costs, fisher_solves
from pgpipe.lecture.natural_gradient.directions import (
    DirectionsSpec,
    compare_directions,
    kind_of_step,
    steps_to,
)
from pgpipe.lecture.natural_gradient.fisher_solves import SolvesSpec, solve_all
from pgpipe.lecture.natural_gradient.invariance import InvarianceSpec, compare_parameterizations
from pgpipe.lecture.natural_gradient.step_sizes import (
    StepSizesSpec,
    SweptSpec,
    scores_of,
    sweep_steps,
    working_range,
)
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.training.spec import ConjugateGradientSpec, TrainingSpec

MEAN = estimator_spec("reward_to_go", "mean")
NATURAL = estimator_spec("reward_to_go", "mean", direction="natural")
SOLVER: ConjugateGradientSpec = {"iterations": 10, "residual": 1e-3, "damping": 1e-3}


@pytest.fixture(scope="module")
def solved():
    return solve_all({"seed": 0, "episodes": 4, "environments": [LINE, GRID, CARTPOLE]})


def test_c27_and_e42_follow_their_table(solved):
    solves = solved["fisher_solves"]
    costs = pd.DataFrame(
        [{"parameters": 10**6, "cg_bytes": 1e7, "dense_bytes": 8e12, "product_over_gradient": 2.0}]
    )
    assert all(check.passed for check in natural_gradient.e42(solves))
    assert natural_gradient.c27(solves, costs).verdict == "supported"
    wrong = solves.assign(difference=1e-2)
    assert natural_gradient.c27(wrong, costs).verdict == "refuted"
    assert not any(check.passed for check in natural_gradient.e42(wrong))


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


def test_c26_follows_its_tables(invariance):
    differences, sizes = invariance["step_differences"], invariance["step_sizes"]
    claim = natural_gradient.c26(differences, sizes)
    assert claim.verdict == "supported"
    assert claim.interval.estimate == pytest.approx(1, abs=0.05)  # the difference, over ε, falls as ε does
    vanilla = differences[differences["direction"] == "vanilla"].assign(direction="natural")
    mixed = pd.concat([differences[differences["direction"] == "vanilla"], vanilla])
    assert natural_gradient.c26(mixed, sizes).verdict == "refuted"
    assert all(check.passed for check in natural_gradient.e41(sizes))
    assert not any(check.passed for check in natural_gradient.e41(sizes.assign(ratio=1.3)))


def test_c27_needs_a_large_network(solved):
    costs = pd.DataFrame(
        [{"parameters": 40, "cg_bytes": 1e4, "dense_bytes": 2e4, "product_over_gradient": 2.0}]
    )
    claim = natural_gradient.c27(solved["fisher_solves"], costs)
    assert claim.verdict == "undecided"
    assert claim.because == "undecided: a network of 40 parameters is too small to tell"


def test_c35_needs_both_directions_in_an_environment():
    claim = natural_gradient.c35(ranges((2.0, 1.8, 2.2), (1.0, 0.8, 1.2)).head(1))
    assert claim.verdict == "undecided"
    assert (
        "undecided: the step size study has no environment with a vanilla and a natural recipe"
        in claim.because
    )


def ranges(natural, vanilla):
    """Rows (width, low, high) of two recipes in one environment."""
    rows = [("natural", "kl", *natural), ("vanilla", "learning_rate", *vanilla)]
    table = pd.DataFrame(rows, columns=["direction", "key", "decades", "low", "high"])
    same = {"from_size": 1e-3, "to_size": 1e-1, "low_censored": False, "high_censored": False, "works": 0.5}
    return table.assign(environment="line", seeds=8, **same)


@pytest.mark.parametrize(
    ("natural", "vanilla", "expected"),
    [
        ((2.0, 1.8, 2.2), (1.0, 0.8, 1.2), "supported"),
        ((1.0, 0.8, 1.2), (2.0, 1.8, 2.2), "refuted"),
        ((1.5, 1.0, 2.0), (1.2, 0.8, 1.6), "undecided"),
    ],
)
def test_c35_follows_its_table(natural, vanilla, expected):
    assert natural_gradient.c35(ranges(natural, vanilla)).verdict == expected


def test_a_working_range_is_the_widest_one_between_its_crossings():
    logs = np.arange(7.0)
    scores = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    assert working_range(logs, scores, 0.5) == (3.5, 5.5, False, False)
    assert working_range(logs, np.ones(7), 0.5) == (0.0, 6.0, True, True)
    assert working_range(logs, np.zeros(7), 0.5) == (0.0, 0.0, False, False)


def test_scores_are_shares_of_the_best():
    final = np.array([[0.0, 10.0, np.nan, -5.0]] * 4)
    assert scores_of(final, np.zeros(4)).tolist() == [0.0, 1.0, 0.0, 0.0]


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


def test_a_sweep_finds_where_steps_work():
    """Of three KL bounds on the line the middle one is the best, and much too large a step earns nothing."""
    part: SweptSpec = {
        "training": trainings(LINE)["natural"] | {"updates": 25},
        "key": "kl",
        "sizes": [1e-6, 0.03, 30.0],
        "direction": "natural",
    }
    spec: StepSizesSpec = {
        "seed": 0,
        "environment": "line",
        "recipes": {"natural": part},
        "seeds": [0, 1, 2, 3],
        "works": 0.5,
        "resamples": 100,
    }
    tables = sweep_steps(spec)
    scores = tables["step_size_scores"].set_index("size")["score"]
    assert scores.idxmax() == 0.03
    row = tables["step_size_ranges"].iloc[0]
    assert row["from_size"] < 0.03 < row["to_size"]
    assert row["decades"] == pytest.approx(np.log10(row["to_size"] / row["from_size"]) / 2)
