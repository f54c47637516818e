"""JAX with everything compiled and the seeds vmapped, in the manner of purejaxrl."""

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
from harness import AGENT_ROWS, ENVIRONMENT, STEPS, WIDTHS, measured, report, timed
from jax_environments import PROBLEMS

PROBLEM = PROBLEMS[ENVIRONMENT]
GAMMA, LEARNING_RATE = 0.99, 0.003


def initial(key: Any) -> Any:
    """Weights and biases, uniform in ±1/√fan_in, and log σ of real actions."""
    layers = []
    for fan_in, fan_out in pairwise((PROBLEM.seen, *WIDTHS, PROBLEM.choices or 1)):
        key, a, b = jax.random.split(key, 3)
        bound = fan_in**-0.5
        weights = jax.random.uniform(a, (fan_in, fan_out), minval=-bound, maxval=bound)
        layers.append((weights, jax.random.uniform(b, (fan_out,), minval=-bound, maxval=bound)))
    return layers, jnp.zeros(0 if PROBLEM.choices else 1)


def output(theta: Any, obs: Any) -> Any:
    """The tanh network."""
    layers, _ = theta
    for weights, bias in layers[:-1]:
        obs = jnp.tanh(obs @ weights + bias)
    weights, bias = layers[-1]
    return obs @ weights + bias


def act(theta: Any, key: Any, obs: Any) -> Any:
    """Sample an action of each row."""
    if PROBLEM.choices:
        return jax.random.categorical(key, output(theta, obs))
    return output(theta, obs)[:, 0] + jnp.exp(theta[1]) * jax.random.normal(key, (len(obs),))


def log_prob(theta: Any, obs: Any, actions: Any) -> Any:
    """log π, but for a constant."""
    if PROBLEM.choices:
        return jnp.take_along_axis(jax.nn.log_softmax(output(theta, obs)), actions[..., None], -1)[..., 0]
    z = (actions - output(theta, obs)[..., 0]) * jnp.exp(-theta[1])
    return -0.5 * z**2 - theta[1]


def rollout(theta: Any, key: Any) -> tuple[Any, ...]:
    """200 steps of 32 environments, which reset themselves: obs, actions, rewards, ends, (T, W, ·)."""

    def step(carry: Any, key: Any) -> Any:
        state, clock = carry
        choosing, reset = jax.random.split(key)
        obs = PROBLEM.see(state)
        action = act(theta, choosing, obs)
        after, rewards, arrived = PROBLEM.move(state, action)
        over = arrived | (clock + 1 >= STEPS)
        fresh = PROBLEM.start(reset, AGENT_ROWS)
        carry = (jnp.where(over[:, None], fresh, after), jnp.where(over, 0, clock + 1))
        return carry, (obs, action, rewards, over)

    first, rest = jax.random.split(key)
    begin = (PROBLEM.start(first, AGENT_ROWS), jnp.zeros(AGENT_ROWS, jnp.int32))
    _, steps = jax.lax.scan(step, begin, jax.random.split(rest, STEPS))
    return steps


def update(theta: Any, memory: Any, key: Any) -> Any:
    """One update of one agent: rollout, rewards to go minus their mean, Adam."""
    obs, actions, rewards, over = rollout(theta, key)

    def back(to_go: Any, now: Any) -> Any:
        reward, over = now
        to_go = reward + GAMMA * jnp.where(over, 0.0, to_go)
        return to_go, to_go

    _, to_go = jax.lax.scan(back, jnp.zeros(AGENT_ROWS), (rewards, over), reverse=True)
    advantages = to_go - to_go.mean()

    def loss(theta: Any) -> Any:
        return -(advantages * log_prob(theta, obs, actions)).sum() / AGENT_ROWS

    gradient = jax.grad(loss)(theta)
    m, v, t = memory
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
    theta = jax.tree.map(
        lambda p, m, v: p - LEARNING_RATE * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8),
        theta, m, v,
    )  # fmt: skip
    return theta, (m, v, t)


def main(agents: int) -> None:
    """Every agent's 32 environments for 200 steps an update."""
    keys = jax.random.split(jax.random.key(0), agents)
    theta = jax.vmap(initial)(keys)
    zeros = jax.tree.map(jnp.zeros_like, theta)
    state = (theta, (zeros, zeros, jnp.zeros(agents)))
    every = jax.jit(jax.vmap(update))
    count = 0

    def one() -> int:
        nonlocal state, count
        count += 1
        state = every(*state, jax.vmap(jax.random.fold_in, (0, None))(keys, count))
        jax.block_until_ready(state)
        return agents * AGENT_ROWS * STEPS

    measured["version"] = jax.__version__
    timed(one)


if __name__ == "__main__":
    report(main)
