"""How near the gradient of N trajectories comes to ∇J, and what a small step along it does to J (C28)."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.statistics import bootstrap_interval, bootstrap_mean, resample_counts, share_interval

Floats = NDArray[np.float64]
# For how many batches are needed: the level of an interval over so many cases together, two environments at
# three stages, and the share of seeds in which the expected effect is to be found.
SUPPORT, CASES, POWER = 0.05, 6, 0.999

Exact = Callable[[Floats], tuple[float, Floats]]  # θ -> J, ∇J


class ConvergenceSpec(SampledSpec):
    """Numbers of trajectories, and the length of the step along an estimate of ∇J, which the module knows."""

    module: str
    estimator: PlainEstimatorSpec
    sizes: list[int]
    replicates: int
    most_replicates: int
    step: float
    resamples: int


def follow_gradient(spec: ConvergenceSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """Error of the gradient of N trajectories, and the gain of a small step along it, at every stage.

    At the largest N there are as many batches as it takes to tell the share of steps that raise J from one
    half, by the noise at the N before.
    """
    environment, rows, sizes = spec["environment"], [], sorted(spec["sizes"])
    exact = partial(import_module(spec["module"]).exact, environment=environment)
    for policy, theta in policies.items():
        needed, estimates = np.nan, np.empty((0, len(theta)))
        for before, n in zip([0, *sizes], sizes, strict=False):
            replicates = spec["replicates"]
            if n == sizes[-1]:
                needed = batches_needed(estimates * (before / n) ** 0.5, exact(theta.numpy())[1])
                replicates = int(min(max(needed, replicates), spec["most_replicates"]))
            estimates = sampled_gradients(theta, spec, policy, n, replicates).numpy()
            rng = stream(spec["seed"], environment["name"], "convergence", policy, n)
            row = convergence(estimates, theta.numpy(), exact, spec["step"], spec["resamples"], rng)
            key = {"environment": environment["name"], "policy": policy, "n_trajectories": n}
            rows.append(key | row | {"needed": needed})
    return pd.DataFrame(rows)


def batches_needed(noise: Floats, gradient: Floats) -> float:
    """How many batches tell the share of steps that go up from one half.  noise (R, P), gradient (P,).

    A step goes up if ĝ·∇J > 0, to first order: in a share p = Φ(‖∇J‖/σ) of batches, with σ the standard
    deviation of ĝ along ∇J, here that of the rows of `noise`. An interval of p ± z₁ √(p(1-p)/R) ends above
    one half in all but a share Φ(-z₂) of seeds if R = ((z₁ + z₂)/2 / (p - ½))². Infinite where ∇J is zero.
    """
    length = np.linalg.norm(gradient)
    spread = (noise @ gradient / length).std(ddof=1) if length > 0 else np.inf
    lead = norm.cdf(length / spread) - 0.5 if spread > 0 else 0.5
    z = norm.ppf(1 - SUPPORT / 2 / CASES) + norm.ppf(POWER)
    return float(np.ceil((z / 2 / lead) ** 2)) if lead > 0 else np.inf


def sampled_gradients(
    theta: Tensor, spec: ConvergenceSpec, policy_name: str, n: int, replicates: int
) -> Tensor:
    """ĝ of R independent batches of n trajectories sampled at theta (P,).  -> (R, P).

    Every n draws batches of its own, so the rows of the table are independent.
    """
    environment, words = spec["environment"], ("convergence", policy_name, str(n))
    policy = policy_for(environment)
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    estimates = [
        estimate_each(policy, theta.expand(len(batches.rewards), -1), batches, estimator)
        for batches in sample_batches(environment, theta, spec["seed"], words, replicates, n)
    ]
    return torch.cat(estimates)


def convergence(
    estimates: Floats, theta: Floats, exact: Exact, step: float, resamples: int, rng: np.random.Generator
) -> dict[str, float]:
    """Error ‖ĝ - ∇J‖ and gain J(θ + step ĝ/‖ĝ‖) - J(θ) of R estimates (R, P) at theta (P,).

    `raised` is the share of batches whose step gains, with its exact binomial interval. To first order the
    gain is step cos(ĝ, ∇J) ‖∇J‖, `first_order`.  An estimate of length zero takes no step and gains nothing.
    """
    J, gradient = exact(theta)
    counts = resample_counts(len(estimates), resamples, rng)
    squares = ((estimates - gradient) ** 2).sum(1)  # (R,)
    lengths = np.linalg.norm(estimates, axis=1, keepdims=True)
    directions = np.divide(estimates, lengths, out=np.zeros_like(estimates), where=lengths != 0)
    gains = np.array([exact(theta + step * direction)[0] - J for direction in directions])
    errors = bootstrap_interval(squares.mean() ** 0.5, (counts @ squares / len(squares)) ** 0.5, len(squares))
    gain = bootstrap_mean(gains, counts)
    row = {
        "replicates": len(estimates),
        "gradient_norm": np.linalg.norm(gradient),
        "rmse": errors.estimate,
        **share_interval(int((gains > 0).sum()), len(gains)).columns("raised"),
        "gain": gain.estimate,
        "first_order": step * (directions @ gradient).mean(),
    }
    return row | errors.columns("rmse") | gain.columns("gain")
