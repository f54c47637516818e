"""Natural steps in three parameterisations of a policy: equal in size, to the same policy? (E41, C26)."""

from itertools import combinations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.spec import LinearEnvironmentSpec, LinearSampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import Fisher, mean_kl
from pgpipe.natural.step import length_for, step_to_bound
from pgpipe.oracles.line_field import parameters
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.policies.spec import LinearGaussianSpec, Parameterization
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

Stepped = tuple[LinearGaussian, Tensor]  # a policy and its parameters after a step
PARAMETERIZATIONS: tuple[Parameterization, ...] = ("sigma", "log_sigma", "sigma_squared")


class InvarianceSpec(LinearSampledSpec):
    """Points (k, σ), the steps ε that are taken there, and the batch of each."""

    estimator: PlainEstimatorSpec
    episodes: int
    points: list[list[float]]
    kls: list[float]


def compare_parameterizations(spec: InvarianceSpec) -> dict[str, pd.DataFrame]:
    """`step_sizes`: KL after a step against the ε asked for; `step_differences`: KL between the policies that
    two parameterisations step to, over ε.

    At every point (k, σ) one batch is sampled, the same in all parameterisations, and every step is the plain
    √(2ε/dᵀFd) d, with d = F⁻¹ĝ or d = ĝ, F and KL per step over the batch's states. Nothing is damped.
    `taken` is the KL of the step that training takes along d, which goes back until it is within ε.
    """
    sizes, differences = [], []
    for number, (k, sigma) in enumerate(spec["points"]):
        batch = _batch(spec, number, k, sigma)
        for direction in ("natural", "vanilla"):
            for epsilon in spec["kls"]:
                key = {"point": number, "k": k, "sigma": sigma, "direction": direction, "epsilon": epsilon}
                steps = {
                    name: _stepped(spec, name, batch, (k, sigma), direction, epsilon)
                    for name in PARAMETERIZATIONS
                }
                start = (LinearGaussian(k, sigma), torch.tensor([k, sigma], dtype=torch.float64))
                sizes += [
                    key | {"parameterization": name}
                    | {"ratio": _between(start, plain, batch) / epsilon}
                    | {"taken": _between(start, taken, batch) / epsilon}
                    for name, (plain, taken) in steps.items()
                ]  # fmt: skip
                for one, other in combinations(PARAMETERIZATIONS, 2):
                    between = _between(steps[one][0], steps[other][0], batch)
                    differences.append(key | {"one": one, "other": other, "ratio": between / epsilon})
    return {"step_sizes": pd.DataFrame(sizes), "step_differences": pd.DataFrame(differences)}


def _batch(spec: InvarianceSpec, number: int, k: float, sigma: float) -> Trajectories:
    """Rollouts of the policy (k, σ), which no parameterisation changes."""
    line = _line(spec, "sigma")
    theta = torch.from_numpy(parameters(line, k, sigma))
    words = ("invariance", str(number))
    (batches,) = sample_batches(line, theta, spec["seed"], words, 1, spec["episodes"])
    return batches.split()[0]


def _line(spec: InvarianceSpec, parameterization: Parameterization) -> LinearEnvironmentSpec:
    environment = spec["environment"]
    policy: LinearGaussianSpec = {**environment["policy"], "parameterization": parameterization}
    return {**environment, "policy": policy}


def _stepped(
    spec: InvarianceSpec,
    parameterization: Parameterization,
    batch: Trajectories,
    point: tuple[float, float],
    direction: str,
    epsilon: float,
) -> tuple[Stepped, Stepped]:
    """The policy after the plain step, and after the one that goes back until its KL is within ε."""
    line = _line(spec, parameterization)
    policy, theta = LinearGaussian(*point, parameterization), torch.from_numpy(parameters(line, *point))
    estimator = Estimator.from_spec(spec["estimator"], line["gamma"])
    g, obs = estimate(policy, theta, batch, estimator).numpy(), batch.obs[batch.mask]
    fisher = Fisher(policy, theta, obs)
    along = g if direction == "vanilla" else conjugate_gradient(fisher, g, iterations=2, residual=1e-14).x

    def kl(step: NDArray[np.float64]) -> float:
        return float(mean_kl(policy, theta, theta + torch.from_numpy(step), obs))

    plain = length_for(epsilon, along, fisher) * along
    taken = step_to_bound(epsilon, along, fisher, kl).change
    return (policy, theta + torch.from_numpy(plain)), (policy, theta + torch.from_numpy(taken))


def _between(one: Stepped, other: Stepped, batch: Trajectories) -> float:
    """KL(N(ks, σ²) ‖ N(k's, σ'²)) = ½[q - 1 - log q + ((k - k')s/σ')²], q = (σ/σ')², the mean over the
    batch's states s; written out, as all else is computed by the policies' own.
    """
    (k, sigma), (k2, sigma2) = ((theta[0], policy.spread(theta)[0]) for policy, theta in (one, other))
    off, s = (sigma / sigma2) ** 2 - 1, batch.obs[batch.mask]
    return float((off - off.log1p() + (((k - k2) * s / sigma2) ** 2).mean()) / 2)
