"""Specs of section 4."""

from pgpipe.config.model import Config
from pgpipe.specs.common import E11, Call, Spec, environment_spec, modules


def step_on_three_samples(config: Config) -> Call:
    """The policy before the step, and the returns."""
    assert config.three_samples is not None
    spec: Spec = {"seed": config.seed, **config.three_samples.model_dump()}
    return Call("pgpipe.studies.three_samples", spec)


def shift_returns(config: Config) -> Call:
    """The constants, the plain estimator E11 and, for contrast, the one with the mean of the others."""
    assert config.return_shift is not None
    shift = config.return_shift
    contrast = {**E11, "baseline": "mean"}
    spec: Spec = {
        "seed": config.seed,
        "environment": environment_spec(config, shift.environment),
        "estimator": E11,
        "contrast": {"estimator": contrast},
        **shift.model_dump(exclude={"environment"}),
        "resamples": config.resamples,
    }
    return Call("pgpipe.studies.return_shift", spec, modules([spec["environment"]], [E11, contrast]))
