"""Natural steps in three parameterisations of a policy: equal in size, to the same policy? (E41, C26)."""

from itertools import combinations

import pandas as pd
import torch
from torch import Tensor

from pgpipe.envs.spec import LinearEnvironmentSpec, LinearSampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import Fisher, mean_kl
from pgpipe.natural.step import length_for
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
    √(2ε/dᵀFd) d, with d = F⁻¹ĝ or d = ĝ, F and KL per step over the batch's states. Nothing is searched or
    damped.
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
                sizes += [
                    key | {"parameterization": name, "ratio": kl / epsilon} for name, (kl, _) in steps.items()
                ]
                for one, other in combinations(PARAMETERIZATIONS, 2):
                    between = _between(steps[one][1], steps[other][1], batch)
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
) -> tuple[float, Stepped]:
    """KL(π ‖ π') of a step, and the policy π' with its parameters."""
    line = _line(spec, parameterization)
    policy, theta = LinearGaussian(*point, parameterization), torch.from_numpy(parameters(line, *point))
    estimator = Estimator.from_spec(spec["estimator"], line["gamma"])
    g, obs = estimate(policy, theta, batch, estimator).numpy(), batch.obs[batch.mask]
    fisher = Fisher(policy, theta, obs)
    along = g if direction == "vanilla" else conjugate_gradient(fisher, g, iterations=2, residual=1e-14).x
    other = theta + torch.from_numpy(length_for(epsilon, along, fisher) * along)
    return float(mean_kl(policy, theta, other, obs)), (policy, other)


def _between(one: Stepped, other: Stepped, batch: Trajectories) -> float:
    """KL of two policies of unlike parameters, both told by (k, σ) again."""
    here, there = (torch.stack([theta[0], policy.spread(theta)[0].abs()]) for policy, theta in (one, other))
    return float(mean_kl(LinearGaussian(0.0, 1.0), here, there, batch.obs[batch.mask]))
