"""The one-dimensional example against math.md: optima, flows from anywhere, derivatives, updates."""

import numpy as np
import pandas as pd
import pytest
from samples import LINE

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.lecture.line.flows import expected_end, flow, follow_flows, regimes
from pgpipe.lecture.line.number_line import number_line
from pgpipe.lecture.line.optimum import best_gain as gain_by_horizon
from pgpipe.lecture.line.optimum import riccati_gain
from pgpipe.lecture.line.shape import SIGMAS, conditions, derivatives, hessian
from pgpipe.lecture.line.speed import updates_needed
from pgpipe.lecture.line.walks import walk_line
from pgpipe.oracles import line_average
from pgpipe.oracles.line import fisher
from pgpipe.oracles.line_field import best_gain, directions, find_optimum, parameters, with_start
from pgpipe.policies.spec import Parameterization

GOLDEN = (1 - 5**0.5) / 2


def lecture(parameterization: Parameterization = "sigma", **kwargs: float) -> LinearEnvironmentSpec:
    """The default config's line."""
    line = {"horizon": 10, "start_std": 1.0, "noise_std": 0.0, **kwargs}
    policy = LINE["policy"] | {"k": -0.3, "sigma": 0.5, "parameterization": parameterization}
    return LINE | {"kwargs": line, "gamma": 0.95, "policy": policy}


@pytest.mark.parametrize(
    ("gamma", "k"), [(1, -0.618034), (0.99, -0.615251), (0.95, -0.603732), (0.9, -0.588403)]
)
def test_best_gains_are_math_mds(gamma, k):
    assert riccati_gain(gamma, 1.0) == pytest.approx(k, abs=1e-6)
    assert gain_by_horizon(gamma, np.inf, 1.0) == pytest.approx(k, abs=1e-6)
    assert gain_by_horizon(gamma, 200, 1.0) == pytest.approx(k, abs=1e-6)


def test_without_a_cost_of_actions_the_lecture_is_right():
    assert riccati_gain(0.9, 0.0) == -1
    assert [gain_by_horizon(0.9, T, 0.0) for T in (2, 7, np.inf)] == pytest.approx([-1] * 3, abs=1e-6)


def test_the_best_gain_of_one_step_is_to_stay():
    assert best_gain(lecture(horizon=1), 0.0) == 0


@pytest.mark.parametrize("noise_std", [0.0, 0.4])
@pytest.mark.parametrize("start_std", [0.0, 0.01, 1.0])
def test_no_gain_is_better_than_the_optimum(start_std, noise_std):
    line = with_start(lecture(noise_std=noise_std), start_std)
    best = find_optimum(line, [start_std]).iloc[0]
    sigma = 0.0 if best["unique"] else 0.1
    objective = {k: directions(line, k, sigma + 1e-9)[0] for k in np.linspace(-1.5, 0.2, 171)}
    assert max(objective, key=lambda k: objective[k]) == pytest.approx(best["k"], abs=0.01)
    assert best["unique"] == (start_std > 0 or noise_std > 0)


def test_the_average_reward_is_the_limit_of_a_long_walk():
    """J over T steps, undiscounted, over T: -σ²f(k); the gradient too, and the Fisher matrix."""
    T, theta = 4_000, np.array([-0.4, 0.3])
    line = lecture(horizon=T, start_std=0.0) | {"gamma": 1.0}
    J, vanilla, _ = directions(line, *theta)
    exact = line_average.exact(*theta)
    assert pytest.approx(exact[0], rel=2e-3) == J / T
    assert vanilla / T == pytest.approx(exact[1], rel=2e-3)
    assert np.diagonal(fisher(theta, line)) == pytest.approx(
        np.diagonal(line_average.fisher(*theta)), rel=1e-3
    )


def test_flows_of_math_md():
    """From (-0.2, 0.3) the average reward's vanilla flow ends at k = -0.2550, the natural one at -0.6180."""
    ends = follow_flows(lecture(), [], [(-0.2, 0.3)])["flow_ends"].set_index("direction")["k"]
    assert ends["vanilla"] == pytest.approx(-0.2550, abs=5e-5)
    assert ends["natural"] == pytest.approx(GOLDEN, abs=5e-5)


STARTS = [tuple(p) for p in np.random.default_rng(3).uniform([-1.95, 0.03], [-0.05, 2.0], (4, 2)).tolist()]


@pytest.mark.parametrize("parameterization", ["sigma", "log_sigma", "sigma_squared"])
@pytest.mark.parametrize(
    "start", [*STARTS, (GOLDEN, 0.5), (-1.0, 1.0)], ids=lambda s: f"{s[0]:.2f},{s[1]:.2f}"
)
def test_flows_end_where_they_must_from_anywhere(start, parameterization):
    """To three digits, in every regime, by every parameter; the natural one at the best k."""
    for regime in regimes(lecture(parameterization), [1.0, 0.01, 0.0]):
        for direction in ("vanilla", "natural"):
            end, used_up = flow(regime, direction, *start)[-1]
            assert end == pytest.approx(expected_end(regime, direction, *start), abs=5e-4), regime.name
            assert used_up < 1e-4


def test_natural_directions_do_not_know_the_parameter():
    for start_std in (0.0, 1.0):
        found = [
            directions(with_start(lecture(name), start_std), -0.4, 0.3) for name in ("sigma", "log_sigma")
        ]
        assert found[0][2] == pytest.approx(found[1][2], rel=1e-12)
        assert found[0][1] != pytest.approx(found[1][1], rel=1e-2)


def test_derivatives_fall_as_math_md_says():
    """m₀ = 0: |∂σJ|/|∂kJ| like 1/σ; m₀ > 0: ∂σJ → 0 while ∂kJ stays."""
    rows = derivatives(lecture(), [1.0, 0.0])
    for start_std, slope in ((1.0, 1.0), (0.0, -1.0)):
        ratio = rows[rows["start_std"] == start_std].set_index("sigma")["ratio"]
        assert np.log10(ratio[SIGMAS[-5]] / ratio[SIGMAS[-1]]) == pytest.approx(
            slope * np.log10(SIGMAS[-5] / SIGMAS[-1]), rel=0.02
        )


def test_the_hessian_is_that_of_j():
    line, theta = lecture(), np.array([-0.4, 0.3])

    def objective(theta):
        return directions(line, *theta)[0]

    h = 1e-3
    for i, di in enumerate(np.eye(2) * h):
        for j, dj in enumerate(np.eye(2) * h):
            second = (
                objective(theta + di + dj)
                - objective(theta + di - dj)
                - objective(theta - di + dj)
                + objective(theta - di - dj)
            ) / (4 * h * h)
            assert hessian(theta, line)[i, j] == pytest.approx(second, rel=1e-4)
    table = conditions(line, [0.0])
    assert table.loc[table["matrix"] == "fisher", "ratio"].iloc[-1] > 1e5


def test_a_kl_bound_is_quick_for_any_start_and_a_gradient_is_not():
    table = updates_needed(lecture(), [1.0, 0.03, 0.0], 150, (-0.2, 0.3))
    found = table.set_index(["rule", "start_std"])["updates"]
    assert found["natural to a KL bound"].max() < 10
    assert found["vanilla", 1.0] < 10
    assert np.isnan(found["vanilla", 0.03])
    assert set(table["start_std"]) == {1.0, 0.03}  # nothing is 1 % of an optimum of zero


def test_updates_of_one_rule_are_those_of_a_plain_loop():
    """θ + α∇J by hand, with the quickest size."""
    (row,) = updates_needed(lecture(), [1.0], 50, (-0.2, 0.3)).query("rule == 'vanilla'").itertuples()
    best, theta, updates = find_optimum(lecture(), [1.0])["objective"][0], np.array([-0.2, 0.3]), 0
    while True:
        J, vanilla, _ = directions(lecture(), *theta)
        if best - J <= 0.01 * abs(best):
            break
        theta, updates = theta + row.size * vanilla, updates + 1
    assert updates == row.updates


def test_walks_are_as_wide_as_the_formula():
    tables = walk_line(
        {"environment": lecture(), "seed": 0, "start_stds": [1.0, 0.0], "episodes": 2_000, "walks": 5}
    )
    spread = tables["line_spread"]
    assert (spread["measured_spread"] - spread["spread"]).abs().max() < 0.06
    start, after = spread[spread["start_std"] == 1.0]["spread"].iloc[:2]
    assert (start, after) == pytest.approx((1.0, (0.7**2 + 0.25) ** 0.5))
    assert set(tables["line_identities"]["equation"]) == {"E38", "E39", "E40"}


def test_walks_that_are_drawn_come_from_both_sides_of_the_goal():
    """Near ±2 √m₀, an odd one above; given its start a walk is expected at (1+k)ᵗ s_0, with the spread of 0."""
    tables = walk_line(
        {"environment": lecture(), "seed": 0, "start_stds": [1.0, 0.0], "episodes": 2_000, "walks": 5}
    )
    wide, still = (tables["line_walks"].query(f"start_std == {std}") for std in (1.0, 0.0))
    starts = wide[wide["step"] == 0]["place"].to_numpy()
    assert starts == pytest.approx([2, 2, 2, -2, -2], abs=0.05)
    first = wide[wide["walk"] == 0].set_index("step")
    assert first["mean"][10] == pytest.approx(0.7**10 * starts[0])
    assert (first["spread"][0], first["spread"][1]) == pytest.approx((0, 0.5))
    assert wide["spread"].to_numpy() == pytest.approx(still["spread"].to_numpy())
    assert (still["walk"].nunique(), still["mean"].abs().max()) == (5, 0)
    assert still[still["step"] == 1]["place"].nunique() == 5  # no walk is drawn twice


def test_the_number_line_is_a_density():
    table = number_line(lecture())
    for place, rows in table.groupby("place"):
        mass = np.trapezoid(rows["density"], rows["next_place"])
        mean = np.trapezoid(rows["density"] * rows["next_place"], rows["next_place"])
        assert mass == pytest.approx(1, abs=0.01)
        assert mean == pytest.approx(0.7 * place, abs=0.03)


def test_parameters_have_the_spread_they_are_asked_for():
    assert parameters(lecture("log_sigma"), -0.3, 0.5).tolist() == [-0.3, np.log(0.5)]
    assert parameters(lecture("sigma_squared"), -0.3, 0.5).tolist() == [-0.3, 0.25]
    assert isinstance(derivatives(lecture("log_sigma"), [1.0]), pd.DataFrame)
