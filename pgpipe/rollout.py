"""Policy + environment -> Trajectories."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.policies import Policy, make_policy
from pgpipe.trajectories import Trajectories

# Steps of noise drawn at a time: an agent's stream is the same whatever the block, it is only faster.
NOISE_BLOCK = 64


def policy_for(environment: Mapping[str, Any]) -> Policy:
    """The policy of an environment's spec, fitted to its spaces."""
    one = ParallelEpisodes(environment, 1, 1)
    shape = one.env.single_observation_space.shape
    policy = make_policy(environment["policy"], shape or (), one.env.single_action_space)
    one.close()
    return policy


@torch.no_grad()
def rollout(
    policy: Policy,
    theta: Tensor,
    episodes: ParallelEpisodes,
    env_streams: Sequence[np.random.Generator],
    action_streams: Sequence[np.random.Generator],
) -> Trajectories:
    """Run every episode once to its end, agent i by row i of theta (A, P).  -> Trajectories (A, N, T).

    The environment draws from `env_streams`, the policy from `action_streams`, one of each for each agent.
    """
    shape = (episodes.agents, episodes.episodes)
    alive = torch.ones(shape, dtype=torch.bool)
    terminated, truncated = torch.zeros_like(alive), torch.zeros_like(alive)
    obs = _rows(episodes.reset(env_streams), shape, policy.dtype)
    final_obs = torch.zeros_like(obs)
    steps: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
    noises = _noise(policy, action_streams, shape[1])
    while alive.any():
        actions = policy.act(theta, obs, next(noises).to(policy.dtype))
        next_obs, rewards, ends, cuts = episodes.step(actions.flatten(0, 1).numpy())
        steps.append((obs, actions, _rows(rewards, shape, policy.dtype), alive))
        terminates = alive & _rows(ends, shape, torch.bool)
        truncates = alive & _rows(cuts, shape, torch.bool) & ~terminates
        over = terminates | truncates
        obs = _rows(next_obs, shape, policy.dtype)
        final_obs = torch.where(over[..., None], obs, final_obs)
        terminated, truncated, alive = terminated | terminates, truncated | truncates, alive & ~over
    all_obs, all_actions, all_rewards, mask = (
        torch.stack(parts, dim=2) for parts in zip(*steps, strict=True)
    )
    return Trajectories(
        obs=_zero_padding(all_obs, mask),
        actions=_zero_padding(all_actions, mask),
        rewards=_zero_padding(all_rewards, mask),
        mask=mask,
        terminated=terminated,
        truncated=truncated,
        final_obs=final_obs,
    )


def _rows(array: Any, shape: tuple[int, int], dtype: torch.dtype) -> Tensor:
    """(A * N, ...) -> (A, N, ...)."""
    tensor = torch.as_tensor(array, dtype=dtype)
    return tensor.view(*shape, *tensor.shape[1:])


def _noise(policy: Policy, streams: Sequence[np.random.Generator], n: int) -> Iterator[Tensor]:
    """Noise for one step of all agents, (A, n), for ever."""
    while True:
        block = [policy.noise(stream, (NOISE_BLOCK, n)) for stream in streams]
        yield from torch.as_tensor(np.stack(block, axis=1))


def _zero_padding(steps: Tensor, mask: Tensor) -> Tensor:
    """Entries whose step did not happen become zero, whatever stood there, NaN included."""
    return steps.masked_fill_(~mask.view(mask.shape + (1,) * (steps.ndim - mask.ndim)), 0)
