"""Exact objective, gradient, values and all responses of the prompts, for a softmax table."""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from pgpipe.envs.prompts import STOP, PromptsVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.grid import looked_up
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]


def action_values(theta: Floats, environment: EnvironmentSpec) -> Floats:
    """Q_t(s, a), s the prompt and the sum so far, backward from V_T = 0.  -> (T, S, A).

    The last step is judged, and a stop is always a last step.
    """
    env = PromptsVectorEnv(**environment["kwargs"])
    pi = softmax(theta.reshape(env.prompts, env.sums, -1), axis=-1)
    credit, to = _written(env)
    Q = np.zeros((env.horizon, *pi.shape))
    V = np.zeros(pi.shape[:-1])  # (prompts, sums)
    for t in reversed(range(env.horizon)):
        Q[t] = environment["gamma"] * V[:, to] if t < env.horizon - 1 else credit[:, to]
        Q[t, ..., STOP] = credit
        V = (pi * Q[t]).sum(-1)
    return Q.reshape(env.horizon, -1, env.vocabulary + 1)


def exact(theta: Floats, environment: EnvironmentSpec) -> tuple[float, Floats]:
    """J and ∇J of the discounted return.  theta (S * A,) -> (S * A,).

    ∂J/∂θ_{s,a} = Σ_t γᵗ d_t(s) π(a|s) A_t(s, a), with d_t(s) the chance that step t is taken in s.
    """
    env = PromptsVectorEnv(**environment["kwargs"])
    pi = softmax(theta.reshape(-1, env.vocabulary + 1), axis=1)
    Q = action_values(theta, environment)
    V = (pi * Q).sum(-1)  # (T, S)
    d = state_marginals(theta, environment)
    discounts = environment["gamma"] ** np.arange(env.horizon)[:, None]
    gradient = np.einsum("ts,tsa->sa", discounts * d, pi * (Q - V[..., None]))
    return float(d[0] @ V[0]), gradient.ravel()


def state_marginals(theta: Floats, environment: EnvironmentSpec) -> Floats:
    """d_t(s), the probability that step t is taken in s: less than one in sum once some are over.  (T, S)."""
    env = PromptsVectorEnv(**environment["kwargs"])
    pi = softmax(theta.reshape(env.prompts, env.sums, -1), axis=-1)
    d = np.zeros((env.horizon, env.prompts, env.sums))
    d[0, :, 0] = 1 / env.prompts
    for t in range(1, env.horizon):
        for token in range(1, env.vocabulary + 1):
            # beyond the last sum nobody writes: there every chance is zero
            d[t, :, token:] += (d[t - 1] * pi[..., token])[:, :-token]
    return d.reshape(env.horizon, -1)


def values(theta: Floats, environment: EnvironmentSpec, obs: Floats) -> Floats:
    """V_t(s) = Σ_a π(a|s) Q_t(s, a) at step t, zero from the limit on.  obs (..., T+1, S) -> (..., T+1)."""
    Q = action_values(theta, environment)
    V = np.zeros((max(len(Q) + 1, obs.shape[-2]), Q.shape[1]))
    V[: len(Q)] = (softmax(theta.reshape(-1, Q.shape[-1]), axis=1) * Q).sum(-1)
    return np.einsum("...ts,ts->...t", obs, V[: obs.shape[-2]])


def success(theta: Floats, environment: EnvironmentSpec) -> Floats:
    """What each prompt earns on average, the chance of a right sum without partial credit.  -> (prompts,)."""
    env = PromptsVectorEnv(**environment["kwargs"])
    starts = np.zeros((env.prompts, 1, env.prompts * env.sums))
    starts[np.arange(env.prompts), 0, np.arange(env.prompts) * env.sums] = 1
    return values(theta, environment, starts)[:, 0]


def outcomes(theta: Floats, environment: EnvironmentSpec) -> Outcomes:
    """Every response to every prompt: each with a stop at its end, or as long as the limit."""
    env = PromptsVectorEnv(**environment["kwargs"])
    responses = np.array(list(product(range(env.prompts), _responses(env))), dtype=object)
    prompt, actions = responses[:, 0].astype(int), np.array(responses[:, 1].tolist())  # (M,), (M, T)
    steps = np.cumsum(actions == STOP, axis=1) - (actions == STOP)  # stops before this one
    mask = steps == 0
    written = np.cumsum(actions * mask, axis=1)
    sums = np.pad(written, ((0, 0), (1, 0)))  # (M, T+1)
    states = prompt[:, None] * env.sums + sums
    pi = softmax(theta.reshape(-1, env.vocabulary + 1), axis=1)[states[:, :-1]]  # (M, T, A)
    chosen = np.eye(env.vocabulary + 1)[actions] * mask[..., None]
    scores = np.zeros((*mask.shape, env.prompts * env.sums, env.vocabulary + 1))
    m, t = np.nonzero(mask)
    scores[m, t, states[m, t]] = (chosen - pi)[m, t]
    rewards = np.zeros(mask.shape)
    rewards[np.arange(len(mask)), mask.sum(1) - 1] = env.credit(prompt, sums[:, -1])
    seen = np.pad(mask, ((0, 0), (1, 0)), constant_values=True)  # its end included
    return Outcomes(
        probabilities=np.where(mask, (chosen * pi).sum(-1), 1.0).prod(1) / env.prompts,
        obs=np.eye(env.prompts * env.sums)[states] * seen[..., None],
        rewards=rewards,
        scores=scores.reshape(*mask.shape, -1),
        mask=mask,
    )


def _responses(env: PromptsVectorEnv) -> list[tuple[int, ...]]:
    """All responses, filled up to the limit with stops."""
    tokens, limit = range(1, env.vocabulary + 1), env.horizon
    return [
        (*written, *[STOP] * (limit - length))
        for length in range(limit + 1)
        for written in product(tokens, repeat=length)
    ]


def _written(env: PromptsVectorEnv) -> tuple[Floats, NDArray[np.int64]]:
    """What each prompt pays for each sum, (prompts, sums), and the sum after each token, (sums, A)."""
    sums = np.arange(env.sums)
    credit = env.credit(np.arange(env.prompts)[:, None], sums[None])
    return credit, np.minimum(sums[:, None] + np.arange(env.vocabulary + 1), env.sums - 1)


def values_of_actions(
    theta: Floats, environment: EnvironmentSpec, obs: Floats, actions: NDArray[np.int64]
) -> Floats:
    """Q_t(s_t, a) of any actions.  One-hot (..., T, S), (..., T, K) -> (..., T, K)."""
    return looked_up(action_values(theta, environment), obs, actions)
