"""Exact variances on the line for any horizon, by polynomials in the state, backward from the end (P23).

What a trajectory contributes to ĝ is Y_0 of a pair that runs backward with the steps,

    P_t = α_t + β P_{t+1},   Y_t = c_t (δ_t + κ P_{t+1}) + γ Y_{t+1},   P_T = Y_T = 0,

with α, c, δ polynomials in s_t and the noise ε_t of a_t = k s_t + σ ε_t. So E[P|s], E[P²|s], E[PY|s], E[Y|s]
and E[Y²|s] at step t follow from those at t+1, and all are polynomials in s. P is the reward to go R of the
score function, or the slope ∂R/∂s of the pathwise gradient.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line_polynomials import Line, S, line_of
from pgpipe.oracles.outcomes import normal_nodes

Floats = NDArray[np.float64]

NODES = 5  # of a quadrature: exact to degree 9, where 8 is the most
NOTHING = Polynomial([0.0])


class Step(NamedTuple):
    """α, c for (k, σ), δ at one ε, all by s, and the factors β and κ."""

    alpha: Polynomial
    c: tuple[Polynomial, Polynomial]
    delta: Polynomial
    beta: float
    kappa: float


class Moments(NamedTuple):
    """Of P and of Y for one parameter, given s."""

    P: Polynomial = NOTHING
    PP: Polynomial = NOTHING
    PY: Polynomial = NOTHING
    Y: Polynomial = NOTHING
    YY: Polynomial = NOTHING

    def at(self, s: Polynomial) -> "Moments":
        """Of another state."""
        return Moments(*(of(s) for of in self))


Form = Callable[[Line, int, float], Step]


def score_function(baseline: float = 0.0) -> Form:
    """Reward to go less a constant: γᵗ ∇log π (R_t - b)."""
    return lambda line, t, eps: Step(
        line.reward(eps), line.score(eps), line.reward(eps) - baseline, line.gamma, line.gamma
    )


def score_function_less_value(line: Line, t: int, eps: float) -> Step:
    """Reward to go less the exact value: γᵗ ∇log π (R_t - V_t(s_t))."""
    r = line.reward(eps)
    return Step(r, line.score(eps), r - line.V[t], line.gamma, line.gamma)


def advantage(line: Line, t: int, eps: float) -> Step:
    """The exact advantage: γᵗ ∇log π (Q_t(s_t, a_t) - V_t(s_t)), without any later noise."""
    return Step(NOTHING, line.score(eps), line.action_value(t, eps) - line.V[t], 0.0, 0.0)


def all_actions(line: Line, t: int, eps: float) -> Step:
    """The expected gradient: γᵗ E_a[∇log π Q_t], which no action moves.  E51."""
    return Step(NOTHING, expected_scores(line, t), Polynomial([1.0]), 0.0, 0.0)


def expected_scores(line: Line, t: int) -> tuple[Polynomial, Polynomial]:
    """E_a[∇log π(a|s) Q_t(s, a)] = (s E ∂_a Q, σ E ∂²_a Q ∂σ/∂u), by Stein's lemma.

    ∂²_a Q = -2 (1 + γ P_{t+1}) and ∂_a Q = ∂²_a Q a - 2γ P_{t+1} s.
    """
    after = line.gamma * (line.V[t + 1](0.0) - line.V[t + 1](1.0))  # γ P_{t+1}
    curvature = -2 * (1 + after)
    by_k = (curvature * line.k - 2 * after) * S**2
    return by_k, Polynomial([line.sigma * curvature * line.slope])


def pathwise(line: Line, t: int, eps: float) -> Step:
    """γᵗ ∂_θ a_t ∂R_t/∂a_t, with ∂R_t/∂a_t = -2a + γ ∂R_{t+1}/∂s, which runs back as P.  E50."""
    a, onward = line.action(eps), line.gamma * (1 + line.k)
    moved = (S, Polynomial([eps * line.slope]))
    return Step(-2 * S - 2 * line.k * a, moved, -2 * a, onward, line.gamma)


FORMS: Mapping[str, Form] = {
    "score_function": score_function(),
    "score_function_less_value": score_function_less_value,
    "advantage": advantage,
    "all_actions": all_actions,
    "pathwise": pathwise,
}


def moments(theta: Floats, environment: LinearEnvironmentSpec, form: Form) -> tuple[Floats, Floats]:
    """E ĝ, which is ∇J, and N Var ĝ, by the policy's parameters.  (2,) each."""
    line = line_of(theta, environment)
    found = [_backward(line, form, parameter) for parameter in (0, 1)]
    x, weights = normal_nodes(1, NODES)
    starts = line.env.start_std * x[:, 0]
    mean, square = (np.array([weights @ of(starts) for of in part]) for part in zip(*found, strict=True))
    return mean, square - mean**2


def best_constants(theta: Floats, environment: LinearEnvironmentSpec) -> tuple[Floats, Floats]:
    """The constants b of least variance for the score function by rewards to go, and N Var ĝ there.

    Var(b) = Var(0) - 2b C + b² W, from its values at -1, 0 and 1.
    """
    below, at, above = (moments(theta, environment, score_function(b))[1] for b in (-1.0, 0.0, 1.0))
    C, W = (below - above) / 4, (below + above) / 2 - at
    return C / W, at - C**2 / W


def rewards_to_go(line: Line) -> list[tuple[Polynomial, Polynomial]]:
    """E[R_t|s] and E[R_t²|s] for t = 0, …, T."""
    after = [Moments()]
    for t in reversed(range(line.env.horizon)):
        after.insert(0, _before(line, FORMS["score_function"], 0, t, after[0]))
    return [(at.P, at.PP) for at in after]


def _backward(line: Line, form: Form, parameter: int) -> tuple[Polynomial, Polynomial]:
    """E[Y_0|s] and E[Y_0²|s] for one parameter."""
    after = Moments()
    for t in reversed(range(line.env.horizon)):
        after = _before(line, form, parameter, t, after)
    return after.Y, after.YY


def _before(line: Line, form: Form, parameter: int, t: int, after: Moments) -> Moments:
    """The moments at step t, from those at t+1, over the noise of the action and of the state."""
    noisy = line.env.noise_std > 0
    noise, weights = normal_nodes(1 + noisy, NODES)
    total = [NOTHING] * len(after)
    for weight, eps, *push in zip(weights, *noise.T, strict=True):
        to = S + line.action(eps) + (line.env.noise_std * push[0] if noisy else 0.0)
        parts = _one(form(line, t, eps), parameter, line.gamma, after.at(to))
        total = [x + weight * y for x, y in zip(total, parts, strict=True)]
    return Moments(*total)


def _one(step: Step, parameter: int, gamma: float, to: Moments) -> Moments:
    """The moments at one noise: products of P = α + β P' and Y = c (δ + κ P') + γ Y'."""
    alpha, c, beta = step.alpha, step.c[parameter], step.beta
    own, onward = c * step.delta, c * step.kappa
    return Moments(
        alpha + beta * to.P,
        alpha**2 + 2 * beta * alpha * to.P + beta**2 * to.PP,
        alpha * (own + onward * to.P + gamma * to.Y) + beta * (own * to.P + onward * to.PP + gamma * to.PY),
        own + onward * to.P + gamma * to.Y,
        own**2 + 2 * own * (onward * to.P + gamma * to.Y)
        + onward**2 * to.PP + 2 * gamma * onward * to.PY + gamma**2 * to.YY,
    )  # fmt: skip
