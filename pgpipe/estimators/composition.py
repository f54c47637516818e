"""An estimator is a composition: credit minus baseline, times importance weight, times the score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from torch import Tensor

from pgpipe.critics import linear_action_critic, linear_critic
from pgpipe.discounting import discounts
from pgpipe.estimators.aggregates.trajectories import trajectories as by_number
from pgpipe.estimators.composed import Composed, Normalize
from pgpipe.estimators.given import baseline_given, credit_given, weights_given
from pgpipe.estimators.groups import groups_of
from pgpipe.estimators.importance.none import none
from pgpipe.estimators.misfits import misfits
from pgpipe.estimators.normalization import normalized, normalized_by_group
from pgpipe.estimators.parts import Part, import_part
from pgpipe.estimators.ratios import LogWeights, Ratios, self_normalized
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

Function = Callable[..., Any]  # a part: it asks for what it needs by naming its parameters
# Of a config line, each with a default.
OPTIONS = ("score_discount", "normalize", "self_normalize", "clip", "truncation", "longest", "gae_lambda")
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
    divided by its standard deviation over the batch, or over each `group` that began in one state. As the
    batch's own rewards decide that, it changes the length of E ĝ and its direction, too.  `aggregate` decides
    what stands for 1/N: the number of steps, or each trajectory's own. `clip` is ε of PPO's clipping,
    `truncation` ρ̄ of V-trace, `longest` the T_max of a constant divisor.

    A signal may be each trajectory's gradient itself, which has no scores: then `rows` computes it.

    Raises `ValueError` for a composition that has no meaning, saying what was found and what is allowed.
    """

    signal: Function
    baseline: Function
    gamma: float
    score_discount: bool = True
    gae_lambda: float = 0.95
    normalize: Normalize = False
    importance: Function = none
    self_normalize: bool = False
    clip: float = 0.2
    truncation: float = 1.0
    aggregate: Function = by_number
    longest: int | None = None
    value: ValueFunction = linear_critic

    def __post_init__(self) -> None:
        for misfit in misfits(self.composed):
            raise ValueError(misfit)

    @classmethod
    def from_spec(
        cls, spec: PlainEstimatorSpec, gamma: float, exact_value: ValueFunction | None = None
    ) -> Self:
        """Compose the parts that a config line names; the part `x` is the function `x` in the file `x.py`.

        `exact_value` is used where the line says `value: exact`.
        """
        said = {name: option for name, option in spec.items() if name in OPTIONS}
        options: dict[str, Any] = {name: option for name, option in said.items() if option is not None}
        if spec.get("value") == "exact":
            assert exact_value is not None, "an exact value function belongs to an environment and a policy"
            options["value"] = exact_value
        options["importance"] = import_part("importance", str(spec.get("importance", "none")))
        options["aggregate"] = import_part("aggregates", str(spec.get("aggregate", "trajectories")))
        signal, baseline = import_part("signals", spec["signal"]), import_part("baselines", spec["baseline"])
        return cls(signal, baseline, gamma, **options)

    @property
    def per_parameter(self) -> bool:
        """Whether the baseline is a number for each parameter, which needs every trajectory's gradient."""
        return self.composed.per_parameter

    @property
    def by_rows(self) -> bool:
        """Whether it needs every trajectory's gradient, be it for the baseline or as the signal."""
        return self.per_parameter or self.composed.own_gradient

    def weighted_advantages(self, trajectories: Trajectories, ratios: Ratios | None = None) -> Tensor:
        """What multiplies each step's score: γᵗ w_{i,t} (Q̂_{i,t} - b_i).  -> (..., N, T), zero on padding.

        Where not the number of trajectories divides their sum, that is in it, too. A baseline for each
        parameter is not: see `score_weights`.
        """
        weights = self._log_weights(ratios)
        known = self._known(trajectories, weights)
        credit = self._credit(known)  # (..., N, K), K = T, or 1 for the whole trajectory
        mask = trajectories.mask[..., : credit.shape[-1]]
        advantages = credit
        if not self.per_parameter:
            advantages = credit - self._subtracted(known | {"credit": credit, "mask": mask})
        if self.normalize:
            advantages = self._normalized(advantages, credit, trajectories)
        if self.composed.weighs_by_advantage and ratios is not None:
            weights = self._log_weights({**ratios, "advantages": advantages.expand(trajectories.mask.shape)})
        return self._summed(self._discounts(credit) * advantages * trajectories.mask, trajectories, weights)

    def score_weights(self, trajectories: Trajectories, ratios: Ratios | None = None) -> Tensor:
        """What multiplies the scores in G_i, the sum that a constant baseline stands before: γᵗ w, or w.

        Of weights that correct for the sampling the mean of G is zero, as it is without any on a policy's own
        samples: there the constant costs no bias.
        """
        weights = self._log_weights(ratios)
        credit = self._credit(self._known(trajectories, weights))
        return self._summed(self._discounts(credit) * trajectories.mask, trajectories, weights)

    def rows(self, policy: Policy, theta: Tensor, trajectories: Trajectories) -> Tensor:
        """Every trajectory's gradient, by a signal that gives it itself, on its own samples.  -> (N, P)."""
        known = {"policy": policy, "theta": theta}
        if "action_values" in self.composed.asks:
            known["action_values"] = getattr(self.value, "action_values", linear_action_critic)
        if "slopes" in self.composed.asks:
            known["slopes"] = self.value.slopes  # type: ignore[attr-defined]  # an oracle's, as no fit has any
        rows: Tensor = _ask(self.signal, self._known(trajectories, None) | known)
        return rows * self._factors(trajectories).to(rows.dtype)

    def constants(self, trajectories: Trajectories) -> Tensor | None:
        """b_i, if the baseline is one number for each trajectory, (..., N, 1); else None."""
        if self.by_rows or self.normalize or self.composed.weighs_by_advantage:
            return None
        known = self._known(trajectories, None)
        credit = self._credit(known)
        mask = trajectories.mask[..., : credit.shape[-1]]
        baseline = self._subtracted(known | {"credit": credit, "mask": mask})
        return baseline.expand(*credit.shape[:-1], 1) if baseline.shape[-1] == 1 else None

    @cached_property
    def composed(self) -> Composed:
        """What follows from its parts and options, by a critic's V where it asks for one."""
        signal, baseline, importance = map(Part.of, (self.signal, self.baseline, self.importance))
        options = (self.score_discount, self.normalize, self.self_normalize, self.longest)
        return Composed(signal, baseline, importance, Part.of(self.aggregate), *options)

    def _log_weights(self, ratios: Ratios | None) -> LogWeights | None:
        """The logarithms of the weights; None on the policy's own samples, or before the advantages."""
        if ratios is None or (self.composed.weighs_by_advantage and "advantages" not in ratios):
            return None
        found = _ask(self.importance, {**ratios, "clip": self.clip, "truncation": self.truncation})
        weights = weights_given(Part.of(self.importance), found)
        return self_normalized(weights) if self.self_normalize else weights

    def _credit(self, known: Mapping[str, Any]) -> Tensor:
        return credit_given(Part.of(self.signal), _ask(self.signal, known), known["trajectories"].mask)

    def _subtracted(self, known: Mapping[str, Any]) -> Tensor:
        return baseline_given(Part.of(self.baseline), _ask(self.baseline, known), known["trajectories"].mask)

    def _known(self, trajectories: Trajectories, weights: LogWeights | None) -> dict[str, Any]:
        known = {"trajectories": trajectories, "gamma": self.gamma, "gae_lambda": self.gae_lambda}
        if any("values" in Part.of(part).asks for part in (self.signal, self.baseline)):
            known["values"] = self.value(trajectories, self.gamma)
        if "group" in Part.of(self.baseline).asks:
            known["group"] = groups_of(trajectories, f"baseline {Part.of(self.baseline).name}")
        return known | {"future": weights and weights.on_rewards}

    def _normalized(self, advantages: Tensor, credit: Tensor, trajectories: Trajectories) -> Tensor:
        """Over the batch, or over each group. A value for each step makes many advantages of one credit."""
        mask = trajectories.mask[..., : advantages.shape[-1]]
        if self.normalize == "group":
            return normalized_by_group(advantages, mask, credit, groups_of(trajectories, "normalize: group"))
        return normalized(advantages, mask, credit)

    def _factors(self, trajectories: Trajectories) -> Tensor:
        """What stands before each trajectory's sum in the mean over all.  -> (..., N, 1)."""
        factors: Tensor = _ask(self.aggregate, {"mask": trajectories.mask, "longest": self.longest})
        return factors

    def _summed(self, per_step: Tensor, trajectories: Trajectories, weights: LogWeights | None) -> Tensor:
        """What stands before each step's score in the mean over all trajectories.  (..., N, T)."""
        weighted = _weighted(per_step, weights)
        if self.aggregate is by_number:  # the same bits as without a factor of one
            return weighted
        return weighted * self._factors(trajectories).to(per_step.dtype)

    def _discounts(self, credit: Tensor) -> Tensor:
        """γᵏ in front of what is counted from step k; the total return is counted from step 0.  -> (K,)."""
        return discounts(credit.shape[-1], self.gamma if self.score_discount else 1.0, credit.dtype)


def _weighted(per_step: Tensor, weights: LogWeights | None) -> Tensor:
    """Each step times its importance weight.  (..., N, T)."""
    return per_step if weights is None else per_step * weights.on_score.exp().to(per_step.dtype)


def _ask(part: Function, known: Mapping[str, Any]) -> Any:
    """Call a part with what its parameters name."""
    return part(**{name: known[name] for name in Part.of(part).asks})
