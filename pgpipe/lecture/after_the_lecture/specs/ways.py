"""Specs of section 11: other ways to the same gradient, where the variance sits."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.lecture.after_the_lecture.blocks.ways import ExpectedStudy, TermsStudy, WaysStudy
from pgpipe.lecture.common.specs import (
    Call,
    environment_spec,
    linear_environment_spec,
    modules,
    oracle_of,
    spec_of_parts,
)

if TYPE_CHECKING:
    from pgpipe.lecture.after_the_lecture.expected import ExpectedSpec
    from pgpipe.lecture.after_the_lecture.terms import TermsSpec
    from pgpipe.lecture.after_the_lecture.ways import WaysSpec


# Environments whose terms are known exactly.
KNOWN_TERMS = ("pgpipe/Line-v0", "pgpipe/Grid-v0")


def compare_ways(config: Entries) -> Call:
    """Variances of scores, all actions and paths, on the line and over the bandit's ripples."""
    study = config.block(WaysStudy)
    forms = {
        "score_function": spec_of_parts("reward_to_go"),
        "value": spec_of_parts("reward_to_go", baseline="value", value="exact"),
        "all_actions": spec_of_parts("all_actions", value="exact"),
        "pathwise": spec_of_parts("pathwise", value="exact"),
    }
    spec: WaysSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "points": [[point.k, point.sigma] for point in study.points],
        "horizons": study.horizons,
        "trajectories": study.trajectories,
        "forms": forms,
        "ripples": {
            "seed": config.seed,
            "environment": linear_environment_spec(config, study.ripples.environment),
            "amplitude": study.ripples.amplitude,
            "frequencies": study.ripples.frequencies,
            "trajectories": study.trajectories,
            "score_function": forms["score_function"],
            "pathwise": forms["pathwise"],
        },
    }
    where = [spec["environment"], spec["ripples"]["environment"]]
    return Call(
        "pgpipe.lecture.after_the_lecture.ways",
        spec,
        modules(where, forms.values(), ["pgpipe.oracles.line", "pgpipe.oracles.bandit"]),
    )


def compare_expected(config: Entries, environment: str) -> Call:
    """Both gradients on the trajectories of an environment's policies."""
    spec: ExpectedSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "module": oracle_of(config, environment),
        "trajectories": config.block(ExpectedStudy).trajectories,
        "score_function": spec_of_parts("reward_to_go", baseline="value", value="exact"),
        "all_actions": spec_of_parts("all_actions", value="exact"),
    }
    lines = [spec["score_function"], spec["all_actions"]]
    uses = modules([spec["environment"]], lines, [spec["module"]])
    return Call("pgpipe.lecture.after_the_lecture.expected", spec, uses)


def split_variance(config: Entries, environment: str) -> Call:
    """The terms of the variance of an environment's policies."""
    study, model = config.block(TermsStudy), config.environments[environment]
    spec: TermsSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "module": model.oracle if model.id in KNOWN_TERMS else None,
        "pairs": study.pairs,
        "every": study.every,
    }
    return Call(
        "pgpipe.lecture.after_the_lecture.terms", spec, modules([spec["environment"]], [], [spec["module"]])
    )
