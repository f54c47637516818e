"""How a gradient is estimated: an estimator of the config."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config.fields import (
    Aggregate,
    Baseline,
    Count,
    Importance,
    Model,
    Normalize,
    Signal,
)
from pgpipe.config.names import composed
from pgpipe.estimators.composed import OF_ORACLES, Composed
from pgpipe.estimators.misfits import misfits

# Options of parts: what a part asks for that uses one, and who does not where none does.
OF_CREDIT = "neither signal {signal} nor baseline {baseline} uses"
OF_WEIGHTS = "importance {importance} does not use"
USES = {
    "value": (("values", *OF_ORACLES), OF_CREDIT),
    "gae_lambda": (("gae_lambda",), OF_CREDIT),
    "clip": (("clip",), OF_WEIGHTS),
    "truncation": (("truncation",), OF_WEIGHTS),
}


class Estimator(Model):
    """A gradient estimator, composed of parts: each part's name is a file under `pgpipe/estimators/`."""

    signal: Signal = Field(description="what a step is credited with: a file of estimators/signals")
    baseline: Baseline = Field("none", description="what is subtracted: a file of estimators/baselines")
    score_discount: bool = Field(
        True,
        description="true: γᵗ in front of the score of step t, the gradient of the discounted J; "
        "false: without it, which most code does and which is another direction. A total return is "
        "counted from step 0, so its factor is 1 either way",
    )
    value: Literal["critic", "exact"] = Field(
        "critic",
        description="V of the signals and baselines that ask for one. critic: a linear fit on the other "
        "trajectories; exact: the true V, in the study's environments that have one",
    )
    gae_lambda: Annotated[float, Field(ge=0, le=1)] = Field(
        0.95, description="λ of the signal gae: 0 trusts the value function, 1 the rewards"
    )
    normalize: Normalize = Field(
        False,
        description="batch, or true: advantages are centred and divided by their standard deviation over the "
        "batch; group: over the trajectories that began in one state (GRPO); both are a bias. none, or "
        "false: they stay as they are",
    )
    aggregate: Aggregate = Field(
        "trajectories",
        description="what the sum over all steps is divided by: a file of estimators/aggregates. "
        "trajectories: their number, an estimate of ∇J; steps: all steps of the batch; each: every "
        "trajectory's sum by its own steps; constant: by `longest`",
    )
    longest: Count | None = Field(
        None, description="of aggregate constant, T_max: the most steps that a trajectory can have"
    )
    direction: Literal["vanilla", "natural"] = Field(
        "vanilla",
        description="natural: training follows F⁻¹ĝ, with the Fisher matrix F of the policy per step. Such a "
        "line is for recipes; the gradient study, which compares estimates of ∇J, leaves it out",
    )

    importance: Importance = Field(
        "none",
        description="what weighs trajectories that another policy sampled: a file of estimators/importance. "
        "On its own samples every weight is one",
    )
    self_normalize: bool = Field(
        False,
        description="true: importance weights are divided by their mean over the batch, which is a bias",
    )
    clip: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.2, description="ε of importance clipped: ratios further than this from one stop the step"
    )
    truncation: Annotated[float, Field(ge=1, allow_inf_nan=False)] = Field(
        1.0, description="ρ̄ of importance v_trace: the largest ratio that counts as it is"
    )

    @model_validator(mode="after")
    def _has_a_meaning(self) -> Self:
        for misfit in misfits(self.composed):
            raise PydanticCustomError("composition", "{misfit}", {"misfit": misfit})
        return self

    @model_validator(mode="after")
    def _uses_what_it_sets(self) -> Self:
        asks = self.asks
        parts = {"signal": self.signal, "baseline": self.baseline, "importance": self.importance}
        for option, (parameters, users) in USES.items():
            if option in self.model_fields_set and not asks & set(parameters):
                message = f"{{option}} is set, but {users} it"
                raise PydanticCustomError("unused", message, {"option": option, **parts})
        for name in self.composed.needs_of_oracle:
            if self.value != "exact":
                message = "value: found {value}; allowed: exact, as signal {signal} asks for {name}"
                asked = {"value": self.value, "name": name.replace("_", " ")}
                raise PydanticCustomError("value", message, {**parts, **asked})
        return self

    @cached_property
    def composed(self) -> Composed:
        """What follows from its parts and options."""
        return composed(self.model_dump())

    @property
    def asks(self) -> set[str]:
        """What its parts ask for."""
        return self.composed.asks

    @property
    def needs_groups(self) -> bool:
        """Whether it asks which trajectories began in one start state."""
        return self.composed.needs_groups

    @property
    def weighs(self) -> bool:
        """Whether it weighs samples of another policy; on its own samples every weight is one."""
        return self.composed.weighs

    @property
    def needs_state_ratios(self) -> bool:
        """Whether it asks how likely a state is under either policy, which few environments tell."""
        return self.composed.needs_state_ratios

    @property
    def needs_others(self) -> bool:
        """Whether a batch of one trajectory leaves it nothing to go by."""
        return self.composed.needs_others

    @property
    def needs_exact_value(self) -> bool:
        """Whether it asks for the exact value function, which few environments have."""
        return self.composed.needs_exact_value
