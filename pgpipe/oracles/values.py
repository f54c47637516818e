"""What an oracle knows of an environment, as an estimator asks for it."""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ExactValue:
    """V, Q and the slopes of the problem at the policy theta (P,), from an oracle's module."""

    oracle: ModuleType
    theta: Tensor
    environment: EnvironmentSpec

    def __call__(self, trajectories: Trajectories, gamma: float) -> Tensor:
        """V_t(s_t) along trajectories.  -> (N, T+1)."""
        obs = trajectories.all_obs.double().numpy()
        V = self.oracle.values(self._at, self.environment, obs)
        return torch.tensor(V, dtype=trajectories.rewards.dtype) * trajectories.has_value

    def action_values(self, trajectories: Trajectories, gamma: float, actions: Tensor) -> Tensor:
        """Q_t(s_t, a) of K actions in every state along trajectories.  (N, T, K, [E]) -> (N, T, K)."""
        obs, acted = trajectories.obs.double().numpy(), actions.numpy()
        Q = self._asked("values_of_actions")(self._at, self.environment, obs, acted)
        return torch.tensor(Q, dtype=trajectories.rewards.dtype) * trajectories.mask[..., None]

    def slopes(self, trajectories: Trajectories) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """∂r/∂s, ∂r/∂a, ∂s'/∂s, ∂s'/∂a at every step, s and a one number each.  -> (N, T) each."""
        obs, actions = (steps.double().numpy()[..., 0] for steps in (trajectories.obs, trajectories.actions))
        found = self._asked("slopes")(self.environment, obs, actions)
        by_s, by_a, onward, moved = (torch.tensor(x, dtype=trajectories.rewards.dtype) for x in found)
        return by_s, by_a, onward, moved

    @property
    def _at(self) -> Floats:
        return self.theta.double().numpy()

    def _asked(self, name: str) -> Any:
        """A function of the oracle.  Raises `ValueError` where it has none of this name."""
        if not hasattr(self.oracle, name):
            raise ValueError(f"{self.environment['id']}: no {name.replace('_', ' ')} are known")
        return getattr(self.oracle, name)


def exact_value(module: str, theta: Tensor, environment: EnvironmentSpec) -> ExactValue:
    """What the oracle `module` knows at theta (P,); called as a value function it is V."""
    return ExactValue(import_module(module), theta, environment)
