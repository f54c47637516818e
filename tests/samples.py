"""What tests share: small environments, policies with some parameters, batches of rollouts."""

import torch

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.rollout import policy_for, rollout
from pgpipe.seeding import stream

LINE = {
    "name": "line",
    "id": "pgpipe/Line-v0",
    "kwargs": {"horizon": 5, "start_std": 0.8, "noise_std": 0.3},
    "max_episode_steps": None,
    "gamma": 0.9,
    "policy": {"kind": "linear_gaussian", "k": -0.4, "sigma": 0.7},
}
LINE_BY_SIGMA = {**LINE, "policy": {**LINE["policy"], "parameterization": "sigma"}}
GRID = {
    "name": "grid",
    "id": "pgpipe/Grid-v0",
    "kwargs": {"size": 3, "slip": 0.2, "horizon": 6},
    "max_episode_steps": None,
    "gamma": 0.9,
    "policy": {"kind": "softmax_table"},
}
CARTPOLE = {
    "name": "cartpole",
    "id": "CartPole-v1",
    "kwargs": {},
    "max_episode_steps": 60,
    "gamma": 0.97,
    "policy": {"kind": "categorical_mlp", "hidden": [8]},
}
ACROBOT = {
    "name": "acrobot",
    "id": "Acrobot-v1",
    "kwargs": {},
    "max_episode_steps": 15,
    "gamma": 1.0,
    "policy": {"kind": "categorical_mlp", "hidden": [8, 8]},
}
PENDULUM = {
    "name": "pendulum",
    "id": "Pendulum-v1",
    "kwargs": {},
    "max_episode_steps": 15,
    "gamma": 0.95,
    "policy": {"kind": "gaussian_mlp", "hidden": [8], "sigma": 1.5},
}
COIN = {
    "name": "coin",
    "id": "pgpipe/Coin-v0",
    "kwargs": {},
    "max_episode_steps": None,
    "gamma": 1.0,
    "policy": {"kind": "softmax_table", "logits": [0.0, 0.4]},
}
ENVIRONMENTS = {spec["name"]: spec for spec in (LINE, GRID, CARTPOLE, ACROBOT, PENDULUM, COIN)}


def some_theta(environment, agents=1):
    """Parameters that favour some actions, so that no gradient is zero by symmetry.  (agents, P)."""
    policy = policy_for(environment)
    rows = []
    for agent in range(agents):
        rng = stream(1, "theta", agent)
        start = policy.initial(rng)
        rows.append(start + 0.2 * torch.as_tensor(rng.standard_normal(len(start)), dtype=start.dtype))
    return torch.stack(rows)


def recipe(environment, **changes):
    """A small training's spec."""
    return {
        "seed": 0,
        "environment": environment,
        "estimator": {"signal": "reward_to_go", "baseline": "mean", "score_discount": True},
        "optimizer": "adam",
        "learning_rate": 0.1,
        "episodes": 16,
        "steps": None,
        "updates": 15,
        "entropy": 0.0,
        "max_gradient_norm": None,
        "value_network": None,
        **changes,
    }


def sample(environment, theta, n, seed=0, agents=None):
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
