"""An estimator is a composition: what a step is credited with, minus a baseline, times the score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self

import torch
from torch import Tensor

from pgpipe.trajectories import Trajectories


@dataclass(frozen=True)
class Estimator:
    """ĝ = (1/N) Σ_i Σ_t γᵗ ∇log π_θ(a_{i,t}|s_{i,t}) (Q̂_{i,t} - b_i).  Lecture E18, E19.

    `signal` gives Q̂, `baseline` gives b. A signal that gives one credit for the whole trajectory counts it
    from step 0, so every step's factor is γ⁰ = 1.  Without `score_discount` the factor γᵗ is left out, and
    for a credit given step by step ĝ is no longer the gradient of the discounted J.
    """

    signal: Callable[[Trajectories, float], Tensor]
    baseline: Callable[[Tensor, Tensor], Tensor]
    gamma: float
    score_discount: bool = True

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any], gamma: float) -> Self:
        """Compose the parts that a config line names; the part `x` is the function `x` in the file `x.py`."""
        return cls(
            signal=_part("signals", spec["signal"]),
            baseline=_part("baselines", spec["baseline"]),
            gamma=gamma,
            score_discount=spec["score_discount"],
        )

    def step_weights(self, trajectories: Trajectories) -> Tensor:
        """What multiplies the score of each step: γᵗ (Q̂_{i,t} - b_i).  -> (..., N, T), zero on padding."""
        credit = self.signal(trajectories, self.gamma)  # (..., N, K), K = T, or 1 for the whole trajectory
        mask = trajectories.mask
        weights = credit - self.baseline(credit, mask[..., : credit.shape[-1]])
        if self.score_discount:
            # a credit counted from step k is worth γᵏ at the start; the total return is counted from step 0
            weights = weights * self.gamma ** torch.arange(credit.shape[-1], dtype=credit.dtype)
        return weights * mask


def _part(family: str, name: str) -> Any:
    return getattr(import_module(f"pgpipe.estimators.{family}.{name}"), name)
