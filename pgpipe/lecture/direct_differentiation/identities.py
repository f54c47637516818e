"""The steps of the lecture's derivation, E3 to E10, each computed on both sides of its equation.

Where both sides come from the same code, a second program (`by_hand`) is the reference.
"""

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
from pgpipe.lecture.direct_differentiation.by_hand import ByHand, by_hand, gradient
from pgpipe.lecture.direct_differentiation.frequencies import frequency_rows
from pgpipe.lecture.direct_differentiation.two_policies import counted_row, moments_row
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# Ends the name of a row whose sides are derivatives of the same factors: no mistake in these could break it.
SAME_CODE = ", both of the same factors"


class IdentitiesSpec(SampledSpec):
    """The modules that know an environment's ∇J and its dynamics, and how many rollouts are compared."""

    module: str
    dynamics: str
    n: int


def check_identities(spec: IdentitiesSpec) -> pd.DataFrame:
    """Both sides of E3 to E10 in one environment whose dynamics are written down."""
    environment, seed, policy = spec["environment"], spec["seed"], policy_for(spec["environment"])
    density = TrajectoryDensity(policy, import_module(spec["dynamics"]).dynamics_of(environment))
    theta, other = (
        study_parameters(policy, stream(seed, environment["name"], *words))
        for words in (["identities"], ["identities", "other"])
    )
    rollouts, others = (
        next(sample_batches(environment, at, seed, words, 1, spec["n"])).split()[0]
        for at, words in ((theta, ("identities",)), (other, ("identities", "other")))
    )
    exact = import_module(spec["module"]).exact(theta.numpy(), environment)
    hand = by_hand(environment)
    table = identities(density, hand, theta, rollouts, others, environment["gamma"], exact)
    table.insert(0, "environment", environment["name"])
    return table


def identities(
    density: TrajectoryDensity,
    hand: ByHand,
    theta: Tensor,
    rollouts: Trajectories,
    others: Trajectories,
    gamma: float,
    exact: tuple[float, Floats],
) -> pd.DataFrame:
    """Rows of `trajectory_identities.csv`, at theta (P,), from rollouts (N, T), and others of another policy.

    The references are `hand`'s, and so is what the oracle's `exact` J and ∇J are held against.
    """
    J = float(np.real(hand.objective(theta.numpy() + 0j)))
    slope = torch.from_numpy(gradient(hand.objective, theta.numpy()))
    listing = density.dynamics.list_trajectories(density.policy, theta)
    return pd.DataFrame(
        integral_rows(density, theta, listing, gamma, J, slope)
        + oracle_rows(exact, J, slope)
        + pointwise_rows(density, hand, theta, rollouts)
        + sampled_rows(density, theta, listing, rollouts, gamma, slope)
        + frequency_rows(density, theta, listing, rollouts)
        + (counted_row if listing.finite else moments_row)(rollouts, others)
    ).sort_values("equation", key=lambda ids: ids.str[1:].astype(int), kind="stable")


def integral_rows(
    density: TrajectoryDensity, theta: Tensor, listing: Listing, gamma: float, J: float, slope: Tensor
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
        _gradient_row("E4", "‖∫ ∇p r dτ - ∇J‖", by_product, slope),
        _gradient_row("E6", "‖∫ p ∇log p r dτ - ∇J‖", by_score, slope),
    ]


def oracle_rows(exact: tuple[float, Floats], J: float, slope: Tensor) -> list[Row]:
    """J (E3) and ∇J (E4) of the oracle that all other sections compare with, and of the second program."""
    off, scale = np.linalg.norm(exact[1] - slope.numpy()), float(slope.norm())
    return [
        identity_row("E3", "J of the oracle, and a second time", "exact", exact[0], J, abs(J), 1),
        identity_row("E4", "‖∇J of the oracle - ∇J a second time‖", "exact", off, 0.0, scale, 1),
    ]


def pointwise_rows(
    density: TrajectoryDensity, hand: ByHand, theta: Tensor, rollouts: Trajectories
) -> list[Row]:
    """p ∇log p = ∇p (E5), log Π = Σ log (E9), ∇log p = Σ_t ∇log π (E10), trajectory by trajectory.

    The value is the largest difference that any of the rollouts (N, T) shows.
    """
    p, N = density.prob(theta, rollouts), rollouts.n_trajectories
    grad_log_prob = density.grad_log_prob(theta, rollouts)  # (N, P)
    scores = trajectory_gradients(density.policy, theta, rollouts, rollouts.mask.to(theta.dtype))
    again = torch.from_numpy(np.real(hand.prob(theta.numpy() + 0j, rollouts)))
    grad_again = torch.from_numpy(gradient(lambda at: hand.prob(at, rollouts), theta.numpy()))
    apart = (again.log() - density.log_prob(theta, rollouts)).abs().max()
    size = density.log_factors(theta, rollouts).abs().sum(-1).max()
    by_score = p[:, None] * grad_log_prob
    e5, e10 = "largest ‖p ∇log p - ∇p‖ / ‖∇p‖", "largest ‖∇log p - Σ ∇log π‖ / ‖Σ ∇log π‖"
    return [
        _largest_row("E5", f"{e5}, ∇p from the second program", by_score, grad_again),
        _largest_row("E5", f"{e5}{SAME_CODE}", by_score, density.grad_prob(theta, rollouts)),
        identity_row("E9", "largest |log Π - Σ log|, Π a second time", "exact", apart, 0.0, size, N),
        _largest_row("E10", f"{e10}, ∇p / p from the second program", grad_again / again[:, None], scores),
        _largest_row("E10", f"{e10}{SAME_CODE}", grad_log_prob, scores),
    ]


def sampled_rows(
    density: TrajectoryDensity,
    theta: Tensor,
    listing: Listing,
    rollouts: Trajectories,
    gamma: float,
    slope: Tensor,
) -> list[Row]:
    """E[∇log p r] = ∇J (E7), and real rollouts follow p: E[log p] = ∫ p log p dτ (E9).

    Kind `mean`: off by chance, in proportion to `scale`, a standard error. `comparisons` counts the numbers
    of which the row is the worst.
    """
    N, everything = rollouts.n_trajectories, listing.trajectories
    terms = density.grad_log_prob(theta, rollouts) * rollouts.discounted_returns(gamma)[:, None]  # (N, P)
    z = standard_errors_off(terms, slope)
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


def relative_difference(left: Tensor, right: Tensor) -> Tensor:
    """‖left - right‖ / ‖right‖, row by row.  (N, P), (N, P) -> (N,)."""
    return (left - right).norm(dim=1) / right.norm(dim=1)


def _largest_row(equation: str, what: str, left: Tensor, right: Tensor) -> Row:
    """The largest ‖left - right‖ / ‖right‖ of any row."""
    return identity_row(equation, what, "exact", relative_difference(left, right).max(), 0.0, 1.0, len(left))


def _gradient_row(equation: str, what: str, terms: Tensor, slope: Tensor) -> Row:
    """The length of Σ terms - ∇J, beside the sum of the terms' lengths.  terms (M, P)."""
    off = (terms.sum(0) - slope).norm()
    return identity_row(equation, what, "exact", off, 0.0, terms.norm(dim=1).sum(), len(terms))
