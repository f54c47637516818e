"""State, action and trajectory terms of the variance on the line, exactly."""

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles import line_moments
from pgpipe.oracles.line import second_moments
from pgpipe.oracles.line_moments import NODES, Form
from pgpipe.oracles.line_polynomials import Line, line_of
from pgpipe.oracles.outcomes import normal_nodes
from pgpipe.oracles.variance_terms import VarianceTerms

Floats = NDArray[np.float64]


def terms(theta: Floats, environment: LinearEnvironmentSpec, less_value: bool) -> VarianceTerms:
    """Of the reward to go, less the exact value or nothing, by the policy's parameters.  (2,) each."""
    line = line_of(theta, environment)
    form: Form = line_moments.FORMS["score_function_less_value" if less_value else "score_function"]
    total = line_moments.moments(theta, environment, form)[1]
    m = second_moments(line.k, line.sigma, line.env)
    after = line_moments.rewards_to_go(line)
    steps = np.array([_of_step(line, t, m[t], *after[t + 1], less_value) for t in range(line.env.horizon)])
    state, action, trajectory = steps.sum(0)
    return VarianceTerms(state, action, trajectory, total - state - action - trajectory)


def _of_step(
    line: Line, t: int, m: float, mean: Polynomial, square: Polynomial, less_value: bool
) -> list[Floats]:
    """The three terms of step t, E s_t² = m, from E[R_{t+1}|s] and E[R_{t+1}²|s].  -> 3 (2,)."""
    (x, weights), (push, of_push) = normal_nodes(2, NODES), normal_nodes(1, NODES)
    s, eps = m**0.5 * x[:, 0], x[:, 1]
    a = line.k * s + line.sigma * eps
    to = (s + a)[:, None] + line.env.noise_std * push[:, 0]
    first, second = (of(to) @ of_push for of in (mean, square))
    Q = -(s**2) - a**2 + line.gamma * first
    later = line.gamma**2 * (second - first**2)  # Var(R_t|s, a)
    g = np.stack([eps * s / line.sigma, (eps**2 - 1) * line.slope / line.sigma])  # (2, M)
    own = g * (Q - (line.V[t](s) if less_value else 0.0))
    by_state = np.stack([h(s) for h in line_moments.expected_scores(line, t)])  # E[x|s], (2, M)
    discount = line.gamma ** (2 * t)
    state = (by_state**2) @ weights - (by_state @ weights) ** 2
    action = (own**2 - by_state**2) @ weights
    return [discount * term for term in (state, action, (g**2 * later) @ weights)]
