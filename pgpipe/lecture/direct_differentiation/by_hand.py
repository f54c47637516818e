"""p_θ(τ), J and their gradients a second time, sharing no code with what they are compared with.

The grid's probabilities are counted from the environment itself, by dealing out every outcome of its dice.
Derivatives are complex steps, ∂f = Im f(θ + ih)/h, exact to rounding: no automatic differentiation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import pi
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.grid import GridVectorEnv
from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

STEP = 1e-20  # no difference is taken, so nothing cancels
FINEST = 10_000  # the largest denominator of a chance to slip that is met exactly


class ByHand(Protocol):
    """A problem's p_θ(τ) and J, of real or complex θ (P,)."""

    def prob(self, theta: Complex, batch: Trajectories) -> Complex:
        """p_θ(τ_i), (N, T) -> (N,)."""

    def objective(self, theta: Complex) -> complex:
        """J(θ), step by step forward in time."""


def gradient(function: Callable[[Complex], Any], theta: Floats) -> Floats:
    """∇f(θ) of a number or of each of N numbers.  theta (P,) -> (P,) or (N, P)."""
    parts = [np.imag(function(theta + 1j * STEP * row)) / STEP for row in np.eye(len(theta))]
    return np.stack(parts, axis=-1)


@dataclass(frozen=True)
class LineByHand:
    """s_1 ~ N(0, m₀), a ~ N(k s, σ²), s' ~ N(s + a, ν²), r = -s² - a²."""

    line: LineVectorEnv
    gamma: float
    parameterization: str

    def prob(self, theta: Complex, batch: Trajectories) -> Complex:
        """The product of 1 + 2T normal densities."""
        k, sigma = self._gain_and_spread(theta)
        s, a = batch.obs[..., 0].numpy(), batch.actions[..., 0].numpy()
        after = np.column_stack([s[:, 1:], batch.final_obs[:, 0].numpy()])
        steps = normal(a - k * s, sigma) * normal(after - s - a, self.line.noise_std)
        return normal(s[:, 0], self.line.start_std) * steps.prod(1)

    def objective(self, theta: Complex) -> complex:
        """-Σ γᵗ E[s_t² + a_t²], by the second moment of s_t."""
        k, sigma = self._gain_and_spread(theta)
        m, J = complex(self.line.start_std**2), 0j
        for t in range(self.line.horizon):
            J -= self.gamma**t * (m + k**2 * m + sigma**2)
            m = (1 + k) ** 2 * m + sigma**2 + self.line.noise_std**2
        return J

    def _gain_and_spread(self, theta: Complex) -> tuple[complex, complex]:
        k, u = theta
        if self.parameterization == "sigma":
            return k, u
        return k, np.exp(u) if self.parameterization == "log_sigma" else np.sqrt(u)


@dataclass(frozen=True)
class GridByHand:
    """A softmax table in a room whose starts, moves and rewards are as counted."""

    start: Floats  # (S,)
    moves: Floats  # (S, 4, S), the goal's all zero
    rewards: Floats  # (S, 4, S)
    horizon: int
    gamma: float

    def prob(self, theta: Complex, batch: Trajectories) -> Complex:
        """The product of start, policy and moves."""
        cells, taken, mask = batch.obs.argmax(-1).numpy(), batch.actions.numpy(), batch.mask.numpy()
        last = np.arange(mask.shape[1]) == mask.sum(1, keepdims=True) - 1
        after = np.where(last, batch.final_obs.argmax(-1).numpy()[:, None], np.roll(cells, -1, axis=1))
        steps = self._policy(theta)[cells, taken] * self.moves[cells, taken, after]
        return self.start[cells[:, 0]] * np.where(mask, steps, 1.0).prod(1)

    def objective(self, theta: Complex) -> complex:
        """Σ γᵗ E r_t, by the distribution of s_t."""
        d, J = self.start.astype(complex), 0j
        for t in range(self.horizon):
            step = d[:, None, None] * self._policy(theta)[..., None] * self.moves  # (S, 4, S)
            J += self.gamma**t * (step * self.rewards).sum()
            d = step.sum((0, 1))
        return J

    def _policy(self, theta: Complex) -> Complex:
        odds = np.exp(theta.reshape(-1, 4))
        return odds / odds.sum(1, keepdims=True)


@dataclass
class Dealer:
    """A generator that deals out instead of drawing: in n copies every outcome as often as it is likely."""

    fine: int  # uniform numbers are the middles of so many pieces of [0, 1]

    def random(self, n: int) -> Floats:
        """All pieces in turn."""
        return (np.arange(n) % self.fine + 0.5) / self.fine

    def integers(self, low: int, high: int, n: int) -> NDArray[np.int64]:
        """All whole numbers in turn, each for all pieces."""
        return low + np.arange(n) // self.fine % (high - low)


def counted_grid(environment: EnvironmentSpec) -> GridByHand:
    """Start and moves of the room, by the environment's own `start` and `move`, over all outcomes."""
    plain = GridVectorEnv(**environment["kwargs"])
    cells, fine = plain.size**2, Fraction(plain.slip).limit_denominator(FINEST).denominator
    copies = 12 * fine  # of each move: its dice may have three sides, or four
    env = GridVectorEnv((cells - 1) * 4 * copies, **environment["kwargs"])
    one_by_one, dealer = Dealer(1), Dealer(fine)
    env.np_random = one_by_one  # type: ignore[assignment]  # it has what a room asks of a generator
    starts = env.start(cells * (cells - 1))
    env.np_random = dealer  # type: ignore[assignment]
    before = np.repeat(np.arange(cells - 1), 4 * copies)
    actions = np.tile(np.repeat(np.arange(4), copies), cells - 1)
    env.state = before.copy()
    paid, _ = env.move(actions)
    met, rewards = np.zeros((2, cells, 4, cells))
    np.add.at(met, (before, actions, env.state), 1.0)
    np.add.at(rewards, (before, actions, env.state), paid)
    rewards = np.divide(rewards, met, out=rewards, where=met > 0)
    start = np.bincount(starts, minlength=cells) / len(starts)
    return GridByHand(start, met / copies, rewards, plain.horizon, environment["gamma"])


def by_hand(environment: EnvironmentSpec) -> ByHand:
    """Of a line with the lecture's policy, or a grid with a softmax table."""
    if environment["id"] == "pgpipe/Grid-v0":
        return counted_grid(environment)
    name = environment["policy"].get("parameterization", "sigma")
    return LineByHand(LineVectorEnv(**environment["kwargs"]), environment["gamma"], str(name))


def normal(x: Any, spread: Any) -> Any:
    """The density of N(0, spread²) at x."""
    return np.exp(-((x / spread) ** 2) / 2) / (spread * (2 * pi) ** 0.5)
