"""The line as polynomials in the state: rewards, scores and values at one noise of the action."""

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line import gain_and_spread, values

Floats = NDArray[np.float64]

S = Polynomial([0.0, 1.0])  # the state itself


class Line(NamedTuple):
    """The problem and the policy, with V_t(s) = -P_t s² - c_t, t = 0, …, T."""

    k: float
    sigma: float
    slope: float  # ∂σ/∂u
    gamma: float
    env: LineVectorEnv
    V: tuple[Polynomial, ...]

    def reward(self, eps: float) -> Polynomial:
        """-s² - a²."""
        return -(S**2) - self.action(eps) ** 2

    def action(self, eps: float) -> Polynomial:
        """a = k s + σ ε."""
        return self.k * S + self.sigma * eps

    def score(self, eps: float) -> tuple[Polynomial, Polynomial]:
        """∇log π(a|s) = (ε s/σ, (ε² - 1) ∂σ/∂u /σ)."""
        return eps / self.sigma * S, Polynomial([(eps**2 - 1) * self.slope / self.sigma])

    def action_value(self, t: int, eps: float) -> Polynomial:
        """Q_t(s, a) = r + γ E V_{t+1}(s + a + ν w), and E (x + ν w)² = x² + ν²."""
        after = self.V[t + 1]
        expected = after(S + self.action(eps)) + (after(1.0) - after(0.0)) * self.env.noise_std**2
        return self.reward(eps) + self.gamma * expected


def line_of(theta: Floats, environment: LinearEnvironmentSpec) -> Line:
    """The problem of a spec at θ = (k, u)."""
    env, (k, sigma, slope) = LineVectorEnv(**environment["kwargs"]), gain_and_spread(theta, environment)
    at = np.array([np.zeros((env.horizon + 1, 1)), np.ones((env.horizon + 1, 1))])
    c, both = values(theta, environment, at)
    V = tuple(Polynomial([constant, 0.0, one - constant]) for constant, one in zip(c, both, strict=True))
    return Line(k, sigma, slope, environment["gamma"], env, V)
