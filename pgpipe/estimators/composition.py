"""An estimator is a composition: credit minus baseline, times importance weight, times the score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from pgpipe.critics import linear_critic
from pgpipe.estimators.composed import Composed
from pgpipe.estimators.importance.none import none
from pgpipe.estimators.parts import Part, import_part
from pgpipe.estimators.ratios import LogWeights, Ratios, self_normalized
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.trajectories import Trajectories

Function = Callable[..., Any]  # a part: it asks for what it needs by naming its parameters
OPTIONS = ("score_discount", "normalize", "self_normalize")  # of a config line, each with a default
ValueFunction = Callable[[Trajectories, float], Tensor]  # V(s_t) along every trajectory, (N, T+1)


@dataclass(frozen=True)
class Estimator:
    """ĝ = (1/N) Σ_i Σ_t γᵗ w_{i,t} ∇log π_θ(a_{i,t}|s_{i,t}) (Q̂_{i,t} - b_i).  Lecture E18, E19, E26, E29.

    `signal` gives Q̂, `baseline` gives b, and `value` the V that some of them ask for. `importance` gives w
    for trajectories that another policy sampled, from the ratios of the two policies, and the ratios within
    Q̂ where it has any; without ratios every weight is one. With `self_normalize` the weights are divided by
    their mean over the batch. A mean as baseline is that of the credits, which nothing weighs. A signal that
    gives one credit for the whole trajectory counts it from step 0, so every step's factor is γ⁰ = 1. Without
    `score_discount` the factor γᵗ is left out, and for a credit given step by step E ĝ is no
    gradient at all: its field has a curl (Nota & Thomas 2020).  With `normalize` Q̂ - b is centred and
    divided by its standard deviation over the batch. As the batch's own rewards decide that, it changes the
    length of E ĝ and its direction, too.

    Raises `ValueError` for a composition that has no meaning, saying what was found and what is allowed.
    """

    signal: Function
    baseline: Function
    gamma: float
    score_discount: bool = True
    gae_lambda: float = 0.95
    normalize: bool = False
    importance: Function = none
    self_normalize: bool = False
    value: ValueFunction = linear_critic

    def __post_init__(self) -> None:
        for misfit in self.composed.misfits():
            raise ValueError(misfit)

    @classmethod
    def from_spec(
        cls, spec: PlainEstimatorSpec, gamma: float, exact_value: ValueFunction | None = None
    ) -> Self:
        """Compose the parts that a config line names; the part `x` is the function `x` in the file `x.py`.

        `exact_value` is used where the line says `value: exact`.
        """
        options: dict[str, Any] = {name: option for name, option in spec.items() if name in OPTIONS}
        if (gae_lambda := spec.get("gae_lambda")) is not None:
            options["gae_lambda"] = gae_lambda
        if spec.get("value") == "exact":
            assert exact_value is not None, "an exact value function belongs to an environment and a policy"
            options["value"] = exact_value
        options["importance"] = import_part("importance", str(spec.get("importance", "none")))
        signal, baseline = import_part("signals", spec["signal"]), import_part("baselines", spec["baseline"])
        return cls(signal, baseline, gamma, **options)

    @property
    def per_parameter(self) -> bool:
        """Whether the baseline is a number for each parameter, which needs every trajectory's gradient."""
        return self.composed.per_parameter

    def weighted_advantages(self, trajectories: Trajectories, ratios: Ratios | None = None) -> Tensor:
        """What multiplies each step's score: γᵗ w_{i,t} (Q̂_{i,t} - b_i).  -> (..., N, T), zero on padding.

        A baseline for each parameter is not in it: see `score_weights`.
        """
        weights = self._log_weights(ratios)
        known = self._known(trajectories, weights)
        credit = _ask(self.signal, known)  # (..., N, K), K = T, or 1 for the whole trajectory
        mask = trajectories.mask[..., : credit.shape[-1]]
        advantages = credit
        if not self.per_parameter:
            advantages = credit - _ask(self.baseline, known | {"credit": credit, "mask": mask})
        if self.normalize:
            # a value for each step makes many advantages of one credit
            advantages = normalized(advantages, trajectories.mask[..., : advantages.shape[-1]])
        return _weighted(self._discounts(credit) * advantages * trajectories.mask, weights)

    def score_weights(self, trajectories: Trajectories, ratios: Ratios | None = None) -> Tensor:
        """What multiplies the scores in G_i, the sum that a constant baseline stands before: γᵗ w, or w.

        Of weights that correct for the sampling the mean of G is zero, as it is without any on a policy's own
        samples: there the constant costs no bias.
        """
        weights = self._log_weights(ratios)
        credit = _ask(self.signal, self._known(trajectories, weights))
        return _weighted(self._discounts(credit) * trajectories.mask, weights)

    def constants(self, trajectories: Trajectories) -> Tensor | None:
        """b_i, if the baseline is one number for each trajectory, (..., N, 1); else None."""
        if self.per_parameter or self.normalize:
            return None
        known = self._known(trajectories, None)
        credit = _ask(self.signal, known)
        mask = trajectories.mask[..., : credit.shape[-1]]
        baseline = _ask(self.baseline, known | {"credit": credit, "mask": mask})
        return baseline.expand(*credit.shape[:-1], 1) if baseline.shape[-1] == 1 else None

    @property
    def composed(self) -> Composed:
        """What follows from its parts and options, by a critic's V where it asks for one."""
        signal, baseline, importance = map(Part.of, (self.signal, self.baseline, self.importance))
        options = (self.score_discount, self.normalize, self.self_normalize)
        return Composed(signal, baseline, importance, *options)

    def _log_weights(self, ratios: Ratios | None) -> LogWeights | None:
        """The logarithms of the importance weights; None on the policy's own samples."""
        if ratios is None:
            return None
        weights = _ask(self.importance, ratios)
        return self_normalized(weights) if self.self_normalize else weights

    def _known(self, trajectories: Trajectories, weights: LogWeights | None) -> dict[str, Any]:
        known = {"trajectories": trajectories, "gamma": self.gamma, "gae_lambda": self.gae_lambda}
        if any("values" in Part.of(part).asks for part in (self.signal, self.baseline)):
            known["values"] = self.value(trajectories, self.gamma)
        return known | {"future": weights and weights.on_rewards}

    def _discounts(self, credit: Tensor) -> Tensor:
        """γᵏ in front of what is counted from step k; the total return is counted from step 0.  -> (K,)."""
        k = torch.arange(credit.shape[-1], dtype=credit.dtype)
        return self.gamma**k if self.score_discount else torch.ones_like(k)


def normalized(advantages: Tensor, mask: Tensor) -> Tensor:
    """(A - mean A) / std A over all credits of the batch, 0 where they do not differ.  (N, K) -> (N, K)."""
    given = advantages.expand(mask.shape)[mask]
    std = given.std(correction=0)
    centred = advantages - given.mean()
    return torch.zeros_like(centred) if std == 0 else centred / std  # no number stays none


def _weighted(per_step: Tensor, weights: LogWeights | None) -> Tensor:
    """Each step times its importance weight.  (..., N, T)."""
    return per_step if weights is None else per_step * weights.on_score.exp().to(per_step.dtype)


def _ask(part: Function, known: Mapping[str, Any]) -> Any:
    """Call a part with what its parameters name."""
    return part(**{name: known[name] for name in Part.of(part).asks})
