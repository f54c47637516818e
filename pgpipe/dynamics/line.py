"""The line's dynamics written down: densities of start and step, and a quadrature over its trajectories."""

from dataclasses import dataclass
from math import log, pi

import numpy as np
import torch
from torch import Tensor

from pgpipe.dynamics.density import Listing
from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

# A dimension: exact up to degree nine, and no noise enters a score times a return beyond degree four.
NODES = 5


@dataclass(frozen=True)
class LineDynamics:
    """s_0 ~ N(0, start_std²), s_{t+1} ~ N(s_t + a_t, ν²), both spreads above zero.  Lecture E38, math.md."""

    horizon: int
    start_std: float
    noise_std: float

    def log_start(self, obs: Tensor) -> Tensor:
        """log N(s_0; 0, start_std²)."""
        return _log_normal(obs[..., 0], self.start_std)

    def log_step(self, obs: Tensor, actions: Tensor, next_obs: Tensor) -> Tensor:
        """log N(s_{t+1}; s_t + a_t, ν²)."""
        return _log_normal((next_obs - obs - actions)[..., 0], self.noise_std)

    def list_trajectories(self, policy: Policy, theta: Tensor) -> Listing:
        """Gauss-Hermite nodes over the 2T + 1 standard normal z = (s_0/start_std, ε_0, w_0, …) behind τ.

        ∫ f(τ) dτ = ∫ f(τ(z)) |∂τ/∂z| dz: each number moves one entry of τ more than those before it, so the
        determinant is start_std times T factors σ ν; a node of weight w stands for the volume w exp(z²/2).
        """
        x, w = np.polynomial.hermite_e.hermegauss(NODES)
        dimensions = 2 * self.horizon + 1
        z = torch.cartesian_prod(*[torch.from_numpy(x)] * dimensions)  # (M, 2T + 1)
        dz = torch.cartesian_prod(*[torch.from_numpy(w * np.exp(x**2 / 2))] * dimensions).prod(-1)
        noise = torch.tensor([[0.0], [1.0]], dtype=theta.dtype)
        rest, moved = policy.act(theta, torch.zeros_like(noise), noise[:, 0])[:, 0].tolist()
        sigma = abs(moved - rest)  # how far one unit of noise moves an action
        stretch = self.start_std * (sigma * self.noise_std) ** self.horizon
        return Listing(self._walk(policy, theta, z), dz * stretch, finite=False)

    def _walk(self, policy: Policy, theta: Tensor, z: Tensor) -> Trajectories:
        """The trajectories that standard normal numbers z lead to.  (M, 2T + 1) -> (M, T)."""
        s, obs, actions = self.start_std * z[:, :1], [], []
        for epsilon, w in zip(z[:, 1::2].T, z[:, 2::2].T, strict=True):
            a = policy.act(theta, s, epsilon)
            obs.append(s)
            actions.append(a)
            s = s + a + self.noise_std * w[:, None]
        places, moves = torch.stack(obs, dim=1), torch.stack(actions, dim=1)  # (M, T, 1)
        rewards = -(places**2 + moves**2)[..., 0]
        everywhere = torch.ones_like(rewards, dtype=torch.bool)
        ends = everywhere[:, 0]
        return Trajectories(places, moves, rewards, everywhere, ends, ~ends, final_obs=s)


def dynamics_of(environment: EnvironmentSpec) -> LineDynamics:
    """Those of an environment's spec."""
    line = LineVectorEnv(**environment["kwargs"])
    return LineDynamics(line.horizon, line.start_std, line.noise_std)


def _log_normal(x: Tensor, std: float) -> Tensor:
    return -0.5 * (x / std) ** 2 - log(std) - 0.5 * log(2 * pi)
