"""One trajectory's estimate at θ' from a sample of θ, exactly and from rollouts, for each form of weights."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators import scores
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import log_probs
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.oracles import bandit, bandit_clipping
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.line_field import parameters
from pgpipe.oracles.values import exact_value
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

WIDER = 1.5  # σ of the policy that squares are measured with, in that of θ


class ClippingSpec(TypedDict):
    """The bandit, how far its targets are, the estimators by their form of weights, and the trajectories."""

    seed: int
    environment: LinearEnvironmentSpec
    line: LinearEnvironmentSpec  # of several steps, where equations are checked
    kls: list[float]
    trajectories: int
    forms: dict[str, EstimatorSpec]  # plain, clipped, v_trace


def uphill(behaviour: Tensor, environment: LinearEnvironmentSpec, kl: float) -> Tensor:
    """θ' with the μ that lies √(2 KL) σ from θ's, on the side of ∂J/∂μ, and the same σ."""
    sigma = gain_and_spread(behaviour.numpy(), environment)[1]
    side = -1.0 if bandit.exact(behaviour.numpy(), environment)[1][0] < 0 else 1.0
    return behaviour + torch.tensor([side * sigma * (2 * kl) ** 0.5, 0.0], dtype=behaviour.dtype)


def exact_moments(
    spec: ClippingSpec, form: str, behaviour: Tensor, target: Tensor
) -> bandit_clipping.WeightMoments:
    """Mean and variance of one trajectory's estimate."""
    line = spec["forms"][form]
    options = {name: line[name] for name in ("clip", "truncation") if name in line}
    pair = behaviour.numpy(), target.numpy()
    return bandit_clipping.FORMS[form](*pair, spec["environment"], **options)


def sampled_rows(
    spec: ClippingSpec, form: str, behaviour: Tensor, target: Tensor, batch: Trajectories
) -> Tensor:
    """Every trajectory's estimate of ∇J(θ').  -> (N, 2)."""
    environment, policy = spec["environment"], policy_for(spec["environment"])
    value = exact_value("pgpipe.oracles.bandit", behaviour, environment)
    estimator = Estimator.from_spec(spec["forms"][form], environment["gamma"], value)
    ratios = {"log_ratios": log_probs(policy, target, batch) - log_probs(policy, behaviour, batch)}
    return scores.trajectory_estimates(policy, target, batch, estimator, ratios)


def own_and_wide(spec: ClippingSpec, behaviour: Tensor) -> tuple[Trajectories, Trajectories]:
    """Trajectories of θ, and as many of the same μ with a σ that is `WIDER` as large."""
    mu, sigma, _ = gain_and_spread(behaviour.numpy(), spec["environment"])
    wide = torch.from_numpy(parameters(spec["environment"], mu, WIDER * sigma))
    batches = (
        sample_batches(spec["environment"], theta, spec["seed"], ("clipping", name), 1, spec["trajectories"])
        for name, theta in (("own", behaviour), ("wide", wide))
    )
    own, other = (next(batch).joined() for batch in batches)
    return own, other


def second_moments(
    spec: ClippingSpec, form: str, behaviour: Tensor, target: Tensor, wide: Trajectories
) -> NDArray[np.float64]:
    """Rows whose mean is E x² of an estimate x from θ: x² times θ's ratio to the wide policy.  -> (N, 2).

    Squares of weighted estimates are made by actions far out, which a sample of θ hardly ever holds.
    """
    policy, environment = policy_for(spec["environment"]), spec["environment"]
    mu, sigma, _ = gain_and_spread(behaviour.numpy(), environment)
    other = torch.from_numpy(parameters(environment, mu, WIDER * sigma))
    ratio = (log_probs(policy, behaviour, wide) - log_probs(policy, other, wide)).exp()
    rows = sampled_rows(spec, form, behaviour, target, wide)
    squares: NDArray[np.float64] = (rows.double() ** 2 * ratio).numpy()
    return squares
