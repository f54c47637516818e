"""How a policy is trained: a recipe of the config."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config.fields import Batch, Count, EnvironmentName, EstimatorName, Model, Positive

EPISODES = 32  # in a batch, if a recipe does not say


class ValueNetwork(Model):
    """A tanh network for V, fitted on each batch after the batch's gradient was taken."""

    hidden: list[Count] = Field([64, 64], description="widths of the hidden layers")
    learning_rate: Positive = 0.005
    gradient_steps: Count = Field(5, description="steps down the mean squared error of the rewards to go")


class Evaluation(Model):
    """Returns of episodes that train nothing."""

    every: Count = Field(10, description="updates between two evaluations")
    episodes: Count = Field(32, description="episodes of one")


class ConjugateGradient(Model):
    """How F⁻¹ĝ is solved for, by products with F alone (E42)."""

    iterations: Count = Field(10, description="at most")
    residual: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.01, description="it stops where what is left of ĝ is this share of its length"
    )
    damping: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        0.001, description="λ of F + λI, which keeps a step finite where F is nearly singular"
    )


class Recipe(Model):
    """How a policy is trained."""

    environment: EnvironmentName
    estimator: EstimatorName
    optimizer: Literal["sgd", "momentum", "adam", "normalized"] | None = Field(
        None,
        description="null: adam, or sgd for a natural direction; normalized: every step has the length "
        "learning_rate",
    )
    learning_rate: Positive | None = Field(None, description="step size α; this or kl")
    kl: Positive | None = Field(
        None,
        description="instead of learning_rate: the step after which KL(π_θ ‖ π_θ'), the mean over the "
        "batch's steps, is this many nats at most (E41)",
    )
    conjugate_gradient: ConjugateGradient | None = Field(
        None, description="of a natural direction; null: iterations 10, residual 0.01, damping 0.001"
    )
    episodes: Count | None = Field(None, description=f"episodes in an update's batch; default {EPISODES}")
    steps: Batch | None = Field(
        None,
        description="instead of episodes: whole episodes until there are so many steps, as in hw2. How many "
        "episodes that are depends on how long they are, which biases a mean over them slightly",
    )
    updates: Count = 100
    reuse: Count = Field(
        1, description="updates from each batch; all but the first are off-policy, by the estimator's weights"
    )
    entropy: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        0.0, description="β: the entropy of π at every step, times β, counts towards J"
    )
    max_gradient_norm: Positive | None = Field(None, description="a longer gradient is cut to this length")
    value_network: ValueNetwork | None = Field(
        None, description="V of the estimator, learned along with the policy; null: its own critic"
    )
    evaluation: Evaluation | None = None
    seeds: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="training seeds; null: the config's; 0: none, only for the study's policies",
    )

    @model_validator(mode="after")
    def _entropy_of_the_own_states(self) -> Self:
        if self.entropy and self.reuse > 1:
            # the bonus is that of the states the policy visits, and an old batch holds another one's
            message = "entropy: found {entropy}; allowed with reuse: {reuse}: 0"
            raise PydanticCustomError("entropy", message, {"entropy": self.entropy, "reuse": self.reuse})
        return self

    @model_validator(mode="after")
    def _one_kind_of_step(self) -> Self:
        given = [name for name in ("learning_rate", "kl") if getattr(self, name) is not None]
        if len(given) != 1:
            found = "both learning_rate and kl" if given else "neither learning_rate nor kl"
            raise PydanticCustomError("step", "found {found}; allowed: one of the two", {"found": found})
        if self.kl is not None and self.optimizer is not None:
            message = "optimizer: found {optimizer} beside kl; allowed: null, as kl decides the whole step"
            raise PydanticCustomError("step", message, {"optimizer": self.optimizer})
        return self

    @model_validator(mode="before")
    @classmethod
    def _one_kind_of_batch(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if given.get("steps") is None:
            return {**given, "episodes": given["episodes"] if given.get("episodes") is not None else EPISODES}
        if given.get("episodes") is not None:
            message = "found both episodes: {episodes} and steps: {steps}; allowed: one of the two"
            raise PydanticCustomError("batch", message, {name: given[name] for name in ("episodes", "steps")})
        return given
