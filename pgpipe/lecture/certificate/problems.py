"""The problems on which a certificate judges: small, with an exact gradient, and each for another mistake.

Discounts are below one, so that a γᵗ that is missing shows; episodes end at different steps, so that padding
does; states follow from actions, so that whoever looks ahead is seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composed import Composed
from pgpipe.estimators.composition import ValueFunction
from pgpipe.oracles import chain, coin, grid_outcomes, prompts
from pgpipe.oracles.known import KNOWS
from pgpipe.oracles.outcomes import Floats, Outcomes
from pgpipe.oracles.values import exact_value
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for

SEED = 17  # of all rollouts of a certificate


@dataclass(frozen=True, eq=False)  # each is one of its kind
class Problem:
    """An environment at a policy theta (P,), with the module that knows J, ∇J and V there.

    Where `listed` gives all trajectories that can happen, expectations are exact. `target` is a policy not
    far away, for importance weights: what earns more is likelier there, so that large weights count.
    """

    environment: EnvironmentSpec
    module: str
    theta: tuple[float, ...]
    batch_size: int
    replicates: int
    listed: Callable[[Floats, Any], Outcomes] | None = None
    target: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """That of the environment."""
        return self.environment["name"]

    @property
    def group(self) -> int:
        """How many trajectories of a batch begin in one state."""
        return self.environment.get("group", 1)

    @property
    def policy(self) -> Policy:
        """The policy, without its parameters."""
        return policy_for(self.environment)

    @property
    def start(self) -> Tensor:
        """θ, (P,)."""
        return torch.tensor(self.theta, dtype=torch.float64)

    def gradient(self, theta: Tensor) -> Floats:
        """∇J at theta (P,)."""
        gradient: Floats = import_module(self.module).exact(theta.numpy(), self.environment)[1]
        return gradient

    def value(self, theta: Tensor) -> ValueFunction:
        """The true V of theta (P,)."""
        return exact_value(self.module, theta, self.environment)


def _environment(name: str, kind: str, gamma: float, **kwargs: Any) -> EnvironmentSpec:
    """A pgpipe environment with a softmax table."""
    return {
        "name": name,
        "id": f"pgpipe/{kind}-v0",
        "kwargs": kwargs,
        "max_episode_steps": None,
        "gamma": gamma,
        "policy": {"kind": "softmax_table", "logits": None},
    }


def _wave(n: int, step: float) -> tuple[float, ...]:
    """Parameters that favour some actions, so that no gradient is zero by symmetry."""
    return tuple((torch.arange(n, dtype=torch.float64) * step).sin().mul(0.6).tolist())


LINE: EnvironmentSpec = {
    **_environment("line", "Line", 0.9, horizon=5, start_std=0.8, noise_std=0.3),
    "policy": {"kind": "linear_gaussian", "k": -0.4, "sigma": 0.7, "parameterization": "sigma"},
}
COIN = _environment("coin", "Coin", 0.7)
CHAIN = _environment("chain", "Chain", 0.9, horizon=4)
ROOM = _environment("room", "Grid", 0.8, size=2, slip=0.0, horizon=2)
GRID = _environment("grid", "Grid", 0.9, size=3, slip=0.2, horizon=8)

ORACLES = "pgpipe.oracles"
PROBLEMS = (
    Problem(COIN, f"{ORACLES}.coin", (0.2, -0.5), 3, 300, coin.outcomes, (-0.3, -0.1)),
    Problem(CHAIN, f"{ORACLES}.chain", (0.3, 0.7), 3, 300, chain.outcomes, (-0.1, 1.0)),
    Problem(ROOM, f"{ORACLES}.grid", _wave(16, 1.7), 2, 300, grid_outcomes.outcomes, _wave(16, 2.1)),
    Problem(LINE, f"{ORACLES}.line", (-0.4, 0.7), 16, 200),
    Problem(GRID, f"{ORACLES}.grid", _wave(36, 2.3), 16, 200),
)

PROMPTS: EnvironmentSpec = {
    **_environment("prompts", "Prompts", 0.9, targets=[1, 3], vocabulary=2, limit=2),
    "group": 2,
}


def _in_groups(problem: Problem) -> Problem:
    """The same in groups: a batch that is listed is one, of others four make one."""
    environment = problem.environment.copy()
    environment["group"] = problem.batch_size if problem.listed else 4
    return replace(problem, environment=environment)


IN_GROUPS = (
    *map(_in_groups, PROBLEMS[:3]),
    Problem(PROMPTS, f"{ORACLES}.prompts", _wave(30, 1.9), 4, 300, prompts.outcomes, _wave(30, 2.2)),
    *map(_in_groups, PROBLEMS[3:]),
)


def problems_for(composed: Composed) -> tuple[Problem, ...]:
    """Those that have what an estimator asks for."""
    asked = [KNOWS[name] for name in composed.needs_of_oracle]
    some = IN_GROUPS if composed.needs_groups else PROBLEMS
    return tuple(p for p in some if all(p.environment["id"] in ids for ids in asked))


# What is cut off by a time limit, or falls before: for laws alone.
POLE: EnvironmentSpec = {
    **_environment("pole", "Line", 0.9),
    "id": "CartPole-v1",
    "max_episode_steps": 14,
}
