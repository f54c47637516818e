"""Specs of section 11: clipping, the discount in front, a baseline beyond its variance."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.after_the_lecture.blocks.directions import BaselineStudy, ClippingStudy, DiscountStudy
from pgpipe.lecture.common.specs import (
    Call,
    linear_environment_spec,
    modules,
    spec_of_parts,
)

if TYPE_CHECKING:
    from pgpipe.lecture.after_the_lecture.clipping_samples import ClippingSpec
    from pgpipe.lecture.after_the_lecture.discount_problem import DiscountSpec
    from pgpipe.lecture.after_the_lecture.three_arms import ArmsSpec


LINE_AND_BANDIT = ("pgpipe.oracles.bandit", "pgpipe.oracles.line")


def compare_clipping(config: Entries) -> Call:
    """The bandit's gradient from another policy's samples, with the exact V, by form of weights."""
    study = config.block(ClippingStudy)
    forms = {
        "plain": _exactly_valued("reward_to_go", importance="first_order"),
        "clipped": _exactly_valued("reward_to_go", importance="clipped", clip=study.clip),
        "v_trace": _exactly_valued("reward_to_go", importance="v_trace", truncation=study.truncation),
    }
    spec: ClippingSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "line": linear_environment_spec(config, study.line),
        "kls": study.kls,
        "trajectories": study.trajectories,
        "forms": forms,
    }
    used = modules([spec["environment"], spec["line"]], forms.values(), LINE_AND_BANDIT)
    return Call("pgpipe.lecture.after_the_lecture.clipping", spec, used)


def study_discount(config: Entries) -> Call:
    """The line's direction with γᵗ and without; with the exact V, td has the least noise."""
    study, loop = config.block(DiscountStudy), config.block(DiscountStudy).loop
    estimator = _exactly_valued("td")
    spec: DiscountSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "gammas": study.gammas,
        "k": study.k,
        "sigma": study.sigma,
        "points": study.points,
        "starts": [[start.k, start.sigma] for start in study.starts],
        "loop": {
            "k": loop.k,
            "sigma": loop.sigma,
            "half_k": loop.half_k,
            "half_sigma": loop.half_sigma,
            "points": loop.points,
        },
        "episodes": study.episodes,
        "estimator": estimator,
    }
    used = modules([spec["environment"]], [estimator], LINE_AND_BANDIT[1:])
    return Call("pgpipe.lecture.after_the_lecture.undiscounted", spec, used)


def compare_baselines(config: Entries) -> Call:
    """Runs on a few arms, with baselines on either side of the best constant."""
    study = config.block(BaselineStudy)
    spec: ArmsSpec = {
        "seed": config.seed,
        "rewards": study.rewards,
        "deltas": study.deltas,
        "rules": {
            name: {"direction": rule.direction, "learning_rate": rule.learning_rate}
            for name, rule in study.rules.items()
        },
        "runs": study.runs,
        "updates": study.updates,
        "samples": study.samples,
    }
    return Call("pgpipe.lecture.after_the_lecture.three_arms", spec)


def _exactly_valued(signal: str, **options: object) -> EstimatorSpec:
    """An estimator with this signal, minus the state's exact value."""
    return spec_of_parts(signal, baseline="value", value="exact", **options)
