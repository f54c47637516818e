"""What tests share: small environments, estimators, recipes, policies with some parameters, batches of rollouts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.envs.spec import EnvironmentSpec, LinearEnvironmentSpec
from pgpipe.estimators.composed import Composed, Normalize
from pgpipe.estimators.parts import part_names, read_part
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.rollout import policy_for, record, rollout
from pgpipe.seeding import stream
from pgpipe.training.spec import ConjugateGradientSpec, OptimizerName, TrainingSpec, ValueNetworkSpec
from pgpipe.trajectories import Trajectories

LINE: LinearEnvironmentSpec = {
    "name": "line",
    "id": "pgpipe/Line-v0",
    "kwargs": {"horizon": 5, "start_std": 0.8, "noise_std": 0.3},
    "max_episode_steps": None,
    "gamma": 0.9,
    "policy": {"kind": "linear_gaussian", "k": -0.4, "sigma": 0.7, "parameterization": "sigma"},
}
GRID: EnvironmentSpec = {
    "name": "grid",
    "id": "pgpipe/Grid-v0",
    "kwargs": {"size": 3, "slip": 0.2, "horizon": 6},
    "max_episode_steps": None,
    "gamma": 0.9,
    "policy": {"kind": "softmax_table", "logits": None},
}
CARTPOLE: EnvironmentSpec = {
    "name": "cartpole",
    "id": "CartPole-v1",
    "kwargs": {},
    "max_episode_steps": 60,
    "gamma": 0.97,
    "policy": {"kind": "categorical_mlp", "hidden": [8]},
}
ACROBOT: EnvironmentSpec = {
    "name": "acrobot",
    "id": "Acrobot-v1",
    "kwargs": {},
    "max_episode_steps": 15,
    "gamma": 1.0,
    "policy": {"kind": "categorical_mlp", "hidden": [8, 8]},
}
PENDULUM: EnvironmentSpec = {
    "name": "pendulum",
    "id": "Pendulum-v1",
    "kwargs": {},
    "max_episode_steps": 15,
    "gamma": 0.95,
    "policy": {"kind": "gaussian_mlp", "hidden": [8], "sigma": 1.5},
}
CHAIN: EnvironmentSpec = {
    "name": "chain",
    "id": "pgpipe/Chain-v0",
    "kwargs": {},
    "max_episode_steps": None,
    "gamma": 1.0,
    "policy": {"kind": "softmax_table", "logits": None},
}
COIN: EnvironmentSpec = {
    "name": "coin",
    "id": "pgpipe/Coin-v0",
    "kwargs": {},
    "max_episode_steps": None,
    "gamma": 1.0,
    "policy": {"kind": "softmax_table", "logits": [0.0, 0.4]},
}
PROMPTS: EnvironmentSpec = {
    "name": "prompts",
    "id": "pgpipe/Prompts-v0",
    "kwargs": {"targets": [1, 3], "vocabulary": 2, "limit": 2},
    "max_episode_steps": None,
    "gamma": 1.0,
    "policy": {"kind": "softmax_table", "logits": [0.3, 0.0, -0.2]},
    "group": 3,
}
ENVIRONMENTS: dict[str, EnvironmentSpec] = {
    spec["name"]: spec for spec in (LINE, GRID, CARTPOLE, ACROBOT, PENDULUM, COIN)
}


# Signals that credit steps, which scores are multiplied by; the others are gradients themselves.
CREDITS = [name for name in part_names("signals") if not read_part("signals", name).facts.own_gradient]
# Baselines of trajectories that may each begin in a state of its own.
UNGROUPED = [name for name in part_names("baselines") if "group" not in read_part("baselines", name).asks]


def some_theta(environment: EnvironmentSpec, agents: int = 1) -> Tensor:
    """Parameters that favour some actions, so that no gradient is zero by symmetry.  (agents, P)."""
    policy = policy_for(environment)
    rows = []
    for agent in range(agents):
        rng = stream(1, "theta", agent)
        start = policy.initial(rng)
        rows.append(start + 0.2 * torch.as_tensor(rng.standard_normal(len(start)), dtype=start.dtype))
    return torch.stack(rows)


def estimator_spec(
    signal: str = "reward_to_go",
    baseline: str = "none",
    *,
    score_discount: bool = True,
    value: Literal["critic", "exact"] = "critic",
    gae_lambda: float = 0.95,
    normalize: Normalize = False,
    direction: Literal["vanilla", "natural"] = "vanilla",
    importance: str = "none",
    self_normalize: bool = False,
    **more: Any,
) -> EstimatorSpec:
    """An estimator's spec, with the config's default for what is not said, and what it says only then."""
    spec: EstimatorSpec = {
        "signal": signal,
        "baseline": baseline,
        "score_discount": score_discount,
        "value": value,
        "gae_lambda": gae_lambda,
        "normalize": normalize,
        "direction": direction,
        "importance": importance,
        "self_normalize": self_normalize,
    }
    return {**spec, **more}  # type: ignore[typeddict-item]


def suited(environment: EnvironmentSpec, spec: EstimatorSpec) -> EnvironmentSpec:
    """The environment, in groups of three for an estimator that asks for groups."""
    return grouped(environment) if Composed.from_line(spec).needs_groups else environment


def grouped(environment: EnvironmentSpec) -> EnvironmentSpec:
    """The environment, in which three episodes begin in one start state."""
    own = environment.copy()
    own["group"] = 3
    return own


def recipe(
    environment: EnvironmentSpec,
    *,
    seed: int = 0,
    estimator: EstimatorSpec | None = None,
    optimizer: OptimizerName = "adam",
    learning_rate: float = 0.1,
    kl: float | None = None,
    conjugate_gradient: ConjugateGradientSpec | None = None,
    episodes: int | None = 16,
    steps: int | None = None,
    updates: int = 15,
    reuse: int = 1,
    entropy: float = 0.0,
    max_gradient_norm: float | None = None,
    value_network: ValueNetworkSpec | None = None,
) -> TrainingSpec:
    """A small training's spec; by the reward to go less the mean, where no estimator is given."""
    return {
        "seed": seed,
        "environment": environment,
        "estimator": estimator or estimator_spec("reward_to_go", "mean"),
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "kl": kl,
        "conjugate_gradient": conjugate_gradient,
        "episodes": episodes,
        "steps": steps,
        "updates": updates,
        "reuse": reuse,
        "entropy": entropy,
        "max_gradient_norm": max_gradient_norm,
        "value_network": value_network,
    }


def sample(
    environment: EnvironmentSpec, theta: Tensor, n: int, seed: int = 0, agents: Sequence[int] | None = None
) -> Trajectories:
    """Rollouts (A, n, T) of theta (A, P); `agents` are the numbers that name the streams."""
    numbers = list(range(len(theta))) if agents is None else agents
    episodes = ParallelEpisodes(environment, len(theta), n)
    batch = rollout(
        policy_for(environment),
        theta,
        episodes,
        [stream(seed, "environment", agent) for agent in numbers],
        [stream(seed, "actions", agent) for agent in numbers],
    )
    episodes.close()
    return batch


def recorded(
    make: Callable[..., Any], environment: EnvironmentSpec, theta: Tensor, episodes: ParallelEpisodes
) -> list[Any]:
    """A batch of every agent, recorded with its tape by what `make` makes."""
    recording = make(policy_for(environment), episodes, keep_tape=True)
    words = ("environment", "actions")
    record(recording, theta, *([stream(0, word, agent) for agent in range(len(theta))] for word in words))
    return [recording.batch(row) for row in range(len(theta))]


def two_kinds(environment: EnvironmentSpec, agents: int) -> tuple[ParallelEpisodes, ParallelSteps]:
    """Rows for batches of episodes, and of steps."""
    return ParallelEpisodes(environment, agents, 6), ParallelSteps(environment, agents, 150)


def assert_same(ours: Iterable[Trajectories], theirs: Iterable[Trajectories]) -> None:
    """Trajectories, one after the other, bit for bit."""
    for one, other in zip(ours, theirs, strict=True):
        for name, value in one.fields.items():
            assert torch.equal(value, other.fields[name]), name
