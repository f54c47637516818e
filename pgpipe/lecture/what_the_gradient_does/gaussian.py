"""Gaussian policies along real rollouts: log π and its score by the lecture's formulas (E12, E13, F1)."""

from collections.abc import Mapping
from math import isfinite, nan, pi
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal
from torch.func import grad, jacrev, vmap

from pgpipe import network
from pgpipe.envs.parallel import make_rows
from pgpipe.envs.quantities import action_number, traced
from pgpipe.envs.spec import EnvironmentSpec, SampledSpec
from pgpipe.lecture.common.placing import placed
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

Gaussian = LinearGaussian | GaussianMLP


class GaussianSpec(SampledSpec):
    """How many episodes of a Gaussian policy are checked."""

    episodes: int


def follow_gaussian(
    spec: GaussianSpec, policies: Mapping[str, Tensor], stages: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The last stage's policy along real rollouts: its formulas at every step, and one episode."""
    environment, stage = spec["environment"], stages["policy"].iloc[-1]
    policy, theta = policy_for(environment), policies[stage]
    assert isinstance(policy, Gaussian)  # the config sees to that
    (sample,) = sample_batches(environment, theta, spec["seed"], ("gaussian", stage), 1, spec["episodes"])
    batch, theta = sample.split()[0].in_double(), theta.double()
    checks = check_formulas(policy, theta, batch.obs[batch.mask], batch.actions[batch.mask])
    keys = {"environment": environment["name"], "policy": stage}
    rows = rollout_rows(policy, theta, batch, middle_episode(batch), environment["id"])
    return {
        "gaussian_checks": pd.DataFrame([keys | checks | {"steps": int(batch.mask.sum())}]),
        "gaussian_rollouts": placed(rows.assign(**action_limits(environment)), keys),
    }


def mean_of(policy: Gaussian, theta: Tensor, obs: Tensor) -> Tensor:
    """f_θ(s).  theta (P,), obs (S, D) -> (S, E)."""
    if isinstance(policy, LinearGaussian):
        return theta[0] * obs
    return network.output(policy.widths, theta[: -policy.widths[-1]], obs)


def sigma_of(policy: Gaussian, theta: Tensor) -> Tensor:
    """The standard deviation of each number of the action.  theta (P,) -> (E,)."""
    if isinstance(policy, LinearGaussian):
        return policy.spread(theta).abs()
    return theta[-policy.widths[-1] :].exp()


def log_density(mean: Tensor, covariance: Tensor, actions: Tensor) -> Tensor:
    """-½‖f(s) - a‖²_{Σ⁻¹} - ½ log det 2πΣ.  (S, E), (E, E), (S, E) -> (S,).  Lecture E12."""
    off = mean - actions
    distance = torch.einsum("se,ef,sf->s", off, torch.linalg.inv(covariance), off)
    return -0.5 * distance - 0.5 * torch.linalg.slogdet(2 * pi * covariance).logabsdet


def mean_score(policy: Gaussian, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """∇f(s)ᵀ Σ⁻¹ (a - f(s)), by all parameters.  theta (P,), obs (S, D), actions (S, E) -> (S, P).

    Lecture E13. Zero in the parameters of Σ, which the lecture holds fixed.
    """

    def f(theta: Tensor, obs: Tensor) -> Tensor:
        return mean_of(policy, theta, obs[None])[0]

    jacobian = vmap(jacrev(f), in_dims=(None, 0))(theta, obs)  # (S, E, P)
    precision = torch.diag(sigma_of(policy, theta) ** -2)
    off = actions - mean_of(policy, theta, obs)
    return torch.einsum("sep,ef,sf->sp", jacobian, precision, off)


def check_formulas(policy: Gaussian, theta: Tensor, obs: Tensor, actions: Tensor) -> dict[str, float]:
    """The largest differences over all steps between formula, policy and torch's own distribution.

    obs (S, D), actions (S, E). `log_prob` and `torch` are of log π (nats); `score` is that of the score by
    the parameters of the mean, relative to its length.
    """
    mean, sigma = mean_of(policy, theta, obs), sigma_of(policy, theta)
    covariance = torch.diag(sigma**2)
    formula = log_density(mean, covariance, actions)
    by_torch = MultivariateNormal(mean, covariance).log_prob(actions)

    def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.log_prob(theta, obs[None], action[None])[0]

    score = mean_score(policy, theta, obs, actions)[:, : -len(sigma)]  # Σ's parameters come last
    automatic = vmap(grad(log_prob), in_dims=(None, 0, 0))(theta, obs, actions)[:, : -len(sigma)]
    return {
        "log_prob": float((policy.log_prob(theta, obs, actions) - formula).abs().max()),
        "torch": float((by_torch - formula).abs().max()),
        "score": float(((score - automatic).norm(dim=1) / automatic.norm(dim=1)).max()),
    }


def middle_episode(batch: Trajectories) -> int:
    """The number of the episode whose return is in the middle; of an even number the better one of two."""
    return int(batch.returns.argsort()[len(batch.rewards) // 2])


def action_limits(environment: EnvironmentSpec) -> dict[str, float]:
    """What an environment cuts the action's first number to; NaN where it cuts nothing."""
    rows = make_rows(environment, 1)
    rows.close()
    space: Any = rows.single_action_space
    ends = {"lowest": float(space.low.flat[0]), "highest": float(space.high.flat[0])}
    return {name: end if isfinite(end) else nan for name, end in ends.items()}


def near_zero_at_last(quantity: str, values: Tensor) -> Tensor:
    """Angles less the whole turns that an episode has made at its end, other numbers as they are.  (T,)."""
    turns = torch.round(values[-1] / (2 * pi)) if quantity.startswith("angle") else 0
    return values - 2 * pi * turns


def rollout_rows(policy: Gaussian, theta: Tensor, batch: Trajectories, episode: int, id: str) -> pd.DataFrame:
    """An episode step by step: mean and spread of the action's first number, and what was drawn."""
    happened = batch.mask[episode]
    obs, actions = batch.obs[episode][happened], batch.actions[episode][happened]
    quantity, values = traced(id, obs)
    columns = {
        "step": range(len(obs)),
        "quantity": quantity,
        "value": near_zero_at_last(quantity, values),
        "action_quantity": action_number(id),
        "mean": mean_of(policy, theta, obs)[:, 0],
        "sigma": float(sigma_of(policy, theta)[0]),
        "action": actions[:, 0],
    }
    return pd.DataFrame(columns)
