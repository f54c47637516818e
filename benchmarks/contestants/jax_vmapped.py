"""JAX with everything compiled and the seeds vmapped, in the manner of purejaxrl."""

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
from harness import AGENT_ROWS, STEPS, report, timed

GRAVITY, CART, POLE, LENGTH, FORCE, TAU = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
WIDTHS = (4, 64, 64, 2)
GAMMA, LEARNING_RATE = 0.99, 0.003


def initial(key: Any) -> list[Any]:
    """Weights and biases, uniform in ±1/√fan_in."""
    layers = []
    for fan_in, fan_out in pairwise(WIDTHS):
        key, a, b = jax.random.split(key, 3)
        bound = fan_in**-0.5
        weights = jax.random.uniform(a, (fan_in, fan_out), minval=-bound, maxval=bound)
        layers.append((weights, jax.random.uniform(b, (fan_out,), minval=-bound, maxval=bound)))
    return layers


def logits(theta: list[Any], obs: Any) -> Any:
    """The tanh network."""
    for weights, bias in theta[:-1]:
        obs = jnp.tanh(obs @ weights + bias)
    weights, bias = theta[-1]
    return obs @ weights + bias


def start(key: Any) -> Any:
    """Start states of all environments."""
    return jax.random.uniform(key, (AGENT_ROWS, 4), minval=-0.05, maxval=0.05)


def move(state: Any, action: Any) -> tuple[Any, Any]:
    """One step of CartPole-v1; whether the pole fell."""
    _, x_dot, angle, turning = state.T
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    u = (jnp.where(action == 1, FORCE, -FORCE) + POLE * LENGTH * turning**2 * sin) / (CART + POLE)
    bend = (GRAVITY * sin - cos * u) / (LENGTH * (4 / 3 - POLE * cos**2 / (CART + POLE)))
    push = u - POLE * LENGTH * bend * cos / (CART + POLE)
    change = jnp.stack([x_dot, push, turning, bend], axis=1)
    state = state + TAU * change
    return state, (jnp.abs(state[:, 0]) > 2.4) | (jnp.abs(state[:, 2]) > 12 * jnp.pi / 180)


def rollout(theta: list[Any], key: Any) -> tuple[Any, ...]:
    """200 steps of 32 environments, which reset themselves: obs, actions, ends, (T, W, ·)."""

    def step(carry: Any, key: Any) -> Any:
        state, clock = carry
        act, reset = jax.random.split(key)
        action = jax.random.categorical(act, logits(theta, state))
        after, fallen = move(state, action)
        over = fallen | (clock + 1 >= STEPS)
        carry = (jnp.where(over[:, None], start(reset), after), jnp.where(over, 0, clock + 1))
        return carry, (state, action, over)

    first, rest = jax.random.split(key)
    begin = (start(first), jnp.zeros(AGENT_ROWS, jnp.int32))
    _, steps = jax.lax.scan(step, begin, jax.random.split(rest, STEPS))
    return steps


def update(theta: list[Any], memory: Any, key: Any) -> Any:
    """One update of one agent: rollout, rewards to go minus their mean, Adam."""
    obs, actions, over = rollout(theta, key)

    def back(to_go: Any, over: Any) -> Any:
        to_go = 1.0 + GAMMA * jnp.where(over, 0.0, to_go)
        return to_go, to_go

    _, to_go = jax.lax.scan(back, jnp.zeros(AGENT_ROWS), over, reverse=True)
    advantages = to_go - to_go.mean()

    def loss(theta: list[Any]) -> Any:
        log_probs = jax.nn.log_softmax(logits(theta, obs))
        taken = jnp.take_along_axis(log_probs, actions[..., None], -1)[..., 0]
        return -(advantages * taken).sum() / AGENT_ROWS

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

    timed(one)


if __name__ == "__main__":
    report(main)
