"""How near the gradient of N trajectories comes to ∇J, and what a small step along it does to J (C28)."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from itertools import product

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
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
Exact = Callable[[Floats], tuple[float, Floats]]  # θ -> J, ∇J


class ConvergenceSpec(SampledSpec):
    """Numbers of trajectories, and the length of the step along an estimate of ∇J, which the module knows."""

    module: str
    estimator: PlainEstimatorSpec
    sizes: list[int]
    replicates: int
    step: float
    resamples: int


def follow_gradient(spec: ConvergenceSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """Error of the gradient of N trajectories, and the gain of a small step along it, at every stage."""
    environment, rows = spec["environment"], []
    exact = partial(import_module(spec["module"]).exact, environment=environment)
    for (policy, theta), n in product(policies.items(), spec["sizes"]):
        estimates = sampled_gradients(theta, spec, policy, n).numpy()
        rng = stream(spec["seed"], environment["name"], "convergence", policy, n)
        row = convergence(estimates, theta.numpy(), exact, spec["step"], spec["resamples"], rng)
        rows.append({"environment": environment["name"], "policy": policy, "n_trajectories": n} | row)
    return pd.DataFrame(rows)


def sampled_gradients(theta: Tensor, spec: ConvergenceSpec, policy_name: str, n: int) -> Tensor:
    """ĝ of R independent batches of n trajectories sampled at theta (P,).  -> (R, P).

    Every n draws batches of its own, so the rows of the table are independent.
    """
    environment, words = spec["environment"], ("convergence", policy_name, str(n))
    policy = policy_for(environment)
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    estimates = [
        estimate_each(policy, theta.expand(len(batches.rewards), -1), batches, estimator)
        for batches in sample_batches(environment, theta, spec["seed"], words, spec["replicates"], n)
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
    directions = np.divide(estimates, lengths, out=np.zeros_like(estimates), where=lengths > 0)
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
