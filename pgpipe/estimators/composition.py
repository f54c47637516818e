"""An estimator is a composition: what a step is credited with, minus a baseline, times the score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any, Self

import torch
from torch import Tensor

from pgpipe.critics import linear_critic
from pgpipe.trajectories import Trajectories

Part = Callable[..., Tensor]  # asks for what it needs by naming its parameters
ValueFunction = Callable[[Trajectories, float], Tensor]  # V(s_t) along every trajectory, (N, T+1)


@dataclass(frozen=True)
class Estimator:
    """ĝ = (1/N) Σ_i Σ_t γᵗ ∇log π_θ(a_{i,t}|s_{i,t}) (Q̂_{i,t} - b_i).  Lecture E18, E19.

    `signal` gives Q̂, `baseline` gives b, and `value` the V that some of them ask for. A signal that gives
    one credit for the whole trajectory counts it from step 0, so every step's factor is γ⁰ = 1.  Without
    `score_discount` the factor γᵗ is left out, and for a credit given step by step ĝ is no longer the
    gradient of the discounted J.  With `normalize` Q̂ - b is centred and divided by its standard deviation
    over the batch, which changes the length of ĝ and, as the batch's own rewards decide it, is a bias.
    """

    signal: Part
    baseline: Part
    gamma: float
    score_discount: bool = True
    gae_lambda: float = 0.95
    normalize: bool = False
    value: ValueFunction = linear_critic

    @classmethod
    def from_spec(
        cls, spec: Mapping[str, Any], gamma: float, exact_value: ValueFunction | None = None
    ) -> Self:
        """Compose the parts that a config line names; the part `x` is the function `x` in the file `x.py`.

        `exact_value` is used where the line says `value: exact`.
        """
        options = {name: option for name, option in spec.items() if name in ("score_discount", "normalize")}
        if spec.get("gae_lambda") is not None:
            options["gae_lambda"] = spec["gae_lambda"]
        if spec.get("value") == "exact":
            assert exact_value is not None, "an exact value function belongs to an environment and a policy"
            options["value"] = exact_value
        return cls(_part("signals", spec["signal"]), _part("baselines", spec["baseline"]), gamma, **options)

    @property
    def per_parameter(self) -> bool:
        """Whether the baseline is a number for each parameter, which needs every trajectory's gradient."""
        return "rows" in _asks(self.baseline)

    def step_weights(self, trajectories: Trajectories) -> Tensor:
        """What multiplies the score of each step: γᵗ (Q̂_{i,t} - b_i).  -> (..., N, T), zero on padding.

        A baseline for each parameter is not in it: see `score_weights`.
        """
        known = self._known(trajectories)
        credit = _ask(self.signal, known)  # (..., N, K), K = T, or 1 for the whole trajectory
        mask = trajectories.mask[..., : credit.shape[-1]]
        advantages = credit
        if not self.per_parameter:
            advantages = credit - _ask(self.baseline, known | {"credit": credit, "mask": mask})
        if self.normalize:
            advantages = normalized(advantages, mask)
        return self._discounts(credit) * advantages * trajectories.mask

    def score_weights(self, trajectories: Trajectories) -> Tensor:
        """What multiplies the scores in G_i, the sum that a constant baseline stands before: γᵗ or 1."""
        credit = _ask(self.signal, self._known(trajectories))
        return self._discounts(credit) * trajectories.mask

    def constants(self, trajectories: Trajectories) -> Tensor | None:
        """b_i, if the baseline is one number for each trajectory, (..., N, 1); else None."""
        if self.per_parameter or self.normalize:
            return None
        known = self._known(trajectories)
        credit = _ask(self.signal, known)
        mask = trajectories.mask[..., : credit.shape[-1]]
        baseline = _ask(self.baseline, known | {"credit": credit, "mask": mask})
        return baseline.expand(*credit.shape[:-1], 1) if baseline.shape[-1] == 1 else None

    def _known(self, trajectories: Trajectories) -> dict[str, Any]:
        known = {"trajectories": trajectories, "gamma": self.gamma, "gae_lambda": self.gae_lambda}
        if any("values" in _asks(part) for part in (self.signal, self.baseline)):
            known["values"] = self.value(trajectories, self.gamma)
        return known

    def _discounts(self, credit: Tensor) -> Tensor:
        """γᵏ in front of what is counted from step k; the total return is counted from step 0.  -> (K,)."""
        k = torch.arange(credit.shape[-1], dtype=credit.dtype)
        return self.gamma**k if self.score_discount else torch.ones_like(k)


def normalized(advantages: Tensor, mask: Tensor) -> Tensor:
    """(A - mean A) / std A over all credits of the batch, 0 where they do not differ.  (N, K) -> (N, K)."""
    given = advantages.expand(mask.shape)[mask]
    std = given.std(correction=0)
    centred = advantages - given.mean()
    return centred / std if std > 0 else torch.zeros_like(centred)


def _ask(part: Part, known: Mapping[str, Any]) -> Tensor:
    """Call a part with what its parameters name."""
    return part(**{name: known[name] for name in _asks(part)})


@cache
def _asks(part: Part) -> tuple[str, ...]:
    """The names of a part's parameters."""
    return tuple(signature(part).parameters)


def _part(family: str, name: str) -> Any:
    return getattr(import_module(f"pgpipe.estimators.{family}.{name}"), name)
