"""Specs of section 9."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import REWARD_TO_GO_MEAN
from pgpipe.lecture.common.specs import (
    Call,
    linear_environment_spec,
    modules,
)
from pgpipe.lecture.line.blocks import LineStudy, VectorField

if TYPE_CHECKING:
    from pgpipe.lecture.line.sampled_field import SampledFieldSpec
    from pgpipe.lecture.line.study import LineSpec
    from pgpipe.lecture.line.vector_field import FieldSpec
    from pgpipe.lecture.line.walks import WalksSpec


def _field(config: Entries) -> "FieldSpec":
    field = config.block(VectorField)
    return {
        "environment": linear_environment_spec(config, field.environment),
        "start_stds": field.start_stds,
        "k": field.k,
        "sigma": field.sigma,
        "points": field.points,
    }


def map_field(config: Entries) -> Call:
    """The grid of (k, σ) on the line."""
    spec: FieldSpec = _field(config)
    return Call("pgpipe.lecture.line.vector_field", spec, modules([spec["environment"]]))


def sample_field(config: Entries) -> Call:
    """The same grid, and a batch at each of its points."""
    spec: SampledFieldSpec = {
        "seed": config.seed,
        "estimator": REWARD_TO_GO_MEAN,
        "episodes": config.block(VectorField).episodes,
        **_field(config),
    }
    return Call(
        "pgpipe.lecture.line.sampled_field", spec, modules([spec["environment"]], [REWARD_TO_GO_MEAN])
    )


def study_line(config: Entries) -> Call:
    """What is known of the line without a rollout."""
    study = config.block(LineStudy)
    spec: LineSpec = {
        "environment": linear_environment_spec(config, study.environment),
        "start_stds": study.start_stds,
        "shape_start_stds": study.shape_start_stds,
        "updates": study.updates,
        "starts": [[start.k, start.sigma] for start in study.starts],
    }
    return Call("pgpipe.lecture.line.study", spec, modules([spec["environment"]]))


def walk_line(config: Entries) -> Call:
    """Rollouts of the line's own policy."""
    study = config.block(LineStudy)
    spec: WalksSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "start_stds": study.start_stds,
        "episodes": study.episodes,
        "walks": study.walks,
    }
    return Call("pgpipe.lecture.line.walks", spec, modules([spec["environment"]]))
