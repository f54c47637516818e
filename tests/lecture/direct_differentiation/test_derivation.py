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
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.common.parameters import study_parameters
from pgpipe.lecture.direct_differentiation.identities import chi_square, frequencies, identities
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
    theta: torch.Tensor
    rollouts: Trajectories
    gamma: float
    exact: tuple[float, np.ndarray]

    def failed(self):
        """The equations of which a check fails."""
        table = identities(self.density, self.theta, self.rollouts, self.gamma, self.exact)
        table["environment"] = "here"
        ids = table["equation"].unique()
        return {i for i in ids if not all(check.passed for check in identity_checks(table, i))}


def problem(name):
    environment, dynamics, oracle = CASES[name]
    policy = policy_for(environment)
    theta = study_parameters(policy, stream(0, "theta"))
    return Problem(
        TrajectoryDensity(policy, dynamics.dynamics_of(environment)),
        theta,
        sample(environment, theta[None], N).split()[0],
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
    table = identities(right.density, right.theta, right.rollouts, right.gamma, right.exact)
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
    """E10 fails: the dynamics no longer drop out. E5 is true of any function of θ, and stays."""
    wrong = replace(right, density=KnowsTheta(right.density.policy, right.density.dynamics)).failed()
    assert "E10" in wrong
    assert "E5" not in wrong


class ForgetsADerivative(TrajectoryDensity):
    """∇p taken with one parameter held."""

    def grad_prob(self, theta, batch):
        gradient = super().grad_prob(theta, batch)
        return gradient * (torch.arange(gradient.shape[1]) > 0)


def test_wrong_derivative_is_found_out(right):
    wrong = replace(right, density=ForgetsADerivative(right.density.policy, right.density.dynamics))
    assert {"E4", "E5"} <= wrong.failed()
    assert "E6" not in wrong.failed()


class WithoutStart(TrajectoryDensity):
    """The product without its first factor."""

    def log_factors(self, theta, batch):
        return super().log_factors(theta, batch)[:, 1:]


def test_a_missing_factor_is_found_out(right):
    """No density any more: the integrals are off; the scores, and so E7 and E10, do not notice."""
    wrong = replace(right, density=WithoutStart(right.density.policy, right.density.dynamics)).failed()
    assert {"E3", "E4", "E6", "E8"} <= wrong
    assert not wrong & {"E7", "E10"}


def test_wrong_references_are_found_out(right):
    J, gradient = right.exact
    assert replace(right, exact=(J * (1 + 1e-9), gradient)).failed() == {"E3"}
    assert replace(right, exact=(J, gradient * 2)).failed() >= {"E4", "E6", "E7"}


def test_rollouts_of_another_policy_are_found_out(small_grid):
    """The sum over all trajectories stays right; the frequencies do not fit it."""
    theta = small_grid.theta + torch.linspace(0, 8, len(small_grid.theta))
    others = sample(SMALL_GRID, theta[None], N).split()[0]
    assert {"E7", "E8"} <= replace(small_grid, rollouts=others).failed() <= {"E7", "E8", "E9"}


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
