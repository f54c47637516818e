"""Gymnasium's classic environments in JAX: where episodes start, how they move, what is seen."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.numpy import cos, pi, sin


class Problem(NamedTuple):
    """One environment; `move` takes states (W, d) and actions (W,) and returns states, rewards, arrived."""

    start: Callable[[Any, int], Any]
    move: Callable[[Any, Any], tuple[Any, Any, Any]]
    see: Callable[[Any], Any]
    seen: int
    choices: int  # 0 where actions are real numbers


def cartpole(state: Any, action: Any) -> tuple[Any, Any, Any]:
    """CartPole-v1."""
    _, x_dot, angle, turning = state.T
    u = (jnp.where(action == 1, 10.0, -10.0) + 0.05 * turning**2 * sin(angle)) / 1.1
    bend = (9.8 * sin(angle) - cos(angle) * u) / (0.5 * (4 / 3 - 0.1 * cos(angle) ** 2 / 1.1))
    push = u - 0.05 * bend * cos(angle) / 1.1
    state = state + 0.02 * jnp.stack([x_dot, push, turning, bend], axis=1)
    fallen = (jnp.abs(state[:, 0]) > 2.4) | (jnp.abs(state[:, 2]) > 12 * pi / 180)
    return state, jnp.ones(len(state)), fallen


def acrobot(state: Any, action: Any) -> tuple[Any, Any, Any]:
    """Acrobot-v1: a Runge-Kutta step of 0.2 s."""

    def slope(s: Any) -> Any:
        a, b, da, db = s.T
        d1 = 3.5 + cos(b)
        d2 = 1.25 + 0.5 * cos(b)
        phi2 = 4.9 * sin(a + b)
        phi1 = -0.5 * db**2 * sin(b) - db * da * sin(b) + 14.7 * sin(a) + phi2
        ddb = (action - 1.0 + d2 / d1 * phi1 - 0.5 * da**2 * sin(b) - phi2) / (1.25 - d2**2 / d1)
        return jnp.stack([da, db, -(d2 * ddb + phi1) / d1, ddb], axis=1)

    k1 = slope(state)
    k2 = slope(state + 0.1 * k1)
    k3 = slope(state + 0.1 * k2)
    k4 = slope(state + 0.2 * k3)
    state = state + 0.2 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    angles, speeds = state[:, :2], state[:, 2:]
    fastest = jnp.array([4 * pi, 9 * pi])
    state = jnp.concatenate([(angles + pi) % (2 * pi) - pi, jnp.clip(speeds, -fastest, fastest)], axis=1)
    arrived = -cos(state[:, 0]) - cos(state[:, 0] + state[:, 1]) > 1
    return state, arrived - 1.0, arrived


def pendulum(state: Any, action: Any) -> tuple[Any, Any, Any]:
    """Pendulum-v1."""
    angle, speed = state.T
    u = jnp.clip(action, -2.0, 2.0)
    cost = ((angle + pi) % (2 * pi) - pi) ** 2 + 0.1 * speed**2 + 0.001 * u**2
    speed = jnp.clip(speed + (15 * sin(angle) + 3 * u) * 0.05, -8.0, 8.0)
    return jnp.stack([angle + speed * 0.05, speed], axis=1), -cost, jnp.zeros(len(state), bool)


def car(state: Any, action: Any) -> tuple[Any, Any, Any]:
    """MountainCarContinuous-v0."""
    place, speed = state.T
    speed = jnp.clip(speed + jnp.clip(action, -1.0, 1.0) * 0.0015 - 0.0025 * cos(3 * place), -0.07, 0.07)
    place = jnp.clip(place + speed, -1.2, 0.6)
    speed = jnp.where((place <= -1.2) & (speed < 0), 0.0, speed)
    arrived = (place >= 0.45) & (speed >= 0)
    return jnp.stack([place, speed], axis=1), 100.0 * arrived - 0.1 * action**2, arrived


def uniform(low: Any, high: Any) -> Callable[[Any, int], Any]:
    """Start states with every number between two bounds."""
    lows, highs = jnp.array(low), jnp.array(high)
    return lambda key, rows: jax.random.uniform(key, (rows, len(lows)), minval=lows, maxval=highs)


def turned(state: Any) -> Any:
    """Cosine and sine of each angle, then the speeds."""
    angles, speeds = jnp.split(state, 2, axis=1)
    both = jnp.stack([cos(angles), sin(angles)], axis=-1).reshape(len(state), -1)
    return jnp.concatenate([both, speeds], axis=1)


PROBLEMS = {
    "CartPole-v1": Problem(uniform([-0.05] * 4, [0.05] * 4), cartpole, lambda state: state, 4, 2),
    "Acrobot-v1": Problem(uniform([-0.1] * 4, [0.1] * 4), acrobot, turned, 6, 3),
    "Pendulum-v1": Problem(uniform([-pi, -1.0], [pi, 1.0]), pendulum, turned, 3, 0),
    "MountainCarContinuous-v0": Problem(uniform([-0.6, 0.0], [-0.4, 0.0]), car, lambda state: state, 2, 0),
}
