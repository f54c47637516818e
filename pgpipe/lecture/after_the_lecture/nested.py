"""The variance's terms by nested sampling, where states can be returned to and actions be listed (P24).

From states that independent walks visit every action is taken, and each is followed twice, independently.
With Q̂ and Q̂' the two returns, g_a = ∇log π(a|s), u = Σ_a π(a|s) g_a Q̂_a and b either 0 or Σ_a π(a|s) Q̂_a,

    E‖E[x|s]‖² = E u·u',   E‖E[x|s,a]‖² = E Σ_a π(a|s) ‖g_a‖² (Q̂_a - b)(Q̂'_a - b'),
    E‖x - E[x|s,a]‖² = E Σ_a π(a|s) ‖g_a‖² ½ (Q̂_a - Q̂'_a)²,

all without bias, as is ‖E x‖² by the product of two walks' u at one step. Walks come in pairs, which are
independent of each other; of their steps every k-th counts k-fold, from a step that is drawn.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.parallel import make_rows
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.policies.every_action import every_action
from pgpipe.policies.policy import Policy, summed

Floats = NDArray[np.float64]

TERMS, BASELINES = ("state", "action", "trajectory"), ("none", "value")
ROWS = 40_000  # of episodes that are followed at a time


@dataclass(frozen=True)
class Visited:
    """States that walks were in: the walk, the step, what was observed, and the environment's own state."""

    walk: NDArray[np.int64]  # (M,)
    step: NDArray[np.int64]  # (M,)
    obs: NDArray[Any]  # (M, D)
    state: NDArray[Any]  # ([d,] M)


def visit(
    policy: Policy,
    theta: Tensor,
    environment: EnvironmentSpec,
    pairs: int,
    every: int,
    rng: np.random.Generator,
) -> Visited:
    """Every so-manieth state of 2 `pairs` walks, both walks of a pair at the same steps."""
    walks = 2 * pairs
    env = make_rows(environment, walks)
    env.np_random = rng
    env.prepare(walks)
    env.begin(np.arange(walks), np.arange(walks))
    first = np.repeat(rng.integers(0, every, pairs), 2)
    rows, found, t = np.arange(walks), [], 0
    while len(rows):
        obs = env.observe()
        chosen = np.flatnonzero((t - first[rows]) % every == 0)
        found.append((rows[chosen], np.full(len(chosen), t), obs[chosen], env.state[..., chosen].copy()))
        rows, t = rows[_go_on(env, _act(policy, theta, obs, rng))[1]], t + 1
    env.close()
    walk, step, seen, state = (np.concatenate(part, axis=axis) for part, axis in zip(
        zip(*found, strict=True), (0, 0, 0, -1), strict=True
    ))  # fmt: skip
    return Visited(walk, step, seen, state)


def returns_from(
    policy: Policy,
    theta: Tensor,
    environment: EnvironmentSpec,
    visited: Visited,
    actions: NDArray[np.int64],
    rng: np.random.Generator,
) -> Floats:
    """Q̂: the discounted rewards to go of episodes that go on with these actions.  -> (M,)."""
    env = make_rows(environment, len(actions))
    env.np_random = rng
    env.state, env.clock = visited.state.copy(), visited.step.copy()
    total, rows, discount = np.zeros(len(actions)), np.arange(len(actions)), 1.0
    while len(rows):
        rewards, on = _go_on(env, actions)
        total[rows] += discount * rewards
        rows, discount = rows[on], discount * environment["gamma"]
        actions = _act(policy, theta, env.observe(), rng) if len(rows) else actions
    env.close()
    return total


def _act(policy: Policy, theta: Tensor, obs: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    noise = torch.from_numpy(policy.noise(rng, (1, len(obs)))).to(policy.dtype)
    acted = policy.act(theta[None], torch.from_numpy(obs).to(policy.dtype)[None], noise)
    chosen: NDArray[np.int64] = acted[0].numpy()
    return chosen


def _go_on(env: Any, actions: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """A step of all rows; the rewards, and which of them go on: the environment keeps these alone."""
    _, rewards, terminated, truncated, _ = env.step(actions)
    on = np.flatnonzero(~(terminated | truncated))
    env.select(on)
    return rewards, on


def pair_terms(
    policy: Policy,
    theta: Tensor,
    environment: EnvironmentSpec,
    pairs: int,
    every: int,
    rng: np.random.Generator,
) -> dict[tuple[str, str], Floats]:
    """Each pair's estimate of the terms of tr N Var ĝ, (pairs,), by term and baseline, `none` or `value`."""
    visited = visit(policy, theta, environment, pairs, every, rng)
    if not len(visited.walk):  # every walk ended before the first step that counts: nothing, many-fold
        return {(term, b): np.zeros(pairs) for term in TERMS for b in BASELINES}
    found: dict[tuple[str, str], Floats] = {}
    width = _width(policy, theta, visited)
    M = max(1, ROWS // (2 * width))
    kept: list[tuple[Any, ...]] = []
    order = np.lexsort(
        (visited.walk, visited.step, visited.walk // 2)
    )  # a pair's walks at a step side by side
    for start in range(0, len(order), M):
        kept.append(_followed(policy, theta, environment, _taken(visited, order[start : start + M]), rng))
    walk, step = visited.walk[order], visited.step[order]
    u, action, trajectory = (np.concatenate(part) for part in zip(*kept, strict=True))
    weight = every * environment["gamma"] ** (2.0 * step) / 2  # a pair has two walks
    inner = (u[:, 0] * u[:, 1]).sum(1)
    pair = walk // 2

    def of_pairs(values: Floats) -> Floats:
        return np.bincount(pair, weight * values, minlength=pairs).astype(np.float64)

    mean = u.mean(1)
    both = np.flatnonzero((pair[1:] == pair[:-1]) & (step[1:] == step[:-1]))
    crossed = np.zeros(len(walk))
    # once for the two of them, whose weight is half
    crossed[both] = 2 * (mean[both] * mean[both + 1]).sum(1)
    for i, baseline in enumerate(BASELINES):
        found["state", baseline] = of_pairs(inner - crossed)
        found["action", baseline] = of_pairs(action[:, i] - inner)
        found["trajectory", baseline] = of_pairs(trajectory)
    return found


def _width(policy: Policy, theta: Tensor, visited: Visited) -> int:
    return len(_actions(policy, theta, visited.obs[:1])[0])


def _actions(policy: Policy, theta: Tensor, obs: NDArray[Any]) -> tuple[NDArray[np.int64], Floats]:
    """All actions and their probabilities.  -> (A, M) each."""
    actions, chances = every_action(policy, theta, torch.from_numpy(obs).to(policy.dtype))
    return actions.numpy(), chances.double().numpy()


def _taken(visited: Visited, rows: NDArray[np.int64]) -> Visited:
    return Visited(visited.walk[rows], visited.step[rows], visited.obs[rows], visited.state[..., rows])


def _followed(
    policy: Policy, theta: Tensor, environment: EnvironmentSpec, visited: Visited, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """u and u' (M, 2, P), the action's second moment without and with V (M, 2), and the trajectory's (M,)."""
    actions, pi = _actions(policy, theta, visited.obs)
    A, M = actions.shape
    many = _taken(visited, np.tile(np.arange(M), 2 * A))
    Q = returns_from(policy, theta, environment, many, np.tile(actions.ravel(), 2), rng).reshape(2, A, M)
    V = (pi * Q).sum(1, keepdims=True)
    squares, u = np.empty((A, M)), 0.0
    for a in range(A):
        g = _scores(policy, theta, visited.obs, actions[a])  # (M, P)
        squares[a] = (g**2).sum(1)
        # the same for any b: the scores of a state's actions cancel
        u = u + (pi[a] * (Q[:, a] - V[:, 0]))[..., None] * g
    moments = [(pi * squares * left * right).sum(0) for left, right in (Q, Q - V)]
    apart = (pi * squares * (Q[0] - Q[1]) ** 2 / 2).sum(0)
    return np.moveaxis(np.asarray(u), 0, 1), np.stack(moments, axis=1), apart


def _scores(policy: Policy, theta: Tensor, obs: NDArray[Any], actions: NDArray[np.int64]) -> Floats:
    """∇log π_θ(a|s) of every row.  -> (M, P)."""
    pieces = policy.unflatten(theta.numpy())
    tape = policy.recorded(pieces, obs.astype(policy.numpy_dtype)[:, None])
    ones = np.ones((len(obs), 1), policy.numpy_dtype)
    found: Floats = summed(policy.factors(pieces, tape, actions[:, None], ones)).astype(np.float64)
    return found
