"""The directions over (k, σ) as a batch of rollouts tells them, beside the exact ones (F9, F10)."""

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.line.vector_field import FieldSpec, grid_of
from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import Fisher
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.line_field import parameters, with_start
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for, rollout
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]


class SampledFieldSpec(FieldSpec):
    """The same grid, with an estimator and a batch of episodes at each of its points."""

    seed: int
    estimator: PlainEstimatorSpec
    episodes: int


def sample_field(spec: SampledFieldSpec) -> pd.DataFrame:
    """How (k, σ) moves along ĝ and F⁻¹ĝ, from one batch at every point of the grid, as in training."""
    ks, sigmas = grid_of(spec)
    rows = []
    points = [(k, sigma) for k in ks for sigma in sigmas]
    for start_std in spec["start_stds"]:
        line = with_start(spec["environment"], start_std)
        policy, theta = policy_for(line), torch.from_numpy(np.stack([parameters(line, *p) for p in points]))
        estimator = Estimator.from_spec(spec["estimator"], line["gamma"])
        for point, own, batch in zip(points, theta, _batches(spec, line, policy, theta), strict=True):
            moves = np.array([1.0, gain_and_spread(own.numpy(), line)[2]])
            vanilla, natural = _directions(policy, own, batch, estimator)
            rows.append((start_std, *point, batch.n_trajectories, *(moves * vanilla), *(moves * natural)))
    names = ["start_std", "k", "sigma", "episodes", "grad_k", "grad_sigma", "natural_k", "natural_sigma"]
    return pd.DataFrame(rows, columns=names)


def _batches(
    spec: SampledFieldSpec, line: LinearEnvironmentSpec, policy: Policy, theta: Tensor
) -> list[Trajectories]:
    """One at each row of theta, all rolled out side by side."""
    episodes = ParallelEpisodes(line, len(theta), spec["episodes"])
    streams = [
        [
            stream(spec["seed"], line["name"], "field", str(line["kwargs"]["start_std"]), what, point)
            for point in range(len(theta))
        ]
        for what in ("environment", "actions")
    ]
    batches = rollout(policy, theta, episodes, *streams).split()
    episodes.close()
    return batches


def _directions(
    policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator
) -> tuple[Floats, Floats]:
    """ĝ and F⁻¹ĝ of a batch, with F per step on its own states."""
    g = estimate(policy, theta, batch, estimator).numpy()
    fisher = Fisher(policy, theta, batch.obs[batch.mask])
    return g, conjugate_gradient(fisher, g, iterations=2, residual=1e-12).x
