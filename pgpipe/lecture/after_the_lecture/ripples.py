"""The bandit with ripples on its reward, which a score does not feel and a slope does (P23, C42)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.bandit import BanditVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.after_the_lecture.ways_samples import less_constants, measured_moments
from pgpipe.oracles import rippled
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.rippled import Ripples
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories


class RipplesSpec(TypedDict):
    """The bandit, its ripples, and the two ways."""

    seed: int
    environment: LinearEnvironmentSpec
    amplitude: float
    frequencies: list[float]
    trajectories: int
    score_function: EstimatorSpec
    pathwise: EstimatorSpec


@dataclass(frozen=True)
class Slopes:
    """What an oracle knows of the bandit with ripples, in place of a value."""

    ripples: Ripples

    def __call__(self, trajectories: Trajectories, gamma: float) -> Tensor:
        """No value: nobody asks for one."""
        raise NotImplementedError

    def slopes(self, trajectories: Trajectories) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """∂r/∂s = 0, ∂r/∂a, ∂s'/∂s = 0, ∂s'/∂a = 0.  -> (N, 1) each."""
        slope = self.ripples.slope(trajectories.actions.double().numpy()[..., 0])
        by_a = torch.from_numpy(slope).to(trajectories.rewards.dtype)
        nothing = torch.zeros_like(by_a)
        return nothing, by_a, nothing, nothing


def over_ripples(spec: RipplesSpec) -> pd.DataFrame:
    """Both ways' variances by the ripples' frequency."""
    return pd.DataFrame([row for frequency in spec["frequencies"] for row in _at(spec, frequency)])


def _at(spec: RipplesSpec, frequency: float) -> Iterator[dict[str, Any]]:
    """At one frequency, a row for each way and parameter."""
    environment, policy = spec["environment"], policy_for(spec["environment"])
    theta = policy.initial(np.random.default_rng(0))  # the configured one
    mu, sigma, slope = gain_and_spread(theta.numpy(), environment)
    target = BanditVectorEnv(**environment["kwargs"]).target
    ripples = Ripples(mu, target, sigma, spec["amplitude"], frequency)
    words = ("ripples", f"{frequency:g}")
    batch = next(sample_batches(environment, theta, spec["seed"], words, 1, spec["trajectories"])).joined()
    rewards = ripples.reward(batch.actions.double().numpy()[..., 0])
    wavy = replace(batch, rewards=torch.from_numpy(rewards).to(batch.rewards.dtype))
    score = Estimator.from_spec(spec["score_function"], environment["gamma"])
    path = Estimator.from_spec(spec["pathwise"], environment["gamma"], Slopes(ripples))
    gradient, *variances = rippled.moments(ripples)
    rows = {
        "score_function": less_constants(policy, theta, wavy, score, rippled.best_constants(ripples)),
        "pathwise": trajectory_estimates(policy, theta, wavy, path),
    }
    turn = np.array([1.0, slope])  # from (μ, σ) to θ
    place = {"environment": environment["name"], "amplitude": spec["amplitude"], "frequency": frequency}
    for (form, own), variance in zip(rows.items(), variances, strict=True):
        for i, parameter in enumerate(("k", "sigma")):
            known = {"gradient": gradient[i] * turn[i], "variance": variance[i] * turn[i] ** 2}
            measured = measured_moments(own.double().numpy()[:, i])
            yield place | {"parameter": parameter, "form": form} | known | measured
