"""The steps of the lecture's derivation, E3 to E10, each computed on both sides of its equation."""

from collections import Counter
from importlib import import_module

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.dynamics.density import Listing, TrajectoryDensity
from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.lecture.common.identity_rows import Row, identity_row, standard_errors_off
from pgpipe.lecture.common.parameters import study_parameters
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# A cell of a χ² test expects at least this many; the rarer ones are one cell together.
FEWEST = 5


class IdentitiesSpec(SampledSpec):
    """The modules that know an environment's ∇J and its dynamics, and how many rollouts are compared."""

    module: str
    dynamics: str
    n: int


def check_identities(spec: IdentitiesSpec) -> pd.DataFrame:
    """Both sides of E3 to E10 in one environment whose dynamics are written down."""
    environment, seed, policy = spec["environment"], spec["seed"], policy_for(spec["environment"])
    density = TrajectoryDensity(policy, import_module(spec["dynamics"]).dynamics_of(environment))
    theta = study_parameters(policy, stream(seed, environment["name"], "identities"))
    exact = import_module(spec["module"]).exact(theta.numpy(), environment)
    (batches,) = sample_batches(environment, theta, seed, ("identities",), 1, spec["n"])
    table = identities(density, theta, batches.split()[0], environment["gamma"], exact)
    table.insert(0, "environment", environment["name"])
    return table


def identities(
    density: TrajectoryDensity,
    theta: Tensor,
    rollouts: Trajectories,
    gamma: float,
    exact: tuple[float, Floats],
) -> pd.DataFrame:
    """Rows of `trajectory_identities.csv`, at theta (P,): from rollouts (N, T), against `exact` J and ∇J."""
    J, gradient = exact[0], torch.from_numpy(exact[1])
    listing = density.dynamics.list_trajectories(density.policy, theta)
    return pd.DataFrame(
        integral_rows(density, theta, listing, gamma, J, gradient)
        + pointwise_rows(density, theta, rollouts)
        + sampled_rows(density, theta, listing, rollouts, gamma, gradient)
        + frequency_rows(density, theta, listing, rollouts)
    ).sort_values("equation", key=lambda ids: ids.str[1:].astype(int), kind="stable")


def integral_rows(
    density: TrajectoryDensity, theta: Tensor, listing: Listing, gamma: float, J: float, gradient: Tensor
) -> list[Row]:
    """∫ p dτ = 1 (E8), ∫ p r dτ = J (E3), ∫ ∇p r dτ = ∇J (E4), ∫ p ∇log p r dτ = ∇J (E6).

    Kind `exact`: what is left is rounding, in proportion to `scale`, the sum of the terms' absolute values.
    """
    everything, v = listing.trajectories, listing.volumes
    p, r = density.prob(theta, everything), everything.discounted_returns(gamma)
    by_product = v[:, None] * density.grad_prob(theta, everything) * r[:, None]  # (M, P)
    by_score = (v * p * r)[:, None] * density.grad_log_prob(theta, everything)
    return [
        identity_row("E8", "∫ p dτ", "exact", (v * p).sum(), 1.0, (v * p).sum(), len(v)),
        identity_row("E3", "∫ p r dτ and J", "exact", (v * p * r).sum(), J, (v * p * r).abs().sum(), len(v)),
        _gradient_row("E4", "‖∫ ∇p r dτ - ∇J‖", by_product, gradient),
        _gradient_row("E6", "‖∫ p ∇log p r dτ - ∇J‖", by_score, gradient),
    ]


def pointwise_rows(density: TrajectoryDensity, theta: Tensor, rollouts: Trajectories) -> list[Row]:
    """p ∇log p = ∇p (E5), log Π = Σ log (E9), ∇log p = Σ_t ∇log π (E10), trajectory by trajectory.

    The value is the largest difference that any of the rollouts (N, T) shows.
    """
    p, N = density.prob(theta, rollouts), rollouts.n_trajectories
    grad_prob = density.grad_prob(theta, rollouts)  # (N, P)
    grad_log_prob = density.grad_log_prob(theta, rollouts)
    apart = (p.log() - density.log_prob(theta, rollouts)).abs().max()
    size = density.log_factors(theta, rollouts).abs().sum(-1).max()
    scores = trajectory_gradients(density.policy, theta, rollouts, rollouts.mask.to(theta.dtype))
    e5 = relative_difference(p[:, None] * grad_log_prob, grad_prob)
    of_sum = relative_difference(grad_log_prob, scores)
    of_product = relative_difference(grad_prob / p[:, None], scores)
    return [
        identity_row("E5", "largest ‖p ∇log p - ∇p‖ / ‖∇p‖", "exact", e5.max(), 0.0, 1.0, N),
        identity_row("E9", "largest |log Π - Σ log|", "exact", apart, 0.0, size, N),
        identity_row("E10", "largest ‖∇log p - Σ ∇log π‖ / ‖Σ ∇log π‖", "exact", of_sum.max(), 0.0, 1.0, N),
        identity_row(
            "E10", "largest ‖∇p / p - Σ ∇log π‖ / ‖Σ ∇log π‖", "exact", of_product.max(), 0.0, 1.0, N
        ),
    ]


def sampled_rows(
    density: TrajectoryDensity,
    theta: Tensor,
    listing: Listing,
    rollouts: Trajectories,
    gamma: float,
    gradient: Tensor,
) -> list[Row]:
    """E[∇log p r] = ∇J (E7), and real rollouts follow p: E[log p] = ∫ p log p dτ (E9).

    Kind `mean`: off by chance, in proportion to `scale`, a standard error. `comparisons` counts the numbers
    of which the row is the worst.
    """
    N, everything = rollouts.n_trajectories, listing.trajectories
    terms = density.grad_log_prob(theta, rollouts) * rollouts.discounted_returns(gamma)[:, None]  # (N, P)
    z = standard_errors_off(terms, gradient)
    logs = density.log_prob(theta, rollouts)
    log_p, p = density.log_prob(theta, everything), density.prob(theta, everything)
    entropy = (listing.volumes * p * log_p).sum()
    worst = "largest deviation of the mean of ∇log p r from ∇J, in standard errors"
    return [
        identity_row("E7", worst, "mean", z.max(), 0.0, 1.0, N, len(z)),
        identity_row(
            "E9", "mean of log p and ∫ p log p dτ", "mean", logs.mean(), entropy, logs.std() / N**0.5, N
        ),
    ]


def frequency_rows(
    density: TrajectoryDensity, theta: Tensor, listing: Listing, rollouts: Trajectories
) -> list[Row]:
    """Real rollouts take each trajectory as often as p says (E8), where all trajectories are listed.

    Kind `frequencies`: χ², whose mean are its degrees of freedom. With so few rollouts that every trajectory
    is rare there is nothing to compare.
    """
    if not listing.finite:
        return []
    p = density.prob(theta, listing.trajectories).numpy()
    statistic, freedom = chi_square(frequencies(listing.trajectories, rollouts), p)
    what, n = "χ² of the frequencies against p", rollouts.n_trajectories
    row = identity_row("E8", what, "frequencies", statistic, freedom, 1.0, n)
    return [row] if freedom > 0 or statistic == np.inf else []


def relative_difference(left: Tensor, right: Tensor) -> Tensor:
    """‖left - right‖ / ‖right‖, row by row.  (N, P), (N, P) -> (N,)."""
    return (left - right).norm(dim=1) / right.norm(dim=1)


def frequencies(everything: Trajectories, rollouts: Trajectories) -> NDArray[np.int64]:
    """How often each of the M listed trajectories was met, and at last any that no list has.  -> (M + 1,)."""
    met = Counter(_keys(rollouts))
    listed = [met.pop(key, 0) for key in _keys(everything)]
    return np.array([*listed, met.total()])


def chi_square(counts: NDArray[np.int64], p: Floats) -> tuple[float, int]:
    """Pearson's Σ (n_i - N p_i)² / (N p_i) of counts (M + 1,), p (M,), and its degrees of freedom.

    What was met though its probability is zero makes it infinite.
    """
    expected = counts.sum() * p
    rare = expected < FEWEST
    n = np.append(counts[:-1][~rare], counts[:-1][rare].sum())
    e = np.append(expected[~rare], expected[rare].sum())
    if counts[-1] or (n[e == 0] > 0).any():
        return np.inf, len(n) - 1
    n, e = n[e > 0], e[e > 0]
    return float(((n - e) ** 2 / e).sum()), len(n) - 1


def _gradient_row(equation: str, what: str, terms: Tensor, gradient: Tensor) -> Row:
    """The length of Σ terms - ∇J, beside the sum of the terms' lengths.  terms (M, P)."""
    off = (terms.sum(0) - gradient).norm()
    return identity_row(equation, what, "exact", off, 0.0, terms.norm(dim=1).sum(), len(terms))


def _keys(batch: Trajectories) -> list[bytes]:
    """A name for each trajectory, the same if and only if the trajectories are the same."""
    parts = (batch.obs.flatten(1), batch.actions, batch.mask, batch.final_obs)
    return [row.tobytes() for row in torch.cat([part.double() for part in parts], dim=1).numpy()]
