"""The derivation's steps hold where trajectories can be integrated, and each check fails where a step is wrong."""

from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import pytest
import torch
from samples import GRID, LINE, sample

from pgpipe.dynamics import grid as grid_dynamics
from pgpipe.dynamics import line as line_dynamics
from pgpipe.dynamics.density import TrajectoryDensity, next_obs
from pgpipe.envs import grid as grid_env
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.common.parameters import study_parameters
from pgpipe.lecture.direct_differentiation import identities as study
from pgpipe.lecture.direct_differentiation.by_hand import ByHand, by_hand, counted_grid, gradient
from pgpipe.lecture.direct_differentiation.claims import SAME_FACTORS, c2, c3
from pgpipe.lecture.direct_differentiation.frequencies import chi_square, frequencies
from pgpipe.lecture.direct_differentiation.identities import identities
from pgpipe.lecture.direct_differentiation.two_policies import counted_row, moments_row
from pgpipe.oracles import grid as grid_oracle
from pgpipe.oracles import line as line_oracle
from pgpipe.rollout import policy_for
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

SHORT_LINE = LINE | {"gamma": 0.4, "kwargs": {"horizon": 2, "start_std": 0.8, "noise_std": 0.3}}
SMALL_GRID = GRID | {"gamma": 0.4, "kwargs": {"size": 2, "slip": 0.3, "horizon": 2}}
CASES: dict[str, tuple[EnvironmentSpec, ModuleType, ModuleType]] = {
    "line": (SHORT_LINE, line_dynamics, line_oracle),
    "grid": (SMALL_GRID, grid_dynamics, grid_oracle),
}
N = 2_000


@dataclass(frozen=True)
class Problem:
    """What `identities` needs, with any part replaced."""

    density: TrajectoryDensity
    hand: ByHand
    theta: torch.Tensor
    rollouts: Trajectories
    others: Trajectories
    gamma: float
    exact: tuple[float, np.ndarray]

    def table(self):
        """Of identities, as a study makes it."""
        parts = self.density, self.hand, self.theta, self.rollouts, self.others, self.gamma, self.exact
        return identities(*parts).assign(environment="here")

    def failed(self):
        """The equations of which a check fails that is no identity by construction."""
        table = self.table()
        checks = {i: identity_checks(table, i, SAME_FACTORS.get(i, ())) for i in table["equation"].unique()}
        return {i for i, found in checks.items() if not all(c.passed for c in found if c.kind == "measured")}


def problem(name):
    environment, dynamics, oracle = CASES[name]
    policy = policy_for(environment)
    theta, other = (study_parameters(policy, stream(0, name)) for name in ("theta", "other"))
    return Problem(
        TrajectoryDensity(policy, dynamics.dynamics_of(environment)),
        by_hand(environment),
        theta,
        sample(environment, theta[None], N).split()[0],
        sample(environment, other[None], N, seed=1).split()[0],
        environment["gamma"],
        oracle.exact(theta.numpy(), environment),
    )


@pytest.fixture(scope="module", params=sorted(CASES))
def right(request):
    return problem(request.param)


@pytest.fixture(scope="module")
def small_grid():
    return problem("grid")


def test_every_step_holds(right):
    assert right.failed() == set()


def test_all_equations_are_there(right):
    table = right.table()
    assert list(table["equation"].unique()) == [f"E{i}" for i in range(3, 11)]


@pytest.mark.parametrize(("horizon", "size"), [(1, 2), (3, 2), (2, 3)])
def test_other_horizons_and_sizes(horizon, size):
    """Also where the episode is one step, or where paths end on the goal at different times."""
    for name, kwargs in (("line", {}), ("grid", {"size": size})):
        environment, dynamics, oracle = CASES[name]
        environment = environment | {"kwargs": {**environment["kwargs"], "horizon": horizon, **kwargs}}
        policy = policy_for(environment)
        theta = study_parameters(policy, stream(1, "theta"))
        density = TrajectoryDensity(policy, dynamics.dynamics_of(environment))
        listing = density.dynamics.list_trajectories(policy, theta)
        p = density.prob(theta, listing.trajectories) * listing.volumes
        J = p @ listing.trajectories.discounted_returns(environment["gamma"])
        assert p.sum() == pytest.approx(1, abs=1e-12)
        assert pytest.approx(oracle.exact(theta.numpy(), environment)[0], abs=1e-12) == J


class KnowsTheta(TrajectoryDensity):
    """Moves whose probability grows with θ, by the place they lead to."""

    def log_factors(self, theta, batch):
        factors = super().log_factors(theta, batch)
        T = batch.mask.shape[1]
        drift = theta[0] * batch.mask * next_obs(batch)[..., 0]
        return torch.cat([factors[:, : T + 1], factors[:, T + 1 :] + drift], dim=1)


def test_dynamics_that_know_theta_are_found_out(right):
    """Their p is another than the second program's: E5, where ∇p is its, and E9 fail."""
    wrong = replace(right, density=KnowsTheta(right.density.policy, right.density.dynamics))
    assert {"E5", "E9"} <= wrong.failed()
    assert c2(wrong.table()).verdict == "refuted"


class KnowsThetaByHand:
    """The second program with moves whose probability grows with θ."""

    def __init__(self, right):
        self.objective, self._prob = right.objective, right.prob

    def prob(self, theta, batch):
        return self._prob(theta, batch) * np.exp(theta[0] * next_obs(batch)[:, 0, 0].numpy())


def test_a_full_derivative_with_theta_in_the_dynamics_is_found_out(right):
    """E10 fails: the dynamics no longer drop out."""
    wrong = replace(right, hand=KnowsThetaByHand(right.hand))
    assert "E10" in wrong.failed()
    assert c3(wrong.table()).verdict == "refuted"
    assert c3(wrong.table()).reason


class ForgetsADerivative(TrajectoryDensity):
    """∇p taken with one parameter held."""

    def grad_prob(self, theta, batch):
        gradient = super().grad_prob(theta, batch)
        return gradient * (torch.arange(gradient.shape[1]) > 0)


def test_wrong_derivative_is_found_out(right):
    wrong = replace(right, density=ForgetsADerivative(right.density.policy, right.density.dynamics))
    assert "E4" in wrong.failed()
    assert "E6" not in wrong.failed()


class ForgetsAScore(TrajectoryDensity):
    """∇log p taken with one parameter held."""

    def grad_log_prob(self, theta, batch):
        scores = super().grad_log_prob(theta, batch)
        return scores * (torch.arange(scores.shape[1]) > 0)


def test_wrong_score_is_found_out(right):
    wrong = replace(right, density=ForgetsAScore(right.density.policy, right.density.dynamics))
    assert {"E5", "E6", "E7"} <= wrong.failed()
    assert c2(wrong.table()).verdict == "refuted"


def test_scores_summed_over_other_steps_are_found_out(right, monkeypatch):
    """The first step left out."""
    scores = trajectory_gradients
    monkeypatch.setattr(
        study,
        "trajectory_gradients",
        lambda policy, theta, batch, weights: scores(policy, theta, batch, weights * (torch.arange(2) > 0)),
    )
    assert right.failed() == {"E10"}


class WithoutStart(TrajectoryDensity):
    """The product without its first factor."""

    def log_factors(self, theta, batch):
        return super().log_factors(theta, batch)[:, 1:]


def test_a_missing_factor_is_found_out(right):
    """No density any more: the integrals are off; the scores, and so E7 and E10, do not notice."""
    wrong = replace(right, density=WithoutStart(right.density.policy, right.density.dynamics)).failed()
    assert {"E3", "E4", "E5", "E6", "E8", "E9"} <= wrong
    assert not wrong & {"E7", "E10"}


def test_a_wrong_oracle_is_found_out(right):
    J, slope = right.exact
    assert replace(right, exact=(J * (1 + 1e-9), slope)).failed() == {"E3"}
    assert replace(right, exact=(J, slope * 2)).failed() == {"E4"}


def test_a_wrong_second_program_is_found_out(right):
    """Without a discount."""
    wrong = replace(right, hand=replace(right.hand, gamma=1.0))
    assert {"E3", "E4", "E6", "E7"} <= wrong.failed()


def test_a_wrong_transition_matrix_is_found_out(monkeypatch):
    """Slips to the other three cells alone: oracle and listing agree, the environment's own dice do not."""

    def other_three(size, slip):
        P = right_matrix(size, slip)
        cells, actions = np.indices((size**2, 4))
        moved = np.eye(size**2)[grid_env.neighbour(cells, actions, size)]
        wrong = P - slip * moved.mean(1, keepdims=True) + slip * (moved.sum(1, keepdims=True) - moved) / 3
        wrong[-1] = P[-1]
        return wrong

    right_matrix = grid_oracle.transition_matrix
    for module in (grid_oracle, grid_dynamics):
        monkeypatch.setattr(module, "transition_matrix", other_three)
    wrong = problem("grid")
    listing = wrong.density.dynamics.list_trajectories(wrong.density.policy, wrong.theta)
    p = wrong.density.prob(wrong.theta, listing.trajectories)
    assert float(p @ listing.trajectories.discounted_returns(0.4)) == pytest.approx(wrong.exact[0])
    assert {"E3", "E4", "E5", "E6", "E9"} <= wrong.failed()


def test_the_rooms_dice_are_counted_to_the_last():
    """Also with a chance that is no round number, and with walls on three sides."""
    for size, slip in ((2, 0.3), (3, 0.125), (2, 1 / 3)):
        found = counted_grid(SMALL_GRID | {"kwargs": {"size": size, "slip": slip, "horizon": 2}})
        expected = grid_oracle.transition_matrix(size, slip)
        np.testing.assert_allclose(found.moves[:-1], expected[:-1], atol=1e-15)
        np.testing.assert_allclose(found.start[:-1], 1 / (size**2 - 1))
        assert (found.rewards[:-1, :, -1] == (found.moves[:-1, :, -1] > 0)).all()


def test_complex_steps_are_derivatives():
    theta = np.array([0.3, -1.2])
    found = gradient(lambda x: np.exp(x[0]) * x[1] ** 2, theta)
    np.testing.assert_allclose(found, np.exp(0.3) * np.array([1.44, -2.4]), rtol=1e-15)


def test_dynamics_that_depend_on_the_policy_are_found_out(right):
    """The other policy's rollouts come from another room, or another noise."""
    name = "grid" if isinstance(right.density.dynamics, grid_dynamics.GridDynamics) else "line"
    environment = CASES[name][0]
    change = {"slip": 0.45} if name == "grid" else {"noise_std": 0.35}
    elsewhere = environment | {"kwargs": {**environment["kwargs"], **change}}
    others = sample(elsewhere, right.theta[None], N, seed=1).split()[0]
    wrong = replace(right, others=others)
    assert wrong.failed() == {"E10"}
    assert c3(wrong.table()).verdict == "refuted"


def test_a_start_that_depends_on_the_policy_is_found_out():
    right = problem("line")
    elsewhere = SHORT_LINE | {"kwargs": {**SHORT_LINE["kwargs"], "start_std": 1.0}}
    others = sample(elsewhere, right.theta[None], N, seed=1).split()[0]
    assert moments_row(right.rollouts, others)[0]["value"] > 5


def test_rare_moves_are_not_compared(small_grid):
    assert counted_row(small_grid.rollouts.first(4), small_grid.others.first(4)) == []


def test_rollouts_of_another_policy_are_found_out(small_grid):
    """The sum over all trajectories stays right; the frequencies do not fit it."""
    theta = small_grid.theta + torch.linspace(0, 8, len(small_grid.theta))
    others = sample(SMALL_GRID, theta[None], N).split()[0]
    assert {"E7", "E8"} <= replace(small_grid, rollouts=others).failed() <= {"E7", "E8", "E9", "E10"}


def test_rollouts_of_another_room_are_found_out(small_grid):
    """A tenth more slipping."""
    slippery = SMALL_GRID | {"kwargs": {**SMALL_GRID["kwargs"], "slip": 0.4}}
    others = sample(slippery, small_grid.theta[None], N).split()[0]
    assert "E8" in replace(small_grid, rollouts=others).failed()


def test_rollouts_of_another_noise_are_found_out():
    """On the line the mean of log p tells."""
    right = problem("line")
    louder = SHORT_LINE | {"kwargs": {**SHORT_LINE["kwargs"], "noise_std": 0.4}}
    others = sample(louder, right.theta[None], N).split()[0]
    assert "E9" in replace(right, rollouts=others).failed()


def test_what_follows_a_step_is_the_next_place(small_grid):
    """At the last step of an episode, however early, the final observation."""
    batch = small_grid.rollouts
    after = next_obs(batch)
    for i, length in enumerate(batch.mask.sum(-1).tolist()):
        assert torch.equal(after[i, : length - 1], batch.obs[i, 1:length])
        assert torch.equal(after[i, length - 1], batch.final_obs[i])


def test_every_rollout_is_in_the_list_once(small_grid):
    listing = small_grid.density.dynamics.list_trajectories(small_grid.density.policy, small_grid.theta)
    counts = frequencies(listing.trajectories, small_grid.rollouts)
    assert counts.sum() == N
    assert counts[-1] == 0
    doubled = frequencies(listing.trajectories, listing.trajectories)
    assert (doubled[:-1] == 1).all()


def test_few_rollouts_are_not_compared_with_many_trajectories(small_grid):
    """Each is rare: no row, rather than a check without degrees of freedom."""
    few = replace(small_grid, rollouts=small_grid.rollouts.first(40))
    assert few.failed() == set()


def test_rollouts_that_cannot_be_are_found_out_however_few(small_grid):
    """The room's cells counted backwards, and the goal at every end: nobody walks like that."""
    few = small_grid.rollouts.first(40)
    goal = torch.eye(4, dtype=torch.float64)[3].expand_as(few.final_obs)
    assert "E8" in replace(small_grid, rollouts=replace(few, obs=few.obs.flip(-1), final_obs=goal)).failed()


def test_chi_square_by_hand():
    """10 and 30 where 20 and 20 are expected: 100/20 twice, one degree of freedom."""
    assert chi_square(np.array([10, 30, 0]), np.array([0.5, 0.5])) == (10.0, 1)


def test_chi_square_joins_rare_cells():
    """Expected 36, 2 and 2: the last two are one cell of 4."""
    statistic, freedom = chi_square(np.array([36, 4, 0, 0]), np.array([0.9, 0.05, 0.05]))
    assert (statistic, freedom) == (0.0, 1)


def test_chi_square_of_the_impossible_is_infinite():
    assert chi_square(np.array([20, 20, 1]), np.array([0.5, 0.5]))[0] == np.inf
    assert chi_square(np.array([20, 20, 1, 0]), np.array([0.5, 0.5, 0.0]))[0] == np.inf
