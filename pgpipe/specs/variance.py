"""Specs of section 4."""

from pgpipe.config.model import Config
from pgpipe.specs.common import Spec, environment_spec


def step_on_three_samples(config: Config) -> Spec:
    """The policy before the step, and the returns."""
    assert config.three_samples is not None
    return {"seed": config.seed, **config.three_samples.model_dump()}


def shift_returns(config: Config) -> Spec:
    """The constants, the plain estimator E11 and, for contrast, the one with the mean of the others."""
    assert config.return_shift is not None
    shift = config.return_shift
    plain = {"signal": "total_return", "baseline": "none", "score_discount": True}
    return {
        "seed": config.seed,
        "environment": environment_spec(config, shift.environment),
        "estimator": plain,
        "contrast": {"estimator": {**plain, "baseline": "mean"}},
        **shift.model_dump(exclude={"environment"}),
        "resamples": config.resamples,
    }
