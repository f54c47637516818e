"""What a law is asked about: an estimator at a batch, and the same batch with something about it changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pgpipe.estimators.baselines.none import none
from pgpipe.estimators.composed import Composed
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.scores import estimate
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

# What rounding may do to the largest number, by precision.
ROUNDING = {torch.float64: 1e-8, torch.float32: 1e-4}


@dataclass(frozen=True)
class Case:
    """An estimator at a batch (N, T) of a policy at theta (P,); `exact` says that its V is the true one."""

    estimator: Estimator
    policy: Policy
    theta: Tensor
    batch: Trajectories
    exact: bool = False

    @property
    def composed(self) -> Composed:
        """What follows from the estimator's parts."""
        return replace(self.estimator.composed, exact=self.exact)

    @property
    def size(self) -> float:
        """The largest number of ĝ before anything is subtracted: rounding is relative to that."""
        bare = replace(self.estimator, baseline=none, normalize=False)
        return float(replace(self, estimator=bare).gradient().abs().max())

    def gradient(self, batch: Trajectories | None = None, ratios: Ratios | None = None) -> Tensor:
        """ĝ of this batch, or of another one.  -> (P,)."""
        return estimate(self.policy, self.theta, batch or self.batch, self.estimator, ratios)


# What was found where a law is broken, else an empty text; its docstring is its statement.
Law = Callable[[Case], str]


def padded(batch: Trajectories) -> Trajectories:
    """As many steps again that did not happen, with other observations and actions in them."""
    return replace(
        batch,
        obs=torch.cat([batch.obs, batch.obs + 3], batch.mask.ndim - 1),
        actions=torch.cat([batch.actions, batch.actions], batch.mask.ndim - 1),
        rewards=torch.cat([batch.rewards, torch.zeros_like(batch.rewards)], -1),
        mask=torch.cat([batch.mask, torch.zeros_like(batch.mask)], -1),
    )


def reordered(batch: Trajectories) -> Trajectories:
    """The trajectories of (..., N, T) in another order: the second half first, each half backwards."""
    axis, n = batch.mask.ndim - 2, batch.n_trajectories
    order = torch.tensor([*reversed(range(n // 2, n)), *reversed(range(n // 2))])
    return type(batch)(**{name: value.index_select(axis, order) for name, value in batch.fields.items()})


def scaled(batch: Trajectories, factor: float) -> Trajectories:
    """With rewards so many times as large."""
    return replace(batch, rewards=factor * batch.rewards)


def with_another_future(batch: Trajectories, step: int = 0) -> Trajectories:
    """Trajectory 0 of (N, T) with other actions and rewards; after the step its states are trajectory 1's."""
    own = {name: getattr(batch, name).clone() for name in ("obs", "actions", "rewards", "final_obs")}
    own["rewards"][0] += torch.linspace(1, 3, batch.rewards.shape[1]) * batch.mask[0]
    own["actions"][0] = 1 - own["actions"][0].clamp(max=1)
    own["obs"][0, step + 1 :] = batch.obs[1, step + 1 :]
    own["final_obs"][0] = batch.final_obs[1]
    return replace(batch, **own)


def subtracted(estimator: Estimator, batch: Trajectories) -> Tensor:
    """γᵗ b_{i,t}, what the baseline takes from every step's weight.  -> (N, T)."""
    plain = replace(estimator, normalize=False)
    return replace(plain, baseline=none).weighted_advantages(batch) - plain.weighted_advantages(batch)


def difference(found: Tensor, expected: Tensor, when: str, size: float = 0.0) -> str:
    """How far the one is from the other, in words; empty within rounding, also of numbers of this size."""
    if found.shape != expected.shape:
        return f"{when} the shape is {tuple(found.shape)}, not {tuple(expected.shape)}"
    scale = max(float(expected.abs().max()), float(found.abs().max()))
    off = float((found - expected).abs().max())
    rounding = max(ROUNDING[found.dtype], ROUNDING[expected.dtype])
    if off <= rounding * max(scale, size) or off < 1e-12:
        return ""
    return f"{when} it is off by {off / scale:.1%}"
