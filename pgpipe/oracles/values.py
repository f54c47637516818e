"""The exact value function of an environment as an estimator asks for it."""

from importlib import import_module

import torch
from torch import Tensor

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import ValueFunction
from pgpipe.trajectories import Trajectories


def exact_value(module: str, theta: Tensor, environment: EnvironmentSpec) -> ValueFunction:
    """V_t(s_t) of the policy theta (P,) along trajectories, from the oracle `module`.  -> (N, T+1)."""
    oracle = import_module(module)

    def value(trajectories: Trajectories, gamma: float) -> Tensor:
        V = oracle.values(theta.double().numpy(), environment, trajectories.all_obs.double().numpy())
        return torch.tensor(V, dtype=trajectories.rewards.dtype) * trajectories.has_value

    return value
