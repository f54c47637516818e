"""Specs of section 4."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import E11, PlainEstimatorSpec
from pgpipe.lecture.common.specs import Call, linear_environment_spec, modules
from pgpipe.lecture.variance.blocks import ReturnShift, ThreeSamples

if TYPE_CHECKING:
    from pgpipe.lecture.variance.return_shift import ReturnShiftSpec
    from pgpipe.lecture.variance.three_samples import ThreeSamplesSpec


def step_on_three_samples(config: Entries) -> Call:
    """The policy before the step, and the returns."""
    study = config.block(ThreeSamples)
    curve = study.return_curve
    spec: ThreeSamplesSpec = {
        "seed": config.seed,
        "mean": study.mean,
        "spread": study.spread,
        "return_curve": {"bad": curve.bad, "good": curve.good, "turn": curve.turn, "width": curve.width},
        "constant": study.constant,
        "learning_rate": study.learning_rate,
    }
    return Call("pgpipe.lecture.variance.three_samples", spec)


def shift_returns(config: Entries) -> Call:
    """The constants, the plain estimator E11 and, for contrast, the one with the mean of the others."""
    shift = config.block(ReturnShift)
    contrast: PlainEstimatorSpec = {**E11, "baseline": "mean"}
    spec: ReturnShiftSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, shift.environment),
        "estimator": E11,
        "contrast": {"estimator": contrast},
        "constants": shift.constants,
        "batch_size": shift.batch_size,
        "few": shift.few,
        "replicates": shift.replicates,
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.variance.return_shift", spec, modules([spec["environment"]], [E11, contrast]))
